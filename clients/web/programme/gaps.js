/** The gap table: where each skill stands, what would close its gap, what comes first. */

import { addressOf } from "../page/address.js";
import { cell } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { Gap, GapTable } from "../protocol.js" */

const text = words.programme;

/** @param {string} skill */
export const skillAddress = (skill) => addressOf("gap", skill);

/** @param {number | null} value */
export const points = (value) => (value === null ? text.none : value.toFixed(1));

/** @param {GapTable} table */
export function gapSection({ rows }) {
  const told = rows.filter(({ baseline, now }) => baseline !== null || now !== null);
  const rest = rows.filter((row) => !told.includes(row));
  return h(
    "section",
    { class: "gaps", "aria-labelledby": "gaps-title" },
    h("h3", { id: "gaps-title" }, text.where),
    h("p", { class: "aside" }, told.length ? text.whereLead : text.whereNone),
    told.length ? gapTable(told) : null,
    rest.length ? notYet(rest) : null,
    gradesMeaning(),
  );
}

/** @param {Gap[]} rows */
function gapTable(rows) {
  const heads = [text.skill, text.baseline, text.now, text.target, text.closes];
  return h(
    "table",
    { role: "table", class: "gap-table", "aria-labelledby": "gaps-title" },
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", { role: "rowgroup" }, rows.map(gapRow)),
  );
}

/** @param {Gap} row */
function gapRow(row) {
  const { skill, title, baseline, now, target, target_grade: grade, own_target: own, priority, gap, closes } = row;
  const place = priority !== null ? text.priority(priority) : gap === 0 ? text.reached : "";
  return h(
    "tr",
    { role: "row", "data-skill": skill },
    h("th", { scope: "row", role: "rowheader" }, title, place ? h("small", { class: "place" }, place) : null),
    cell(text.baseline, figureLink(row, text.baseline, baseline)),
    cell(text.now, figureLink(row, text.now, now)),
    cell(text.target, h("a", { href: skillAddress(skill), "aria-label": text.opensTarget(title, target, grade) }, `${target}`), " ", h("small", {}, own ? text.own : grade)),
    cell(text.closes, closes),
  );
}

/**
 * A figure, which opens what it rests on.
 *
 * @param {Gap} row
 * @param {string} name
 * @param {number | null} value
 */
function figureLink({ skill, title }, name, value) {
  if (value === null) return h("span", {}, h("span", { "aria-hidden": "true" }, text.none), h("span", { class: "unseen" }, text.noneSaid));
  return h("a", { href: skillAddress(skill), "aria-label": text.opens(title, name, points(value)) }, points(value));
}

/** @param {Gap[]} rows */
function notYet(rows) {
  const items = rows.map(({ skill, title, note }) => h("li", { "data-skill": skill }, h("a", { href: skillAddress(skill) }, title), ": ", note));
  return h("details", { class: "mark-notes" }, h("summary", {}, text.notYet(rows.length)), h("ul", { class: "plain" }, items));
}

export function gradesMeaning() {
  const items = Object.entries(text.grades.said).map(([grade, said]) => h("div", {}, h("dt", {}, grade), h("dd", {}, said)));
  return h("details", { class: "mark-notes" }, h("summary", {}, text.grades.title), h("dl", { class: "grades" }, items));
}
