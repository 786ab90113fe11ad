/** Two takes side by side: what was measured of both. */

import { takeAddress } from "../page/address.js";
import { measureTexts } from "../summary/measures.js";
import { wordFigures } from "../transcript/review.js";
import { placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { figure } from "../ui/format.js";
import { words } from "../words/words.js";
import { getTake } from "./api.js";
import { about, nameOf } from "./describe.js";

/** @import { Take } from "../protocol.js" */
/** @import { PlaceView } from "../page/view.js" */

const text = words.takes;

/**
 * What was measured of a take, by the name of the measure.
 *
 * @param {Take} take
 * @returns {Map<string, string>}
 */
function measuresOf({ card, exercise, measures, review, word_measures: ofWords }) {
  const counted = ofWords ?? review?.measures;
  const heard = measures ? measureTexts(measures, words.summary.you) : [];
  const taken = new Set(Object.values(words.summary.rows));
  const ofAnswer = (counted ? wordFigures(counted) : []).map(([name, value]) => /** @type {[string, string]} */ ([taken.has(name) ? text.byWords(name) : name, value]));
  return new Map([...scoreOf(words.drills.composure, card?.composure), ...scoreOf(text.score, exercise?.score), ...heard, ...ofAnswer]);
}

/** @type {(name: string, value: number | null | undefined) => [string, string][]} */
const scoreOf = (name, value) => ((value ?? null) === null ? [] : [[name, figure(value ?? 0, words.drills.of)]]);

/** @type {PlaceView} */
export async function compareView({ ids: [left = "", right = ""] }) {
  const pair = await Promise.all([getTake(left), getTake(right)]);
  const [one, other] = pair.map(measuresOf);
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return [
    wayBack("#takes", text.back),
    placeTitle(text.compareTitle),
    h("p", { class: "aside" }, text.compareHint),
    names.length ? table(pair, names, one, other) : h("p", { class: "lead" }, text.compareNone),
  ];
}

/**
 * @param {[Take, Take]} pair
 * @param {string[]} names
 * @param {Map<string, string>} one
 * @param {Map<string, string>} other
 */
function table(pair, names, one, other) {
  const heads = pair.map((take) => h("th", { scope: "col" }, h("a", { href: takeAddress(take.id) }, nameOf(take)), h("small", {}, about(take))));
  const cell = (/** @type {Take} */ take, /** @type {string | undefined} */ value) => h("td", { role: "cell", "data-name": nameOf(take) }, value ?? text.nothing);
  const rows = names.map((name) =>
    h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, name), cell(pair[0], one.get(name)), cell(pair[1], other.get(name))),
  );
  return h(
    "table",
    { role: "table", class: "compared", "aria-labelledby": "place-title" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, text.measure), heads)),
    h("tbody", { role: "rowgroup" }, rows),
  );
}
