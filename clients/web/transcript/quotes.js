/** Showing a quote in the answer: its words are highlighted and scrolled to, and there is a way back. */

import { h } from "../ui/elements.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";

const text = words.transcript;

/** The quotes of one drawn answer: its words carry `data-word` with their place. */
export class Quotes {
  #root;
  /** @type {HTMLElement | null} */
  #asked = null;
  /** @type {HTMLElement | null} */
  #back = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#asked) return;
      event.stopPropagation();
      this.#return();
    });
  }

  /**
   * Return the button that shows a quote, or hides it again.
   *
   * @param {string} quote
   * @param {{ start: number, end: number }} span
   */
  button(quote, span) {
    const press = () => (this.#asked === button ? this.#hide() : this.#show(button, span));
    const button = h("button", { type: "button", class: "quote", "aria-pressed": "false", "aria-label": text.quote(quote), onclick: press }, quote);
    return button;
  }

  /**
   * @param {HTMLElement} button
   * @param {{ start: number, end: number }} span
   */
  #show(button, { start, end }) {
    this.#hide();
    const found = [...this.#root.querySelectorAll("[data-word]")].filter((word) => {
      const place = Number(/** @type {HTMLElement} */ (word).dataset.word);
      return place >= start && place < end;
    });
    if (!found.length) return;
    for (const word of found) word.classList.add("quoted");
    this.#asked = button;
    button.setAttribute("aria-pressed", "true");
    this.#back = h("button", { type: "button", class: "back", "aria-label": text.back, title: text.back, onclick: () => this.#return() }, icon("back"));
    found[found.length - 1].after(this.#back);
    const first = /** @type {HTMLElement} */ (found[0]);
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  }

  #hide() {
    for (const word of this.#root.querySelectorAll(".quoted")) {
      word.classList.remove("quoted");
      word.removeAttribute("tabindex");
    }
    this.#asked?.setAttribute("aria-pressed", "false");
    this.#back?.remove();
    this.#asked = this.#back = null;
  }

  /** Go back to the note that the quote belongs to. */
  #return() {
    const asked = this.#asked;
    this.#hide();
    asked?.focus({ preventScroll: true });
    asked?.scrollIntoView({ block: "center" });
  }
}
