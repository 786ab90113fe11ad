/** The way out of a call of two, which is asked for: leave it alone, or end it for both. */

import { h } from "./dom.js";
import { words } from "./words.js";

const text = words.leaving;

export class Leaving {
  #dialog;

  /** `leave(both)` is called when the person has said how they want to go. */
  constructor(dialog, leave) {
    this.#dialog = dialog;
    const button = (label, kind, action) => {
      const pressed = () => (dialog.close(), action?.());
      return h("button", { type: "button", class: kind, onclick: pressed }, label);
    };
    const ways = [button(text.leave, "primary", () => leave(false)), button(text.both, "secondary", () => leave(true)), button(text.stay, "secondary")];
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
