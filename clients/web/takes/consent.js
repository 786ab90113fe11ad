/** The one question: what may be kept. Asked once, and open from then on to be changed. */

import { actionButton, toggle } from "../ui/controls.js";
import { h, present, setText } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { Kept } from "../protocol.js" */

const text = words.keeping;

/** Nothing may be kept. @returns {Kept} */
export const nothing = () => ({ figures: false, words: false, sound: false });

/** @param {Kept | null} kept */
export const keepsAnything = (kept) => Boolean(kept && text.keepable.some((name) => kept[name]));

/** Calls `chosen` with what may be kept, and whether that holds for takes that are there, too. */
export class KeepDialog {
  #dialog;
  #chosen;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {(kept: Kept, past: boolean) => void} chosen
   */
  constructor(dialog, chosen) {
    this.#dialog = dialog;
    this.#chosen = chosen;
  }

  get open() {
    return this.#dialog.open;
  }

  /**
   * Ask; `before` is what was chosen before, null where nobody was asked.
   *
   * @param {Kept | null} before
   */
  ask(before) {
    const now = { ...(before ?? nothing()) };
    let past = false;
    const yes = actionButton(text.yes(now), "keep_yes", "primary", () => {
      this.#dialog.close();
      this.#chosen(now, past);
    });
    const reduces = h("div", { class: "switches" });
    const turnedOff = () => {
      const off = nothing();
      for (const name of text.keepable) off[name] = Boolean(before?.[name] && !now[name]);
      return off;
    };
    const change = (/** @type {keyof Kept} */ name, /** @type {boolean} */ on) => {
      now[name] = on;
      setText(yes, text.yes(now));
      const lost = turnedOff();
      past = false;
      reduces.replaceChildren(...(keepsAnything(lost) ? [toggle(text.past, text.pastHint(lost), false, (chosen) => (past = chosen))] : []));
    };
    const switches = text.keepable.map((name) => {
      const { name: label, hint } = text.switches[name];
      return toggle(label, hint, now[name], (on) => change(name, on), `keep-${name}`);
    });
    this.#dialog.replaceChildren(
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "keep-title" }, text.title),
        ...present([
          h("p", {}, text.lead),
          h("div", { class: "switches" }, switches),
          reduces,
          h("p", { class: "aside" }, text.own),
          h("div", { class: "row" }, actionButton(before ? text.cancel : text.not, "keep_no", "secondary", () => this.#dialog.close()), yes),
        ]),
      ),
    );
    this.#dialog.showModal();
  }
}
