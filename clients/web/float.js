/** The floating window (Document Picture-in-Picture): stage and pace dot beside another call. */

import { h } from "./dom.js";
import { PaceScale } from "./instruments.js";
import { Stage } from "./stage.js";
import { words } from "./words.js";

const SIZE = { width: 240, height: 120 };

/** Open or closed; dispatches `change` when it becomes the other. */
export class Float extends EventTarget {
  window = null;
  #root = h("div", { class: "stage" });
  #stage = new Stage(this.#root, () => {}, { compact: true });
  #pace = new PaceScale();

  static get available() {
    return "documentPictureInPicture" in window;
  }

  async toggle() {
    if (this.window) return this.window.close();
    const opened = await window.documentPictureInPicture.requestWindow(SIZE);
    this.window = opened;
    const page = opened.document;
    page.documentElement.lang = document.documentElement.lang;
    page.title = words.name;
    page.body.hidden = true; // nothing is shown without its style
    const styled = () => (page.body.hidden = false);
    page.head.append(h("link", { rel: "stylesheet", href: new URL("style.css", document.baseURI).href, onload: styled }));
    page.body.className = "float";
    page.body.append(this.#root, this.#pace.element);
    opened.addEventListener("pagehide", () => {
      this.window = null;
      this.dispatchEvent(new Event("change"));
    });
    this.dispatchEvent(new Event("change"));
  }

  show(view) {
    this.#stage.show(view);
  }

  level(dbfs) {
    if (this.window) this.#stage.level(dbfs);
  }

  pace(wpm, aim) {
    this.#pace.show(wpm, aim);
  }
}
