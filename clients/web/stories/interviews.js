/** Kinds of interview: what the gap table says for the skills of each, its questions and its drills. */

import { addressOf } from "../page/address.js";
import { NotThere } from "../page/record-api.js";
import { actionButton, cell, placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { capital, title as named } from "../ui/format.js";
import { words } from "../words/words.js";
import { getInterviews, getStories } from "./api.js";

/** @import { Page, PlaceView } from "../page/view.js" */
/** @import { PreparedDrill, PreparedQuestion, Readiness, SkillReadiness } from "../protocol.js" */

const text = words.interviews;

/** @type {PlaceView} */
export async function interviewsView() {
  const { interviews } = await getInterviews();
  const item = (/** @type {Readiness} */ { name, title, about, sentence }) =>
    h("li", { "data-interview": name }, h("a", { href: addressOf("interview", name) }, h("b", {}, title)), h("small", {}, about), h("p", {}, sentence));
  return [
    wayBack(addressOf("programme"), words.stories.programme),
    placeTitle(text.title),
    h("p", { class: "lead" }, text.lead),
    h("ol", { class: "stories" }, interviews.map(item)),
  ];
}

/** @type {PlaceView} */
export async function interviewView({ ids: [name = ""] }, page) {
  const [{ interviews }, { stories }] = await Promise.all([getInterviews(), getStories()]);
  const kind = interviews.find((one) => one.name === name);
  if (!kind) throw new NotThere("record", words.record.gone);
  const titles = new Map(stories.map(({ id, story }) => [id, story.title]));
  return [
    wayBack(addressOf("interviews"), text.back),
    placeTitle(kind.title),
    h("p", { class: "aside" }, kind.about),
    h("p", { class: "lead" }, kind.sentence),
    skillTable(kind),
    nextTime(kind),
    h(
      "section",
      { "aria-labelledby": "its-questions" },
      h("h3", { id: "its-questions" }, text.questionsTitle),
      h("ol", { class: "asked-list" }, kind.questions.map((question) => questionItem(question, titles, page))),
    ),
    h(
      "section",
      { "aria-labelledby": "its-drills" },
      h("h3", { id: "its-drills" }, text.drillsTitle),
      h("ol", { class: "asked-list" }, kind.drills.map((drill) => drillItem(drill, page))),
    ),
    h("p", {}, h("a", { href: addressOf("notes") }, text.notes)),
  ];
}

/** @param {Readiness} kind */
function skillTable({ skills }) {
  const heads = [text.skill, text.now, text.target, text.closes].map((name) => h("th", { scope: "col" }, name));
  return h(
    "section",
    { "aria-labelledby": "its-skills" },
    h("h3", { id: "its-skills" }, text.skillsTitle),
    h("table", { role: "table", class: "texts", "aria-labelledby": "its-skills" }, h("thead", {}, h("tr", {}, heads)), h("tbody", { role: "rowgroup" }, skills.map(skillRow))),
  );
}

/** @param {SkillReadiness} skill */
function skillRow({ title, at, is_baseline: isBaseline, target, gap, closes, note }) {
  const now = at === null ? text.none : `${at.toFixed(1)}${isBaseline ? ` (${text.baseline})` : ""}`;
  const cells = [
    [text.now, now],
    [text.target, String(target)],
    [text.closes, gap === null ? note : gap === 0 ? text.reached : closes],
  ];
  return h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, title), cells.map(([name, value]) => cell(name, value)));
}

/** @param {Readiness} kind */
function nextTime({ next_time: next }) {
  if (!next.length) return null;
  return h("section", { "aria-labelledby": "its-next" }, h("h3", { id: "its-next" }, text.nextTitle), h("ul", { class: "questions" }, next.map((one) => h("li", {}, one))));
}

/**
 * @param {PreparedQuestion} question
 * @param {Map<string, string>} titles of stories
 * @param {Page} page
 */
function questionItem({ text: asked, takes, stories }, titles, page) {
  const button = actionButton(text.practise, "question_answer", "quiet", () => page.begin({ purpose: "", question: asked }));
  button.setAttribute("aria-label", text.practiseNamed(asked));
  return h("li", {}, h("span", {}, asked, h("small", {}, text.answered(takes.length, stories.map((id) => titles.get(id) ?? id)))), button);
}

/**
 * @param {PreparedDrill} prepared
 * @param {Page} page
 */
function drillItem({ drill, takes, composure }, page) {
  const name = named(drill.replaceAll("-", "_"));
  const begin = () => page.begin({ purpose: "", question: "", drill: { name: drill, level: page.drills.drill.level } });
  const button = actionButton(text.drill, "drill_begin", "quiet", begin);
  button.setAttribute("aria-label", text.drillNamed(name));
  return h("li", {}, h("span", {}, capital(name), h("small", {}, text.runs(takes.length, composure))), button);
}
