/** Three quiet instruments: each a word and one mark. */

import { at, h, mark, write } from "./dom.js";
import { clock, words } from "./words.js";

const PACE_WPM = [90, 230];
const PITCH_ST = [0, 5];
const SILENCE_FULL_S = 5;

const share = (value, [low, high]) => Math.min(1, Math.max(0, (value - low) / (high - low)));

/** A pace scale: the comfortable zone and a dot; also in the floating window. */
export class PaceScale {
  constructor() {
    this.zone = h("i", { class: "zone" });
    this.dot = h("b", { class: "dot", hidden: true });
    this.element = h("div", { class: "scale", "aria-hidden": "true" }, this.zone, this.dot);
  }

  show(wpm, [slow, fast]) {
    const from = share(slow ?? PACE_WPM[0], PACE_WPM);
    const to = share(fast ?? PACE_WPM[1], PACE_WPM);
    this.zone.style.setProperty("--from", from.toFixed(3));
    this.zone.style.setProperty("--to", to.toFixed(3));
    this.dot.hidden = wpm === null;
    if (wpm !== null) this.dot.style.setProperty("--at", share(wpm, PACE_WPM).toFixed(3));
  }
}

function pace(reading, [slow, fast]) {
  const { pace_wpm: wpm } = reading;
  if (wpm === null) return ["–", words.instruments.unknown];
  const word = wpm < slow ? words.instruments.slow : wpm > fast ? words.instruments.fast : words.instruments.easy;
  return [word, words.instruments.wpm(wpm)];
}

function pause(reading, { limit, alone, muted }) {
  if (muted) return [words.instruments.muted, ""];
  const aside = limit ? words.instruments[alone ? "wrapUp" : "checkIn"](clock(limit)) : "";
  if (reading.silence_s > 0.3) return [words.instruments.silent(reading.silence_s), aside];
  if (reading.stretch_s > 0) return [words.instruments.talking(clock(reading.stretch_s)), aside];
  return [words.instruments.waiting, ""];
}

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
  #rows;

  constructor() {
    this.#rows = {
      pace: row(words.instruments.pace, this.#scale.element),
      pause: row(words.instruments.pause, h("div", { class: "track", "aria-hidden": "true" }, this.#bar)),
      pitch: row(words.instruments.pitch, h("div", { class: "range", "aria-hidden": "true" }, this.#band)),
    };
    at("instruments").replaceChildren(...Object.values(this.#rows).map(({ element }) => element));
    this.clear();
  }

  clear() {
    for (const { word, aside } of Object.values(this.#rows)) {
      write(word, "–");
      write(aside, words.instruments.unknown);
    }
    this.#scale.show(null, [null, null]);
    this.#bar.style.setProperty("--full", "0");
    this.#band.style.setProperty("--full", "0");
  }

  /**
   * `aim(cue)` gives the comfortable range `[low, high]` of a cue, `limit` is the longest stretch of talk, null for none;
   * `alone` is who has no other side, `muted` who isn't there.
   */
  show(reading, aim, { limit, alone, muted }) {
    const [slow, fast] = aim("pace");
    const [flat, lively] = aim("pitch_range");
    this.#say("pace", pace(reading, [slow ?? 0, fast ?? Infinity]));
    this.#say("pause", pause(reading, { limit, alone, muted }));
    this.#say("pitch", pitch(reading, [flat ?? 0, lively ?? Infinity]));
    this.#scale.show(reading.pace_wpm, [slow, fast]);
    const silent = reading.silence_s > 0.3;
    const full = silent ? reading.silence_s / SILENCE_FULL_S : reading.stretch_s / (limit ?? 60);
    mark(this.#bar, "data-kind", silent ? "silence" : "talk");
    this.#bar.style.setProperty("--full", Math.min(1, full).toFixed(3));
    this.#band.style.setProperty("--full", reading.f0_sd_st === null ? "0" : share(reading.f0_sd_st, PITCH_ST).toFixed(3));
  }

  #say(name, [word, aside]) {
    write(this.#rows[name].word, word);
    write(this.#rows[name].aside, aside);
  }
}

function row(name, picture) {
  const word = h("span", { class: "word" });
  const aside = h("small");
  return { word, aside, element: h("div", { class: "instrument" }, h("small", { class: "name" }, name), word, picture, aside) };
}
