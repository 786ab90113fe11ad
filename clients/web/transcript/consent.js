/** The question whether words may be recognised, before they are turned on for the first time. */

import { actionButton } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

const text = words.transcript.consent;

export class WordsConsent {
  #dialog;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {() => void} agreed
   */
  constructor(dialog, agreed) {
    this.#dialog = dialog;
    const button = (/** @type {string} */ label, /** @type {string} */ action, /** @type {string} */ kind, /** @type {() => void} */ then) =>
      actionButton(label, action, kind, () => {
        dialog.close();
        then();
      });
    dialog.append(
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "words-title" }, text.title),
        h("p", {}, text.lead),
        h("ul", { class: "facts-list" }, text.facts.map((fact) => h("li", {}, fact))),
        h("div", { class: "row" }, button(text.no, "words_no", "secondary", () => {}), button(text.yes, "words_yes", "primary", agreed)),
      ),
    );
  }

  get open() {
    return this.#dialog.open;
  }

  ask() {
    this.#dialog.showModal();
  }
}
