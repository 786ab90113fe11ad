/** The question before a person leaves a call of two: leave it alone, or end it for both. */

import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

const text = words.leaving;

export class LeaveDialog {
  #dialog;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {(both: boolean) => void} leave called when the person has chosen
   */
  constructor(dialog, leave) {
    this.#dialog = dialog;
    const button = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {() => void} */ action) => {
      const press = () => {
        dialog.close();
        action();
      };
      return h("button", { type: "button", class: kind, onclick: press }, label);
    };
    const ways = [
      button(text.leave, "primary", () => leave(false)),
      button(text.both, "secondary", () => leave(true)),
      button(text.stay, "secondary", () => {}),
    ];
    dialog.append(h("form", { method: "dialog" }, h("h2", { id: "leaving-title" }, text.title), h("p", {}, text.lead), h("div", { class: "row" }, ways)));
  }

  get open() {
    return this.#dialog.open;
  }

  ask() {
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }
}
