/** A chart over weeks: one measure, a dot a take, the target as a band, the baseline as a line, the spread shaded. */

import { svg } from "../ui/elements.js";
import { figure } from "../ui/format.js";
import { words } from "../words/words.js";

/** @import { Point, Series } from "../protocol.js" */

const text = words.programme;

/** Size of the drawing, in its own units; a small one has larger text for its size. */
const SIZES = { small: { width: 360, height: 180 }, large: { width: 640, height: 280 } };
const MARGIN = { left: 44, right: 12, top: 14, bottom: 26 };
const DAY_MS = 86_400_000;
const LEAST_DAYS = 7;
const TICKS = 4;
/** Dots and labels keep this from each other. */
const LABEL = 14;

/**
 * Return the edges of an axis that holds some values, and its ticks, at round figures.
 *
 * @param {number[]} values
 */
export function roundAxis(values) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (high - low < 1e-9) [low, high] = [low - 1, high + 1];
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= rough - 1e-12) ?? 10);
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.ceil(high / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
  return { from, to, ticks };
}

/**
 * @param {Series} series with a point at least
 * @param {keyof typeof SIZES} size
 */
export function chart({ title, unit, points, target_low: low, target_high: high, baseline, spread }, size) {
  const { width, height } = SIZES[size];
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  const ofTen = unit === text.ofTen;
  const known = [...points.map(({ value }) => value), low, high, baseline].filter((value) => value !== null);
  const { from, to, ticks } = ofTen ? roundAxis([0, 10]) : roundAxis(known);
  const times = points.map(({ at }) => Date.parse(at));
  const [first, last] = weeksAround(times);
  const x = (/** @type {number} */ time) => left + ((right - left) * (time - first)) / (last - first);
  const y = (/** @type {number} */ value) => bottom - ((bottom - top) * (Math.min(to, Math.max(from, value)) - from)) / (to - from);
  const band = (/** @type {string} */ name, /** @type {number} */ below, /** @type {number} */ above) =>
    svg("rect", { class: name, x: left, width: right - left, y: y(above), height: Math.max(1, y(below) - y(above)) });
  const newest = points[points.length - 1].value;
  return svg(
    "svg",
    { class: `chart ${size}`, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text.chart(title, points.length, figure(newest, unit)) },
    low === null && high === null ? null : band("target", low ?? from, high ?? to),
    baseline === null || spread.sd === null ? null : band("spread", baseline - spread.sd, baseline + spread.sd),
    ...ticks.flatMap((tick) => [
      svg("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
      svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, tickText(tick, unit)),
    ]),
    ...weekTicks(first, last, (right - left) / (size === "small" ? 70 : 80)).map((time) =>
      svg("text", { x: x(time), y: height - 8, "text-anchor": "middle" }, dayText(time)),
    ),
    baseline === null ? null : svg("line", { class: "baseline", x1: left, x2: right, y1: y(baseline), y2: y(baseline) }),
    ...points.map((point, i) => svg("circle", { class: "dot", cx: x(times[i]).toFixed(1), cy: y(point.value).toFixed(1), r: points.length > 100 ? 2.5 : 4 }, svg("title", {}, pointText(point, unit)))),
    baseline === null ? null : svg("text", { class: "mark", x: right, y: labelY(y(baseline), top), "text-anchor": "end" }, text.legend.baseline),
  );
}

/** @type {(y: number, top: number) => number} */
const labelY = (y, top) => (y - LABEL < top ? y + LABEL : y - 5);

/** @type {(point: Point, unit: string) => string} */
export const pointText = ({ at, value }, unit) => `${dayText(Date.parse(at))}: ${figure(value, unit)}`;

/** @type {(value: number, unit: string) => string} */
const tickText = (value, unit) => (unit === "share" ? `${Math.round(100 * value)} %` : String(value));

/** @param {number} time */
const dayText = (time) => new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short" });

/**
 * Return the edges of the time axis: whole days around the takes, a week at least.
 *
 * @param {number[]} times
 */
function weeksAround(times) {
  const first = Math.min(...times) - DAY_MS / 2;
  const last = Math.max(...times) + DAY_MS / 2;
  return [first, Math.max(last, first + LEAST_DAYS * DAY_MS)];
}

/**
 * Return the times that are named on the axis: as many as there is room for, whole weeks apart.
 *
 * @param {number} first
 * @param {number} last
 * @param {number} most
 */
function weekTicks(first, last, most) {
  const week = LEAST_DAYS * DAY_MS;
  const step = week * Math.max(1, Math.ceil((last - first) / week / Math.max(2, Math.floor(most))));
  const found = [];
  for (let time = first + DAY_MS / 2; time <= last; time += step) found.push(time);
  return found;
}
