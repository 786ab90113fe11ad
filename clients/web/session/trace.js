/** The trace of the last 15 seconds: pitch about the speaker's own median, level, pauses, nudges, lost sound. */

import { byId } from "../ui/elements.js";

/** @import { AudioLost, Nudge, Trace as TraceMessage } from "../protocol.js" */
/** @typedef {{ width: number, height: number, x: (time: number) => number }} Frame */

const SPAN_S = 15;
const HOPS_PER_S = 100;
const SLOTS = 2048; // more than SPAN_S of hops, so that a slot is never of two times at once
const RANGE_ST = 12;
const JUMP_ST = 7;
const LEAST_HOPS = 3;
const QUIET_DBFS = -65;
const LOUD_DBFS = -10;
const MOST_BEHIND_S = 0.6; // the picture never lags further behind what has arrived
const CATCH_UP_S = 0.002; // a message

const UNHEARD = 0;
const HEARD = 1;
const LOST = 2;

/** Draws on the canvas `#trace`. Its colours come from the style sheet, so they follow the themes. */
export class Trace {
  #canvas = byId("trace", HTMLCanvasElement);
  #context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
  #f0 = new Float32Array(SLOTS);
  #level = new Float32Array(SLOTS);
  #state = new Uint8Array(SLOTS);
  /** @type {{ time: number, tone: Nudge["tone"] }[]} */
  #marks = [];
  /** @type {Record<string, string>} */
  #colours = {};
  #end = 0;
  #lag = 0; // of the picture: the clock of this page less the stream time that is drawn
  /** @type {number | null} */
  #medianHz = null;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor() {
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.#readColours());
    }
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
    this.clear();
  }

  clear() {
    this.#lag = -Infinity;
    this.#state.fill(UNHEARD);
    this.#marks = [];
    this.#end = 0;
    this.#medianHz = null;
  }

  /**
   * Add the hops of a `trace` message.
   *
   * @param {Pick<TraceMessage, "start_s" | "f0_hz" | "level_dbfs" | "known">} message
   */
  addTrace({ start_s: start, f0_hz: f0, level_dbfs: level, known }) {
    // Batches come a few times a second. For an even flow the picture lags behind by the longest time that it
    // had to go on with what there was.
    const lasted = seconds() - this.#end;
    const first = Math.round(start * HOPS_PER_S);
    this.#skip(first);
    f0.forEach((value, i) => {
      const slot = (first + i) % SLOTS;
      this.#f0[slot] = value;
      this.#level[slot] = level[i];
      this.#state[slot] = known ? HEARD : LOST;
    });
    this.#end = (first + f0.length) / HOPS_PER_S;
    const fresh = seconds() - this.#end;
    this.#lag = Math.min(fresh + MOST_BEHIND_S, Math.max(lasted, this.#lag - CATCH_UP_S));
  }

  /**
   * Add an `audio_lost` message.
   *
   * @param {Pick<AudioLost, "start_s" | "end_s">} message
   */
  addLoss({ start_s: start, end_s: end }) {
    const stop = Math.round(end * HOPS_PER_S);
    this.#skip(stop);
    for (let hop = Math.max(Math.round(start * HOPS_PER_S), stop - SLOTS); hop < stop; hop++) {
      if (this.#state[hop % SLOTS] !== HEARD) this.#state[hop % SLOTS] = LOST;
    }
  }

  /**
   * Mark the hops up to `to` as unknown: a busy server leaves traces out.
   *
   * @param {number} to
   */
  #skip(to) {
    const from = Math.round(this.#end * HOPS_PER_S);
    for (let hop = Math.max(from, to - SLOTS); hop < to; hop++) this.#state[hop % SLOTS] = UNHEARD;
    this.#end = Math.max(this.#end, to / HOPS_PER_S);
  }

  /**
   * Begin at a stream time of which this page has seen nothing.
   *
   * @param {number} at_s
   */
  startAt(at_s) {
    if (this.#end === 0) this.#end = at_s;
  }

  /** Whether any lost sound is in the picture. */
  get lossy() {
    const to = Math.round(this.#end * HOPS_PER_S);
    return !runs(Math.max(0, to - SPAN_S * HOPS_PER_S), to, (hop) => this.#state[hop % SLOTS] === LOST).next().done;
  }

  /** @param {number | null} hz */
  setMedian(hz) {
    if (hz) this.#medianHz = hz;
  }

  /** @param {Pick<Nudge, "at_s" | "tone">} nudge */
  addNudge({ at_s: time, tone }) {
    this.#marks = [...this.#marks.filter((mark) => mark.time > time - 2 * SPAN_S), { time, tone }];
  }

  #readColours() {
    const style = getComputedStyle(this.#canvas);
    for (const name of ["pitch", "level", "usual", "lost", "change", "thanks"]) {
      this.#colours[name] = style.getPropertyValue(`--trace-${name}`).trim();
    }
  }

  #fit() {
    const ratio = Math.min(2, devicePixelRatio);
    this.#canvas.width = Math.round(this.#canvas.clientWidth * ratio);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * ratio);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#readColours();
    this.draw();
  }

  /** Stream time at the right edge: flows evenly; in steps where less motion is asked for. */
  get now() {
    return this.#still.matches ? this.#end : Math.min(this.#end, seconds() - this.#lag);
  }

  /** Draw as of now. */
  draw() {
    const width = this.#canvas.clientWidth;
    const height = this.#canvas.clientHeight;
    const context = this.#context;
    context.clearRect(0, 0, width, height);
    if (!width) return;
    const now = this.now;
    const frame = { width, height, x: (/** @type {number} */ time) => width - ((now - time) / SPAN_S) * width };
    this.#drawUsual(frame);
    const from = Math.max(0, Math.floor((now - SPAN_S) * HOPS_PER_S));
    const to = Math.round(this.#end * HOPS_PER_S);
    this.#drawLost(frame, from, to);
    this.#drawLevel(frame, from, to);
    this.#drawPitch(frame, from, to);
    for (const mark of this.#marks) this.#drawMark(frame, mark);
  }

  /** @param {Frame} frame */
  #drawUsual({ width, height }) {
    const context = this.#context;
    context.strokeStyle = this.#colours.usual;
    context.lineWidth = 1;
    context.setLineDash([2, 6]);
    context.beginPath();
    context.moveTo(0, middle(height));
    context.lineTo(width, middle(height));
    context.stroke();
    context.setLineDash([]);
  }

  /**
   * @param {Frame} frame
   * @param {number} from
   * @param {number} to
   */
  #drawLost({ height, x }, from, to) {
    const context = this.#context;
    context.strokeStyle = this.#colours.lost;
    context.lineWidth = 1;
    for (const [start, stop] of runs(from, to, (hop) => this.#state[hop % SLOTS] === LOST)) {
      const left = x(start / HOPS_PER_S);
      const right = x(stop / HOPS_PER_S);
      context.save();
      context.beginPath();
      context.rect(left, 0, right - left, height);
      context.clip();
      context.beginPath();
      // Lines are fixed to stream time, so that they travel with the sound.
      const offset = left - ((start * 2) % 8);
      for (let at_x = offset - height; at_x < right; at_x += 8) {
        context.moveTo(at_x, height);
        context.lineTo(at_x + height, 0);
      }
      context.stroke();
      context.restore();
    }
  }

  /**
   * @param {Frame} frame
   * @param {number} from
   * @param {number} to
   */
  #drawLevel({ height, x }, from, to) {
    const context = this.#context;
    context.fillStyle = this.#colours.level;
    const tall = (/** @type {number} */ hop) => {
      const share = (this.#level[hop % SLOTS] - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS);
      return Math.min(1, Math.max(0, share)) * height * 0.36;
    };
    for (const [start, stop] of runs(from, to, (hop) => this.#state[hop % SLOTS] === HEARD)) {
      context.beginPath();
      context.moveTo(x(start / HOPS_PER_S), height);
      for (let hop = start; hop < stop; hop += 2) context.lineTo(x(hop / HOPS_PER_S), height - tall(hop));
      context.lineTo(x(stop / HOPS_PER_S), height);
      context.fill();
    }
  }

  /**
   * @param {Frame} frame
   * @param {number} from
   * @param {number} to
   */
  #drawPitch({ height, x }, from, to) {
    if (!this.#medianHz) return;
    const context = this.#context;
    context.strokeStyle = this.#colours.pitch;
    context.lineWidth = 2.5;
    context.lineCap = context.lineJoin = "round";
    const voiced = (/** @type {number} */ hop) =>
      this.#state[hop % SLOTS] === HEARD && this.#f0[hop % SLOTS] > 0 && Math.abs(this.#semitones(hop)) < RANGE_ST;
    context.beginPath();
    for (const [start, stop] of runs(from, to, voiced)) {
      if (stop - start < LEAST_HOPS) continue; // a speck, not a movement
      /** @type {number | null} */
      let last = null;
      for (let hop = start; hop < stop; hop++) {
        const st = this.#semitones(hop);
        const y = middle(height) - (st / RANGE_ST) * height * 0.36;
        if (last === null || Math.abs(st - last) > JUMP_ST) context.moveTo(x(hop / HOPS_PER_S), y);
        else context.lineTo(x(hop / HOPS_PER_S), y);
        last = st;
      }
    }
    context.stroke();
  }

  /** @param {number} hop */
  #semitones(hop) {
    return 12 * Math.log2(this.#f0[hop % SLOTS] / /** @type {number} */ (this.#medianHz));
  }

  /**
   * Draw a nudge as a diamond, thanks as a circle: told by shape as well as by colour.
   *
   * @param {Frame} frame
   * @param {{ time: number, tone: Nudge["tone"] }} mark
   */
  #drawMark({ width, height, x }, { time, tone }) {
    const at_x = x(time);
    if (at_x < -8 || at_x > width + 8) return;
    const context = this.#context;
    context.strokeStyle = context.fillStyle = this.#colours[tone];
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(at_x, 14);
    context.lineTo(at_x, height);
    context.stroke();
    context.beginPath();
    if (tone === "thanks") context.arc(at_x, 8, 5, 0, 2 * Math.PI);
    else for (const [dx, dy] of [[0, 2], [6, 8], [0, 14], [-6, 8]]) context.lineTo(at_x + dx, dy);
    context.fill();
  }
}

const seconds = () => performance.now() / 1000;

/** @param {number} height */
const middle = (height) => height * 0.46;

/**
 * Yield the stretches `[start, stop)` of hops for which `holds` is true.
 *
 * @param {number} from
 * @param {number} to
 * @param {(hop: number) => boolean} holds
 */
function* runs(from, to, holds) {
  /** @type {number | null} */
  let start = null;
  for (let hop = from; hop < to; hop++) {
    if (holds(hop)) start ??= hop;
    else if (start !== null) {
      yield [start, hop];
      start = null;
    }
  }
  if (start !== null) yield [start, to];
}
