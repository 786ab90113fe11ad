/** The same guided takes before and after: differences, their intervals, and what that means. */

import { addressOf, takeAddress } from "../page/address.js";
import { cell, placeTitle, wayBack } from "../ui/controls.js";
import { h, svg } from "../ui/elements.js";
import { words } from "../words/words.js";
import { getValidation } from "./api.js";
import { points } from "./gaps.js";

/** @import { Compared, Validation } from "../protocol.js" */
/** @import { PlaceView } from "../page/view.js" */

const text = words.programme;

/** Points to each side of the drawing of an interval, at least. */
const LEAST_REACH = 2;

/** @type {PlaceView} */
export async function validationView() {
  const result = await getValidation();
  const { sentence, missing, overall, skills } = result;
  const told = [overall, ...skills].filter(({ difference }) => difference !== null);
  const rest = skills.filter(({ difference }) => difference === null);
  return [
    wayBack(addressOf("programme"), text.back),
    placeTitle(text.validation),
    h("p", { class: "lead verdict-of-all" }, sentence),
    missing.length ? h("p", {}, text.validationMissing(missing)) : null,
    ...(told.length ? compared(told, result) : []),
    rest.length && told.length ? h("details", { class: "mark-notes" }, h("summary", {}, text.notYet(rest.length)), h("ul", { class: "plain" }, rest.map((one) => h("li", {}, one.sentence)))) : null,
  ];
}

/**
 * @param {Compared[]} rows
 * @param {Validation} result
 */
function compared(rows, { confidence }) {
  const heads = [text.skill, text.before, text.after, text.difference, text.interval];
  const reach = Math.max(LEAST_REACH, ...rows.flatMap(({ difference, low, high }) => [difference, low, high].map((one) => Math.abs(one ?? 0))));
  return [
    h(
      "table",
      { role: "table", class: "gap-table", "aria-labelledby": "place-title" },
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", { role: "rowgroup" }, rows.map((row) => comparedRow(row, reach))),
    ),
    h("p", { class: "aside" }, text.validationLead(confidence)),
    h(
      "details",
      { class: "mark-notes" },
      h("summary", {}, text.pairs),
      h("ul", { class: "plain" }, rows.map(takesOf)),
    ),
  ];
}

/**
 * @param {Compared} row
 * @param {number} reach points to each side that its interval is drawn in
 */
function comparedRow(row, reach) {
  const { skill, title, before, after, difference, low, high, outcome } = row;
  const between = low === null || high === null ? text.none : text.between(signed(low), signed(high));
  return h(
    "tr",
    { role: "row", "data-skill": skill || "all", "data-outcome": outcome },
    h("th", { scope: "row", role: "rowheader" }, title, h("small", { class: "place" }, text.outcomes[outcome]), interval(row, reach)),
    cell(text.before, points(before)),
    cell(text.after, points(after)),
    cell(text.difference, difference === null ? text.none : signed(difference)),
    cell(text.interval, between),
  );
}

/** @param {number} value */
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

/**
 * The interval around 0, as a line with a dot: it is said in the row, too.
 *
 * @param {Compared} row
 * @param {number} reach
 */
function interval({ difference, low, high }, reach) {
  if (difference === null) return null;
  const x = (/** @type {number} */ value) => (50 + (48 * value) / reach).toFixed(1);
  return svg(
    "svg",
    { class: "interval", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("line", { class: "zero", x1: 50, x2: 50, y1: 0, y2: 8 }),
    low === null || high === null ? null : svg("line", { class: "reach", x1: x(low), x2: x(high), y1: 4, y2: 4 }),
    svg("line", { class: "at", x1: x(difference), x2: x(difference), y1: 1, y2: 7 }),
  );
}

/** @param {Compared} row */
function takesOf({ sentence, tasks, before_takes: before, after_takes: after }) {
  const links = (/** @type {string[]} */ takes) => takes.flatMap((take, i) => [" ", h("a", { href: takeAddress(take) }, text.takeNumber(i + 1))]);
  return h("li", {}, `${sentence} (${tasks.join("; ")}.) ${text.before}:`, ...links(before), `. ${text.after}:`, ...links(after), ".");
}
