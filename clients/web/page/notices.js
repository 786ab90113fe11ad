/** Notices: what is wrong while a session goes on. */

import { announce } from "../ui/announce.js";
import { words } from "../words/words.js";

const BRIEFLY_MS = 10000;

/** Notices about a microphone that isn't heard. */
const ABOUT_SILENCE = ["muted", "silent"];

/** The kinds that hold now; calls `changed` when they do not any more, or others do. */
export class Notices {
  /** @type {Set<string>} */
  #kinds = new Set();
  /** @type {Map<string, number>} */
  #timers = new Map();
  #changed;
  #isMuted;

  /**
   * @param {() => void} changed
   * @param {() => boolean} isMuted whether the page itself has muted the microphone, which needs no notice
   */
  constructor(changed, isMuted) {
    this.#changed = changed;
    this.#isMuted = isMuted;
  }

  get kinds() {
    return [...this.#kinds];
  }

  /** @param {string} kind */
  has(kind) {
    return this.#kinds.has(kind);
  }

  /**
   * @param {string} kind
   * @param {boolean} on
   */
  set(kind, on) {
    if (on === this.#kinds.has(kind) || (on && ABOUT_SILENCE.includes(kind) && this.#isMuted())) return;
    if (on) announce(words.notices[kind], { urgent: true });
    this.#kinds[on ? "add" : "delete"](kind);
    this.#changed();
  }

  /**
   * Show a notice for some seconds.
   *
   * @param {string} kind
   */
  setBriefly(kind) {
    this.set(kind, true);
    clearTimeout(this.#timers.get(kind));
    this.#timers.set(kind, setTimeout(() => this.set(kind, false), BRIEFLY_MS));
  }

  /** Drop those about a microphone that isn't heard, without drawing. */
  dropSilence() {
    for (const kind of ABOUT_SILENCE) this.#kinds.delete(kind);
  }

  clear() {
    this.#kinds.clear();
  }
}
