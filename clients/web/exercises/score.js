/** The score of an exercise: the figure, what it is made of, and one thing to try. */

import { h } from "../ui/elements.js";
import { figure } from "../ui/format.js";
import { words } from "../words/words.js";

/** @import { ExerciseScore, ScorePart } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */

const text = words.exercises;
const REACHED = 0.995;

/** @param {number} score */
export const scoreText = (score) => score.toFixed(1).replace(/\.0$/, "");

/**
 * @param {ExerciseScore} score
 * @returns {Child[]}
 */
export function scoreOf({ score, parts, note, try_next: tryNext }) {
  return [
    score === null ? h("p", { class: "lead" }, note) : null,
    tryNext ? h("p", { class: "next" }, h("small", {}, text.tryNext), h("span", {}, tryNext)) : null,
    parts.length ? madeOf(parts) : null,
  ];
}

/** @param {ScorePart[]} parts */
function madeOf(parts) {
  const head = [text.figure, text.yours, text.target, text.share].map((name) => h("th", { scope: "col" }, name));
  const rows = parts.map((part) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, part.title),
      h("td", {}, valueOf(part)),
      h("td", {}, part.target),
      h("td", {}, part.weight ? text.percent(Math.round(100 * part.weight)) : "–"),
    ),
  );
  return h(
    "section",
    { "aria-labelledby": "made-title" },
    h("h3", { id: "made-title" }, text.made),
    h("div", { class: "scrolled" }, h("table", { class: "made-of" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))),
  );
}

/** @param {ScorePart} part */
function valueOf({ name, value, unit, score, target }) {
  if (value === null) return text.notKnown;
  const shown = name.endsWith("_share") ? text.percent(Math.round(100 * value)) : target === "there" ? (value ? text.yes : text.no) : figure(value, unit);
  return (score ?? 0) >= REACHED ? `${shown}, ${text.reached}` : shown;
}
