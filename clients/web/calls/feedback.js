/** The interviewer's feedback: ratings and notes, as they are filled in and as the candidate sees them. */

import { h } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { words } from "../words/words.js";

/** @import { Sheet } from "../protocol.js" */
/** @import { Room } from "./room.js" */

const text = words.call;
const NOTES = /** @type {("start" | "stop" | "go_on")[]} */ (Object.keys(text.notes));
const HIGHEST = 10;

/** What the interviewer sees once it is given. */
const given = () => h("section", {}, h("h3", {}, text.feedback), h("p", {}, text.given));

/**
 * What the interviewer sees of it: the form, or that it is given.
 *
 * @param {Room} room
 */
export function feedbackToGive(room) {
  if (room.feedbackGiven) return [given()];
  // What stands above the form may change while it is filled in.
  const above = h(
    "section",
    {},
    h("h3", {}, text.feedback),
    h("p", { class: "aside" }, text.feedbackLead),
    room.shared ? h("p", {}, text.spoke(clock(room.shared.summary.measures[0].speech_s))) : "",
    questions(text.questions, room.questions),
  );
  return [above, room.formOnce("feedback", form)];
}

/** @param {Room} room */
function form(room) {
  const marks = [text.unrated, ...Array.from({ length: HIGHEST }, (_, i) => String(i + 1))];
  const ratings = Object.entries(text.skills).map(([skill, name]) => {
    const field = h("select", { id: `rate-${skill}` }, marks.map((mark, i) => h("option", { value: i }, mark)));
    return { skill, name, field };
  });
  const notes = NOTES.map((name) => ({ name, field: h("textarea", { id: `note-${name}`, rows: 2, maxlength: 2000 }) }));
  for (const { field } of [...ratings, ...notes]) {
    field.value = room.draft[field.id] ?? field.value;
    field.addEventListener("input", () => room.keepDraft(field.id, field.value));
  }
  const give = (/** @type {Event} */ event) => {
    event.preventDefault();
    const rated = ratings.map(({ skill, field }) => [skill, Number(field.value)]).filter(([, mark]) => Number(mark) > 0);
    room.giveFeedback({ ratings: Object.fromEntries(rated), ...Object.fromEntries(notes.map(({ name, field }) => [name, field.value])) });
  };
  return h(
    "form",
    { class: "feedback", onsubmit: give },
    ratings.map(({ skill, name, field }) => h("div", {}, h("label", { class: "legend", for: `rate-${skill}` }, name), field)),
    notes.map(({ name, field }) => h("div", { class: "wide" }, h("label", { class: "legend", for: `note-${name}` }, text.notes[name]), field)),
    h("div", { class: "wide" }, h("button", { class: "secondary" }, text.give)),
  );
}

/**
 * What the candidate sees of it.
 *
 * @param {Sheet} sheet
 */
export function feedbackReceived(sheet) {
  const ratings = Object.entries(sheet.ratings).map(([skill, mark]) =>
    h("div", {}, h("dt", {}, text.skills[skill]), h("dd", {}, `${mark} / ${HIGHEST}`)),
  );
  const notes = NOTES.filter((name) => sheet[name]).map((name) => h("p", {}, h("b", {}, `${text.notes[name]}: `), sheet[name]));
  return h(
    "section",
    {},
    h("h3", {}, text.feedbackGiven),
    h("dl", { class: "facts" }, ratings),
    notes,
    questions(text.questionsGiven, sheet.questions),
  );
}

/**
 * @param {string} name
 * @param {string[]} asked
 */
function questions(name, asked) {
  return asked.length ? h("div", {}, h("small", {}, name), h("ul", {}, asked.map((question) => h("li", {}, question)))) : "";
}
