/** The stage: the one thing to see in each state. The floating window has a second, smaller one. */

import { roomLook } from "../calls/views.js";
import { actionButton } from "../ui/controls.js";
import { present, setText } from "../ui/elements.js";
import { words } from "../words/words.js";
import { VIEWS } from "./views.js";

/** @import { Settings } from "../page/settings.js" */
/** @import { View } from "../page/view.js" */

const QUIET_DBFS = -60;
const LOUD_DBFS = -12;
/** Loudness, of 1, from which on the microphone surely hears somebody. */
const HEARD = 0.3;

/**
 * Return 0..1 for the meter and the sign of life.
 *
 * @param {number} dbfs
 */
function loudness(dbfs) {
  return Math.min(1, Math.max(0, (dbfs - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS)));
}

/** Draws the view of the present state into an element. */
export class Stage {
  #shown = "";
  #loud = 0;
  /** @type {HTMLElement | null} */
  #life = null;
  /** @type {Element | null} */
  #hint = null;
  #silent = false;
  #root;
  #tools;
  #floating;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Settings} options.settings
   * @param {(name: string) => void} options.act called for the buttons
   * @param {boolean} [options.floating] whether it is that of the floating window
   */
  constructor(root, { settings, act, floating = false }) {
    this.#root = root;
    this.#floating = floating;
    const button = (/** @type {string} */ label, /** @type {string} */ action, kind = "primary") => actionButton(label, action, kind, () => act(action));
    this.#tools = { settings, act, button };
  }

  /**
   * Draw what differs from what is shown; the same view twice changes nothing.
   *
   * @param {View} view
   */
  show(view) {
    const { state, nudge, problem, hasLast, permission, profile, drill, room, words: spoken, planned } = view;
    const { stage, floating, live } = VIEWS[state];
    const root = this.#root;
    const look = `${state} ${nudge?.id} ${problem?.id} ${hasLast} ${permission} ${profile} ${drill.look} ${roomLook(room)} ${["ready", "choosing"].includes(state) && `${spoken.on} ${spoken.can} ${planned}`}`;
    if (look !== this.#shown) {
      this.#shown = look;
      root.dataset.look = state;
      root.dataset.tone = ["nudge", "why"].includes(state) ? nudge?.tone : "";
      root.replaceChildren(...present(this.#floating ? floating(view) : stage(view, this.#tools)));
      this.#life = root.querySelector(".life");
      this.#hint = root.querySelector(".hint");
      if (this.#silent) this.setSilent(true);
    }
    const text = root.querySelector("[data-live]");
    if (text) setText(text, live?.(view) ?? "");
  }

  /**
   * Let the sign of life and the meter follow the voice.
   *
   * @param {number} dbfs
   */
  setLevel(dbfs) {
    if (!this.#life) return;
    const target = loudness(dbfs);
    this.#loud += (target - this.#loud) * (target > this.#loud ? 0.5 : 0.15);
    this.#life.style.setProperty("--level", this.#loud.toFixed(3));
    if (this.#hint && this.#loud > HEARD) setText(this.#hint, words.ready.heard);
  }

  /**
   * Say below the meter that nothing is heard, or that it is again.
   *
   * @param {boolean} silent
   */
  setSilent(silent) {
    this.#silent = silent;
    if (this.#hint) setText(this.#hint, silent ? words.ready.silent : words.ready.notYet);
  }
}
