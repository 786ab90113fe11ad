/** One skill: what its figures rest on, part by part and take by take, and the target for it. */

import { addressOf, takeAddress } from "../page/address.js";
import { NotThere } from "../page/record-api.js";
import { actionButton, cell, labelled, placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { capital, figure, moment } from "../ui/format.js";
import { words } from "../words/words.js";
import { getGaps } from "./api.js";
import { gradesMeaning, points } from "./gaps.js";

/** @import { Gap, PartGap } from "../protocol.js" */
/** @import { Page, PlaceView } from "../page/view.js" */

const text = words.programme;

/** @type {PlaceView} */
export async function skillView({ ids: [skill = ""] }, page) {
  const { rows } = await getGaps();
  const row = rows.find((one) => one.skill === skill);
  if (!row) throw new NotThere("record", words.record.gone);
  const { title, baseline, baseline_takes: first, baseline_parts: before, now, now_takes: newest, parts, spread, note, closes } = row;
  return [
    wayBack(addressOf("programme"), text.back),
    placeTitle(title),
    closes ? h("p", { class: "lead" }, closes) : null,
    note ? h("p", { class: "lead" }, note) : null,
    now === null ? null : figureSection("now", text.nowTitle(points(now)), newest, parts),
    baseline === null ? null : figureSection("baseline", text.baselineTitle(points(baseline)), first, before),
    baseline === null && now === null ? null : h("p", { class: "aside" }, spread.sd === null ? text.spreadNone(spread.repeats) : text.spread(spread.sd, spread.repeats)),
    targetForm(row, page),
    h("p", { class: "aside" }, text.howCounted),
    gradesMeaning(),
    h("div", { class: "row" }, h("a", { class: "secondary", href: addressOf("progress", skill) }, text.progressLink)),
  ];
}

/**
 * A figure with the parts that it is made of.
 *
 * @param {string} id
 * @param {string} heading
 * @param {number} takes
 * @param {PartGap[]} parts
 */
function figureSection(id, heading, takes, parts) {
  const heads = [text.part, text.value, text.target, text.score, text.costs];
  return h(
    "section",
    { class: "evidence", "aria-labelledby": `${id}-title` },
    h("h3", { id: `${id}-title` }, heading),
    h("p", { class: "aside" }, text.rests(takes)),
    h(
      "table",
      { role: "table", "aria-labelledby": `${id}-title` },
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", { role: "rowgroup" }, parts.map(partRow)),
    ),
    takesOf(parts),
  );
}

/** @param {PartGap} part */
function partRow({ title, value, unit, target, grade, score, lost }) {
  return h(
    "tr",
    { role: "row" },
    h("th", { scope: "row", role: "rowheader" }, capital(title)),
    cell(text.value, figure(value, unit)),
    cell(text.target, `${target} (${grade})`),
    cell(text.score, score.toFixed(2)),
    cell(text.costs, text.points(lost)),
  );
}

/**
 * The takes that the parts come from, each with its values.
 *
 * @param {PartGap[]} parts
 */
function takesOf(parts) {
  /** @type {Map<string, { at: string, values: string[] }>} */
  const takes = new Map();
  for (const { evidence } of parts)
    for (const { take, at, title, value, unit } of evidence) {
      if (value === null) continue;
      const { values } = takes.get(take) ?? { values: [] };
      takes.set(take, { at, values: [...values, `${title} ${figure(value, unit)}`] });
    }
  const oldestFirst = [...takes].sort(([, one], [, other]) => Date.parse(one.at) - Date.parse(other.at));
  const items = oldestFirst.map(([take, { at, values }]) => h("li", {}, h("a", { href: takeAddress(take) }, moment(at)), ": ", values.join(", ")));
  return h("details", { class: "mark-notes" }, h("summary", {}, text.takesTitle), h("ul", { class: "plain" }, items));
}

/**
 * @param {Gap} row
 * @param {Page} page
 */
function targetForm({ skill, target, own_target: own, target_grade: grade }, page) {
  const input = h("input", { type: "number", id: "own-target", min: "0", max: "10", step: "0.5", value: String(target), inputmode: "decimal" });
  const set = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const wanted = input.valueAsNumber;
    if (Number.isNaN(wanted) || wanted < 0 || wanted > 10) page.tell(text.targetWrong, "record");
    else page.programme.setTarget(skill, wanted);
  };
  return h(
    "section",
    { "aria-labelledby": "target-title" },
    h("h3", { id: "target-title" }, text.targetTitle),
    h("p", { class: "aside" }, own ? text.targetOwn : text.targetGraded(grade)),
    h(
      "form",
      { class: "own-target", novalidate: true, onsubmit: set },
      labelled("own-target", text.targetLabel, input),
      h("button", { type: "submit", class: "secondary" }, text.targetSave),
      own ? actionButton(text.targetReset, "target_reset", "quiet", () => page.programme.setTarget(skill, null)) : null,
    ),
  );
}
