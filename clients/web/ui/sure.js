/** The question before something is deleted for good. */

import { actionButton } from "./controls.js";
import { byId, h } from "./elements.js";

export class SureDialog {
  #dialog = byId("sure", HTMLDialogElement);

  get open() {
    return this.#dialog.open;
  }

  /**
   * @param {{ title: string, lead: string, yes: string, no: string }} said
   * @param {() => void} then
   */
  ask({ title, lead, yes, no }, then) {
    const agreed = () => {
      this.#dialog.close();
      then();
    };
    this.#dialog.replaceChildren(
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "sure-title" }, title),
        h("p", {}, lead),
        h("div", { class: "row" }, actionButton(no, "sure_no", "secondary", () => this.#dialog.close()), actionButton(yes, "sure_yes", "primary", agreed)),
      ),
    );
    this.#dialog.showModal();
  }
}
