/** Listening to a take again: its words follow the sound, and pressing one plays from there. */

import { h } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { words as texts } from "../words/words.js";

/** @import { TakeSound, Word } from "../protocol.js" */

const text = texts.takes;

/** Keys that move along the words, and by how many. @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/** The sound of a take. One word at a time can be reached with Tab: arrows go to the others. */
export class Replay {
  element;
  #audio;
  #from_s;
  #hint;
  /** @type {HTMLElement[]} */
  #drawn = [];
  /** @type {Word[]} */
  #words = [];
  /** @type {HTMLElement | null} */
  #reached = null;
  /** @type {HTMLElement | null} */
  #heard = null;
  #follows = false;

  /**
   * @param {TakeSound} sound
   * @param {string} address
   */
  constructor({ from_s }, address) {
    this.#from_s = from_s;
    this.#audio = h("audio", { controls: true, preload: "metadata", src: address, "aria-labelledby": "listen-title" });
    this.#hint = h("p", { class: "aside", id: "listen-hint" }, text.listenOnly);
    this.element = h("section", { class: "listen", "aria-labelledby": "listen-title" }, h("h3", { id: "listen-title" }, text.listen), this.#audio, this.#hint);
    this.#audio.addEventListener("error", () => this.#hint.replaceChildren(text.noSound));
    for (const event of ["playing", "seeked"]) this.#audio.addEventListener(event, () => this.#follow());
  }

  /**
   * Let the words of a drawn answer play.
   *
   * @param {Element} answer its words carry `data-word` with their place
   * @param {Word[]} words
   */
  follow(answer, words) {
    const spoken = answer.querySelector(".spoken");
    this.#drawn = [...answer.querySelectorAll("[data-word]")].filter((word) => word instanceof HTMLElement);
    this.#words = words;
    if (!spoken || !this.#drawn.length) return;
    this.#hint.replaceChildren(text.listenWords);
    spoken.classList.add("playable");
    this.#reach(this.#drawn[0]);
    spoken.addEventListener("click", (event) => {
      const word = this.#wordOf(event);
      if (word) this.#play(word);
    });
    spoken.addEventListener("keydown", (event) => this.#pressed(/** @type {KeyboardEvent} */ (event)));
  }

  /** Stop: the take is no longer shown. */
  stop() {
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  /** @param {Event} event */
  #wordOf({ target }) {
    const word = target instanceof Element ? target.closest("[data-word]") : null;
    return word instanceof HTMLElement ? word : null;
  }

  /** @param {HTMLElement} drawn */
  #word(drawn) {
    return this.#words[Number(drawn.dataset.word)];
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const word = this.#wordOf(event);
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (!this.#audio.paused) this.#audio.pause();
      else this.#play(word);
    } else if (Object.hasOwn(STEPS, event.key)) {
      event.preventDefault();
      const place = Math.min(this.#drawn.length - 1, Math.max(0, this.#drawn.indexOf(word) + STEPS[event.key]));
      this.#reach(this.#drawn[place]).focus();
    }
  }

  /**
   * Make a word the one that Tab reaches.
   *
   * @param {HTMLElement} drawn
   */
  #reach(drawn) {
    if (drawn === this.#reached && drawn.hasAttribute("tabindex")) return drawn; // without it for a moment it would lose the focus
    for (const name of ["tabindex", "role", "aria-label", "aria-describedby"]) this.#reached?.removeAttribute(name);
    const { text: said, start_s } = this.#word(drawn);
    const attributes = { tabindex: "0", role: "button", "aria-label": text.playFrom(said, clock(start_s)), "aria-describedby": "listen-hint" };
    for (const [name, value] of Object.entries(attributes)) drawn.setAttribute(name, value);
    this.#reached = drawn;
    return drawn;
  }

  /** @param {HTMLElement} drawn */
  #play(drawn) {
    this.#reach(drawn);
    this.#audio.currentTime = Math.max(0, this.#word(drawn).start_s - this.#from_s);
    this.#audio.play().catch(() => this.#hint.replaceChildren(text.noSound));
  }

  /** Mark the word that is heard, at the frames of the page, for as long as it plays. */
  #follow() {
    this.#mark();
    if (this.#follows || this.#audio.paused) return;
    this.#follows = true;
    const next = () => {
      this.#mark();
      this.#follows = !this.#audio.paused && !this.#audio.ended;
      if (this.#follows) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  #mark() {
    const now_s = this.#audio.currentTime + this.#from_s;
    const heard = this.#drawn.findLast((drawn) => this.#word(drawn).start_s <= now_s + 0.02) ?? null;
    if (heard === this.#heard) return;
    this.#heard?.classList.remove("heard");
    heard?.classList.add("heard");
    this.#heard = heard;
  }
}
