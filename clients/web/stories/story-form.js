/** The form of a story: to add one, and to change one. */

import { nameOf as partName } from "../transcript/answer.js";
import { labelled, select } from "../ui/controls.js";
import { h, setText } from "../ui/elements.js";
import { capital } from "../ui/format.js";
import { words } from "../words/words.js";
import { boxes, line, lines } from "./fields.js";

/** @import { Answered, Stories, Story } from "../protocol.js" */
/** @import { WantedStory } from "./api.js" */

const text = words.stories;

/** Most characters that the server takes. */
const LONGEST = { title: 200, outline: 4000 };

/**
 * @param {Stories} all
 * @param {Story | null} story null for a new one
 * @param {(story: WantedStory) => unknown} save
 */
export function storyForm({ skills, frameworks, questions }, story, save) {
  const title = line("story-title", text.name, story?.title ?? "", { maxlength: String(LONGEST.title), required: true, "aria-describedby": "story-title-hint" });
  let skill = story?.skill ?? skills[0].name;
  let framework = story?.framework ?? "STAR";
  const hint = h("small", { id: "story-framework-hint" });
  const explain = () => setText(hint, text.frameworkHint(frameworks[framework].map(partName)));
  explain();
  const skillField = select("story-skill", skills.map((one) => [one.name, one.title]), skill, (value) => (skill = value));
  const frameworkField = select("story-framework", Object.keys(frameworks).map((name) => [name, capital(name)]), framework, (value) => {
    framework = /** @type {Story["framework"]} */ (value);
    explain();
  });
  frameworkField.setAttribute("aria-describedby", hint.id);
  const outline = lines("story-outline", text.outline, story?.outline ?? "", text.outlineHint, LONGEST.outline);
  const answers = answerBoxes(questions, story?.answers ?? []);
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const wanted = { title: title.input.value.trim(), skill, framework, outline: outline.input.value.trim(), answers: answers.chosen(), best: story?.best ?? "" };
    if (wanted.title) return save(wanted);
    title.input.setCustomValidity(text.untitled);
    return title.input.reportValidity();
  };
  title.input.addEventListener("input", () => title.input.setCustomValidity(""));
  return h(
    "form",
    { class: "edit", onsubmit: submit },
    h("div", {}, title.field, h("small", { id: "story-title-hint" }, text.nameHint)),
    labelled("story-skill", text.skill, skillField),
    h("div", {}, labelled("story-framework", text.framework, frameworkField), hint),
    outline.field,
    answers.field,
    h("div", { class: "row" }, h("button", { type: "submit", class: "secondary" }, text.save)),
  );
}

/**
 * The questions of the bank by kind of interview, each to be chosen.
 *
 * @param {Answered[]} questions
 * @param {string[]} chosen
 */
function answerBoxes(questions, chosen) {
  const styles = [...new Set(questions.map(({ style }) => style))];
  const groups = styles.map((style, i) => {
    const its = questions.filter((question) => question.style === style).map((question) => [question.text, question.text]);
    const group = boxes(`story-answers-${i}`, its, chosen);
    return { ...group, fieldset: h("fieldset", { class: "boxes" }, h("legend", { class: "legend" }, capital(style)), group.fields) };
  });
  const all = () => groups.flatMap((group) => group.chosen());
  const count = h("small", {}, text.answersCount(all().length));
  const field = h(
    "details",
    { class: "mark-notes", onchange: () => setText(count, text.answersCount(all().length)) },
    h("summary", {}, text.answers, " ", count),
    h("div", { class: "groups" }, groups.map(({ fieldset }) => fieldset)),
  );
  return { field, chosen: all };
}
