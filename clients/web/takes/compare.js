/** Two takes side by side: what was measured, and what was said. */

import { takeAddress } from "../page/address.js";
import { measureTexts } from "../summary/measures.js";
import { wordFigures } from "../transcript/review.js";
import { cell, placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { clock, figure } from "../ui/format.js";
import { words } from "../words/words.js";
import { getTake } from "./api.js";
import { bothTexts, saidRows } from "./compare-words.js";
import { about, nameOf } from "./describe.js";

/** @import { Take } from "../protocol.js" */
/** @import { PlaceView } from "../page/view.js" */

/** @typedef {[name: string, one: string | undefined, other: string | undefined]} Row */

const text = words.takes;

/**
 * What was measured of a take, by the name of the measure.
 *
 * @param {Take} take
 * @returns {Map<string, string>}
 */
function measuresOf({ card, duration_s, exercise, measures, review, word_measures: ofWords }) {
  const counted = ofWords ?? review?.measures;
  const heard = measures ? measureTexts(measures, words.summary.you) : [];
  const taken = new Set(Object.values(words.summary.rows));
  const ofAnswer = (counted ? wordFigures(counted) : []).map(([name, value]) => /** @type {[string, string]} */ ([taken.has(name) ? text.byWords(name) : name, value]));
  return new Map([[text.length, clock(duration_s)], ...scoreOf(words.drills.composure, card?.composure), ...scoreOf(text.score, exercise?.score), ...heard, ...ofAnswer]);
}

/** @type {(name: string, value: number | null | undefined) => [string, string][]} */
const scoreOf = (name, value) => ((value ?? null) === null ? [] : [[name, figure(value ?? 0, words.drills.of)]]);

/** @type {PlaceView} */
export async function compareView({ ids: [left = "", right = ""] }) {
  const pair = await Promise.all([getTake(left), getTake(right)]);
  const [one, other] = pair.map(measuresOf);
  const measured = [...new Set([...one.keys(), ...other.keys()])].map((name) => /** @type {Row} */ ([name, one.get(name), other.get(name)]));
  const said = saidRows(pair);
  return [
    wayBack("#takes", text.back),
    placeTitle(text.compareTitle),
    h("p", { class: "aside" }, text.compareHint),
    said.length ? h("h3", { id: "said-title" }, text.compareSaid) : null,
    said.length ? table(pair, "said-title", text.what, said, "compared texts") : null,
    bothTexts(pair),
    h("h3", { id: "measured-title" }, text.compareMeasured),
    table(pair, "measured-title", text.measure, measured, "compared"),
  ];
}

/**
 * @param {[Take, Take]} pair
 * @param {string} titledBy
 * @param {string} first heading of the first column
 * @param {Row[]} rows
 * @param {string} looks class
 */
function table(pair, titledBy, first, rows, looks) {
  const heads = pair.map((take) => h("th", { scope: "col" }, h("a", { href: takeAddress(take.id) }, nameOf(take)), h("small", {}, about(take))));
  const figureOf = (/** @type {Take} */ take, /** @type {string | undefined} */ value) => cell(nameOf(take), value ?? text.nothing);
  const body = rows.map(([name, one, other]) =>
    h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, name), figureOf(pair[0], one), figureOf(pair[1], other)),
  );
  return h(
    "table",
    { role: "table", class: looks, "aria-labelledby": titledBy },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first), heads)),
    h("tbody", { role: "rowgroup" }, body),
  );
}
