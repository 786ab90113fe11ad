/** Scores of an exercise so far: a small picture, a dot a take, and a table behind it. */

import { takeAddress } from "../page/address.js";
import { h, svg } from "../ui/elements.js";
import { moment } from "../ui/format.js";
import { words } from "../words/words.js";
import { scoreText } from "./score.js";

/** @import { ExerciseRun, ExerciseView } from "../protocol.js" */

const text = words.exercises;
const WIDTH = 480;
const HEIGHT = 88;
const EDGE = 12;
const BEST = 10;

/** @param {ExerciseView} view */
export function historyOf({ runs, best }) {
  const scored = runs.filter(({ score }) => score.score !== null).reverse();
  return h(
    "section",
    { class: "history", "aria-labelledby": "history-title" },
    h("h3", { id: "history-title" }, text.history),
    runs.length ? null : h("p", { class: "aside" }, text.noHistory),
    scored.length > 1 ? picture(scored, best ?? 0) : null,
    runs.length ? tableOf(runs, scored.length > 1) : null,
  );
}

/**
 * @param {ExerciseRun[]} scored the oldest first
 * @param {number} best
 */
function picture(scored, best) {
  const points = scored.map(({ score }, place) => ({
    x: EDGE + (place * (WIDTH - 2 * EDGE)) / (scored.length - 1),
    y: HEIGHT - EDGE - ((score.score ?? 0) / BEST) * (HEIGHT - 2 * EDGE),
  }));
  const level = (/** @type {number} */ y) => svg("line", { class: "edge", x1: 0, x2: WIDTH, y1: y, y2: y });
  return svg(
    "svg",
    { class: "scores", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": text.chart(scored.length, scoreText(best)) },
    level(EDGE),
    level(HEIGHT - EDGE),
    svg("polyline", { points: points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ") }),
    ...points.map(({ x, y }) => svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 5 })),
  );
}

/**
 * @param {ExerciseRun[]} runs the newest first
 * @param {boolean} folded
 */
function tableOf(runs, folded) {
  const rows = runs.map(({ take, at, score: { score, note } }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("a", { href: takeAddress(take) }, moment(at))),
      h("td", {}, score === null ? h("span", { title: note }, text.noScore) : text.score(scoreText(score))),
    ),
  );
  const table = h(
    "table",
    {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, text.when), h("th", { scope: "col" }, text.scoreColumn))),
    h("tbody", {}, rows),
  );
  return folded ? h("details", {}, h("summary", {}, text.historyTable), table) : table;
}
