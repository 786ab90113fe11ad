/** Short messages: read out by screen readers, and shown for as long as reading them takes. */

import { byId, h } from "./elements.js";

/** By then a screen reader has read what was added to its region. */
const READ_OUT_MS = 1000;
const READ_MS = 3000;
const CHARACTER_MS = 60;

/**
 * Have screen readers read a sentence; `urgent` interrupts what is being read. Sentences are added to their region, so
 * that one that follows at once does not replace one that was not read yet; the last one stays.
 *
 * @param {string} text
 * @param {{ urgent?: boolean }} [options]
 */
export function announce(text, { urgent = false } = {}) {
  const region = byId(urgent ? "urgent" : "polite");
  const before = [...region.children];
  region.append(h("p", {}, text));
  setTimeout(() => before.forEach((old) => old.remove()), READ_OUT_MS);
}

/**
 * Lines in an element of their own. Each stays as long as reading it takes, or `least_ms` if that is longer; several
 * are shown at once. A new line about the same thing replaces the line before.
 */
export class TimedLines {
  #root;
  /** @type {Map<string, { element: HTMLElement, timer: number | undefined }>} */
  #rows = new Map();

  /** @param {Element} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} text
   * @param {{ about?: string, least_ms?: number }} [options]
   */
  show(text, { about = text, least_ms = 0 } = {}) {
    const line = this.#rows.get(about) ?? { element: h("p"), timer: undefined };
    clearTimeout(line.timer);
    line.element.textContent = text;
    this.#root.append(line.element);
    line.timer = setTimeout(() => this.#remove(about), Math.max(least_ms, READ_MS + CHARACTER_MS * text.length));
    this.#rows.set(about, line);
  }

  clear() {
    for (const about of [...this.#rows.keys()]) this.#remove(about);
  }

  /** @param {string} about */
  #remove(about) {
    const line = this.#rows.get(about);
    clearTimeout(line?.timer);
    line?.element.remove();
    this.#rows.delete(about);
  }
}
