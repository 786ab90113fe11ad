/** Pitch of statements in one picture: in semitones against each one's own median, their ends together and marked. */

import { h, svg } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { PitchCurve } from "../protocol.js" */
/** @typedef {{ curve: PitchCurve, voice: "own" | "packaged" }} Drawn */

const STEP_S = 0.01;
const WIDTH = 600;
const HEIGHT = 220;
const EDGE = 24;
const LEAST_SPAN_S = 1.5;
const LEAST_REACH_ST = 6;
const MOST_REACH_ST = 12;
const JUMP_ST = 7;
const LEAST_HOPS = 3;

/**
 * Return a figure of curves, each with a line of its own: dashes for the packaged voice, a thick line for the person.
 *
 * @param {Drawn[]} drawn
 */
export function pitchPicture(drawn) {
  const there = drawn.filter(({ curve }) => curve.pitch_st.length);
  const text = words.pitch;
  const span = Math.max(LEAST_SPAN_S, ...there.map(({ curve }) => curve.pitch_st.length * STEP_S));
  const heights = there.flatMap(({ curve }) => curve.pitch_st.map((st) => Math.abs(st ?? 0)));
  const reach = Math.min(MOST_REACH_ST, Math.max(LEAST_REACH_ST, ...heights));
  const place = {
    x: (/** @type {number} */ beforeEnd) => WIDTH - EDGE - (beforeEnd / span) * (WIDTH - 2 * EDGE),
    y: (/** @type {number} */ st) => HEIGHT / 2 - (Math.max(-reach, Math.min(reach, st)) / reach) * (HEIGHT / 2 - EDGE),
  };
  const described = there.map(({ curve, voice }) => text.told(voice, curve.fall_st)).join(" ");
  return h(
    "figure",
    { class: "pitch-picture" },
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${text.title} ${described}` },
      svg("line", { class: "usual", x1: EDGE, x2: WIDTH - EDGE, y1: place.y(0), y2: place.y(0) }),
      ...there.flatMap((one) => lines(one, place)),
    ),
    h(
      "figcaption",
      {},
      ...there.map(({ voice }) => h("span", { class: `pitch-key ${voice}` }, text.voice[voice])),
      h("span", { class: "pitch-key usual" }, text.usual),
    ),
  );
}

/**
 * @param {Drawn} drawn
 * @param {{ x: (beforeEnd: number) => number, y: (st: number) => number }} place
 */
function lines({ curve, voice }, { x, y }) {
  const last = lastVoiced(curve.pitch_st);
  const points = curve.pitch_st.map((st, hop) => (st === null ? null : [x((last - hop) * STEP_S), y(st), st]));
  const drawn = runs(points).map((run) =>
    svg("polyline", { class: `pitch ${voice}`, points: run.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(" ") }),
  );
  const end = points[last];
  const mark = end ? svg("circle", { class: `end ${voice}`, cx: end[0].toFixed(1), cy: end[1].toFixed(1), r: voice === "own" ? 8 : 6 }) : null;
  return mark ? [...drawn, mark] : drawn;
}

/** @param {(number | null)[]} pitch */
function lastVoiced(pitch) {
  for (let hop = pitch.length - 1; hop >= 0; hop--) if (pitch[hop] !== null) return hop;
  return 0;
}

/**
 * Cut points into runs, at what is unvoiced and at jumps; specks are left out.
 *
 * @param {(number[] | null)[]} points
 */
function runs(points) {
  /** @type {number[][][]} */
  const found = [];
  /** @type {number[] | null} */
  let before = null;
  for (const point of points) {
    if (point) {
      if (before && Math.abs(point[2] - before[2]) <= JUMP_ST) found[found.length - 1].push(point);
      else found.push([point]);
    }
    before = point;
  }
  return found.filter((run) => run.length >= LEAST_HOPS);
}
