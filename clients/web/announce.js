/** What is said in passing: read out by screen readers, shown for as long as reading takes, and felt. */

import { at, h } from "./dom.js";

/** By then a screen reader has taken up what was added to its region. */
const TAKEN_UP_MS = 1000;
const READ_MS = 3000;
const CHARACTER_MS = 60;

/**
 * Say a sentence to screen readers: `urgent` interrupts what is being read. Each is added to its region, so that one
 * which follows at once does not take the place of one that nobody has read yet; the last one stays.
 */
export function announce(text, { urgent = false } = {}) {
  const region = at(urgent ? "urgent" : "polite");
  const before = [...region.children];
  region.append(h("p", {}, text));
  setTimeout(() => before.forEach((old) => old.remove()), TAKEN_UP_MS);
}

/**
 * Lines of text in a place of their own, which nothing else draws: each stays as long as reading it takes, or
 * `milliseconds` if that is longer, and several are there beside each other. A new text about the same thing
 * takes the place of the one before.
 */
export class Passing {
  #root;
  #rows = new Map();

  constructor(root) {
    this.#root = root;
  }

  say(text, { about = text, milliseconds = 0 } = {}) {
    const row = this.#rows.get(about) ?? { element: h("p"), timer: null };
    clearTimeout(row.timer);
    row.element.textContent = text;
    this.#root.append(row.element);
    row.timer = setTimeout(() => this.#remove(about), Math.max(milliseconds, READ_MS + CHARACTER_MS * text.length));
    this.#rows.set(about, row);
  }

  clear() {
    for (const about of [...this.#rows.keys()]) this.#remove(about);
  }

  #remove(about) {
    const { element, timer } = this.#rows.get(about);
    clearTimeout(timer);
    element.remove();
    this.#rows.delete(about);
  }
}

/** A nudge, felt and heard as the settings say. */
export function feel(settings, microphone) {
  if (settings.tick) microphone.tick();
  if (settings.vibrate) navigator.vibrate?.(60);
}
