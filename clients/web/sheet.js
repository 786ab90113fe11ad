/** The interviewer's sheet: marks and notes, as they are filled in and as the candidate sees them. */

import { h } from "./dom.js";
import { clock, words } from "./words.js";

const text = words.room;

export const sheetGiven = () => h("section", {}, h("h3", {}, text.sheet), h("p", {}, text.given));

/** What stands above the form, which may change while it is filled in. */
export function sheetAbove(room) {
  return [
    h("h3", {}, text.sheet),
    h("p", { class: "aside" }, text.sheetLead),
    room.shared ? h("p", {}, text.spoke(clock(room.shared.summary.measures[0].speech_s))) : "",
    asked(text.questions, room.questions),
  ];
}

export function sheetForm(room) {
  const marks = [text.unrated, ...Array.from({ length: 10 }, (_, at) => String(at + 1))];
  const skills = Object.entries(text.skills).map(([skill, name]) => [
    skill,
    h("select", { id: `rate-${skill}` }, marks.map((mark, at) => h("option", { value: at }, mark))),
    name,
  ]);
  const notes = ["start", "stop", "go_on"].map((name) => [name, h("textarea", { id: `note-${name}`, rows: 2, maxlength: 2000 })]);
  for (const [, field] of [...skills, ...notes]) {
    field.value = room.draft[field.id] ?? field.value;
    field.addEventListener("input", () => room.write(field.id, field.value));
  }
  const give = (event) => {
    event.preventDefault();
    const rated = skills.map(([skill, field]) => [skill, Number(field.value)]).filter(([, mark]) => mark > 0);
    room.give({ ratings: Object.fromEntries(rated), ...Object.fromEntries(notes.map(([name, field]) => [name, field.value])) });
  };
  return h(
    "form",
    { class: "sheet", onsubmit: give },
    skills.map(([skill, field, name]) => h("div", {}, h("label", { class: "legend", for: `rate-${skill}` }, name), field)),
    notes.map(([name, field]) => h("div", { class: "wide" }, h("label", { class: "legend", for: `note-${name}` }, text[name]), field)),
    h("div", { class: "wide" }, h("button", { class: "secondary" }, text.give)),
  );
}

export function sheetShown({ ratings, questions, ...notes }) {
  return h(
    "section",
    {},
    h("h3", {}, text.sheetGiven),
    h("dl", { class: "facts" }, Object.entries(ratings).map(([skill, mark]) => h("div", {}, h("dt", {}, text.skills[skill]), h("dd", {}, `${mark} / 10`)))),
    ["start", "stop", "go_on"].filter((name) => notes[name]).map((name) => h("p", {}, h("b", {}, `${text[name]}: `), notes[name])),
    asked(text.questionsGiven, questions),
  );
}

function asked(name, questions) {
  return questions.length ? h("div", {}, h("small", {}, name), h("ul", {}, questions.map((one) => h("li", {}, one)))) : "";
}
