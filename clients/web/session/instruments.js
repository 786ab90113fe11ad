/** The three instruments: each a word and one mark. */

import { byId, h, setAttribute, setText } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { words } from "../words/words.js";

/** @import { Reading } from "../protocol.js" */
/** @typedef {[number | null, number | null]} Range comfortable range, null where it has no such end */
/** @typedef {{ limit: number | null, alone: boolean, muted: boolean }} Situation longest stretch of talk, null for none; whether
 *    there is no other side; whether the speaker is muted */

/** @type {[number, number]} */
const PACE_WPM = [90, 230];
/** @type {[number, number]} */
const PITCH_ST = [0, 5];
const SILENCE_FULL_S = 5;
/** Shorter silences are not shown: they lie between words. */
const LEAST_SILENCE_S = 0.3;

/**
 * @param {number} value
 * @param {[number, number]} range
 */
const share = (value, [low, high]) => Math.min(1, Math.max(0, (value - low) / (high - low)));

/** A pace scale: the comfortable zone and a dot; also in the floating window. */
export class PaceScale {
  constructor() {
    this.zone = h("i", { class: "zone" });
    this.dot = h("b", { class: "dot", hidden: true });
    this.element = h("div", { class: "scale", "aria-hidden": "true" }, this.zone, this.dot);
  }

  /**
   * @param {number | null} wpm
   * @param {Range} range
   */
  show(wpm, [slow, fast]) {
    const from = share(slow ?? PACE_WPM[0], PACE_WPM);
    const to = share(fast ?? PACE_WPM[1], PACE_WPM);
    this.zone.style.setProperty("--from", from.toFixed(3));
    this.zone.style.setProperty("--to", to.toFixed(3));
    this.dot.hidden = wpm === null;
    if (wpm !== null) this.dot.style.setProperty("--at", share(wpm, PACE_WPM).toFixed(3));
  }
}

/**
 * @param {Reading} reading
 * @param {[number, number]} range
 * @returns {[string, string]}
 */
function pace(reading, [slow, fast]) {
  const { pace_wpm: wpm } = reading;
  if (wpm === null) return ["–", words.instruments.unknown];
  const word = wpm < slow ? words.instruments.slow : wpm > fast ? words.instruments.fast : words.instruments.easy;
  return [word, words.instruments.wpm(wpm)];
}

/**
 * Return how long the speaker has talked since the other side was offered the floor, by a silence or in words.
 *
 * @param {Reading} reading
 */
const withoutOffer = (reading) => reading.since_check_in_s ?? reading.stretch_s;

/**
 * @param {Reading} reading
 * @param {Situation} situation
 * @returns {[string, string]}
 */
function pause(reading, { limit, alone, muted }) {
  if (muted) return [words.instruments.muted, ""];
  const by = alone ? "wrapUp" : reading.since_check_in_s === null ? "checkIn" : "checkInAgain";
  const aside = limit ? words.instruments[by](clock(limit)) : "";
  if (reading.silence_s > LEAST_SILENCE_S) return [words.instruments.silent(reading.silence_s), aside];
  if (reading.stretch_s > 0) return [words.instruments.talking(clock(withoutOffer(reading))), aside];
  return [words.instruments.waiting, ""];
}

/**
 * @param {Reading} reading
 * @param {[number, number]} range
 * @returns {[string, string]}
 */
function pitch(reading, [flat, lively]) {
  const { f0_sd_st: range } = reading;
  if (range === null) return ["–", words.instruments.unknown];
  const word = range < flat ? words.instruments.flat : range > lively ? words.instruments.lively : words.instruments.even;
  return [word, words.instruments.semitones(range)];
}

/** The row beneath the stage. */
export class Instruments {
  #scale = new PaceScale();
  #bar = h("b", { class: "bar" });
  #band = h("b", { class: "band" });
  /** @type {Record<string, ReturnType<typeof instrument>>} */
  #rows;

  constructor() {
    this.#rows = {
      pace: instrument(words.instruments.pace, this.#scale.element),
      pause: instrument(words.instruments.pause, h("div", { class: "track", "aria-hidden": "true" }, this.#bar)),
      pitch: instrument(words.instruments.pitch, h("div", { class: "range", "aria-hidden": "true" }, this.#band)),
    };
    byId("instruments").replaceChildren(...Object.values(this.#rows).map(({ element }) => element));
    this.clear();
  }

  clear() {
    for (const { word, aside } of Object.values(this.#rows)) {
      setText(word, "–");
      setText(aside, words.instruments.unknown);
    }
    this.#scale.show(null, [null, null]);
    this.#bar.style.setProperty("--full", "0");
    this.#band.style.setProperty("--full", "0");
  }

  /**
   * Show a reading; `target(cue)` returns the comfortable range of a cue.
   *
   * @param {Reading} reading
   * @param {(cue: string) => Range} target
   * @param {Situation} situation
   */
  show(reading, target, { limit, alone, muted }) {
    const [slow, fast] = target("pace");
    const [flat, lively] = target("pitch_range");
    this.#write("pace", pace(reading, [slow ?? 0, fast ?? Infinity]));
    this.#write("pause", pause(reading, { limit, alone, muted }));
    this.#write("pitch", pitch(reading, [flat ?? 0, lively ?? Infinity]));
    this.#scale.show(reading.pace_wpm, [slow, fast]);
    const silent = reading.silence_s > LEAST_SILENCE_S;
    const full = silent ? reading.silence_s / SILENCE_FULL_S : withoutOffer(reading) / (limit ?? 60);
    setAttribute(this.#bar, "data-kind", silent ? "silence" : "talk");
    this.#bar.style.setProperty("--full", Math.min(1, full).toFixed(3));
    this.#band.style.setProperty("--full", reading.f0_sd_st === null ? "0" : share(reading.f0_sd_st, PITCH_ST).toFixed(3));
  }

  /**
   * @param {string} name
   * @param {[string, string]} texts
   */
  #write(name, [word, aside]) {
    setText(this.#rows[name].word, word);
    setText(this.#rows[name].aside, aside);
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} picture
 */
function instrument(name, picture) {
  const word = h("span", { class: "word" });
  const aside = h("small");
  return { word, aside, element: h("div", { class: "instrument" }, h("small", { class: "name" }, name), word, picture, aside) };
}
