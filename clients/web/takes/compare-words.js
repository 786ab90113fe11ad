/** What was said in two takes, side by side: the parts found, the fillers, and both texts. */

import { answerText, nameOf as partName } from "../transcript/answer.js";
import { quoted } from "../transcript/runs.js";
import { h } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { words } from "../words/words.js";
import { about, nameOf } from "./describe.js";

/** @import { AnswerReview, Take } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */

const text = words.takes;

/**
 * Rows of the table of what was said: the name of each, and its text in both takes; none where neither has any.
 *
 * @param {[Take, Take]} pair
 * @returns {[string, string, string][]}
 */
export function saidRows(pair) {
  const [one, other] = pair.map(partsOf);
  const parts = [...new Set([...one.keys(), ...other.keys()])];
  const rows = parts.map((part) => row(partName(part), one.get(part), other.get(part)));
  const [few, many] = pair.map(({ review }) => (review ? fillersOf(review) : undefined));
  return few === undefined && many === undefined ? rows : [...rows, row(text.fillers, few, many)];
}

/** @type {(name: string, one: string | undefined, other: string | undefined) => [string, string, string]} */
const row = (name, one, other) => [name, one ?? text.nothing, other ?? text.nothing];

/**
 * Where each part of an answer came, with its words where they were kept.
 *
 * @param {Take} take
 * @returns {Map<string, string>}
 */
function partsOf({ parts, review }) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const span of review?.parts ?? []) {
    const words = /** @type {AnswerReview} */ (review).words;
    const said = `${clock(words[span.start].start_s)} ${quoted(words, span)}`;
    if (!found.has(span.part)) found.set(span.part, text.part(span, said));
  }
  for (const part of parts) if (!found.has(part.part)) found.set(part.part, text.part(part, clock(part.start_s)));
  for (const name of found.keys()) if (!partName(name)) found.delete(name);
  return found;
}

/**
 * The fillers of an answer, each with how often it came, the most frequent first.
 *
 * @param {AnswerReview} review
 */
function fillersOf({ words: said, marks }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { kind, start, end } of marks) {
    if (kind !== "filler") continue;
    const name = said
      .slice(start, end)
      .map((word) => word.text)
      .join(" ")
      .toLowerCase()
      .replace(/[.,;:!?]+$/, "");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const all = [...counts].sort(([, one], [, other]) => other - one);
  return all.map(([name, count]) => text.times(name, count)).join(", ") || text.none;
}

/**
 * Return both texts beside each other where both were kept.
 *
 * @param {[Take, Take]} pair
 * @returns {Child}
 */
export function bothTexts(pair) {
  if (!pair.every(({ review }) => review)) return null;
  const side = (/** @type {Take} */ take, /** @type {number} */ place) =>
    h(
      "article",
      { "aria-labelledby": `side-${place}` },
      h("h4", { id: `side-${place}` }, nameOf(take), h("small", {}, about(take))),
      ...answerText(/** @type {AnswerReview} */ (take.review), take.nudges),
    );
  return h("section", { "aria-labelledby": "texts-title" }, h("h3", { id: "texts-title" }, text.bothTexts), h("div", { class: "side-by-side" }, pair.map(side)));
}
