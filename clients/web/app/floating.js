/** The floating window (Document Picture-in-Picture): the stage and the pace beside another program. */

import { PaceScale } from "../session/instruments.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { Stage } from "./stage.js";

/** @import { Settings } from "../page/settings.js" */
/** @import { View } from "../page/view.js" */

const SIZE = { width: 240, height: 120 };

/** Dispatches `change` when it is opened or closed. */
export class FloatingWindow extends EventTarget {
  /** @type {Window | null} */
  window = null;
  #root = h("div", { class: "stage" });
  #stage;
  #pace = new PaceScale();

  /** @param {Settings} settings */
  constructor(settings) {
    super();
    this.#stage = new Stage(this.#root, { settings, act: () => {}, floating: true });
  }

  static get available() {
    return "documentPictureInPicture" in window;
  }

  async toggle() {
    if (this.window) {
      this.window.close();
      return;
    }
    /** @type {Window} */
    const opened = await /** @type {any} */ (window).documentPictureInPicture.requestWindow(SIZE);
    this.window = opened;
    const page = opened.document;
    page.documentElement.lang = document.documentElement.lang;
    page.title = words.name;
    page.body.hidden = true; // nothing is shown without its style
    const show = () => (page.body.hidden = false);
    page.head.append(h("link", { rel: "stylesheet", href: new URL("style.css", document.baseURI).href, onload: show }));
    page.body.className = "float";
    page.body.append(this.#root, this.#pace.element);
    opened.addEventListener("pagehide", () => {
      this.window = null;
      this.dispatchEvent(new Event("change"));
    });
    this.dispatchEvent(new Event("change"));
  }

  /** @param {View} view */
  show(view) {
    this.#stage.show(view);
  }

  /** @param {number} dbfs */
  setLevel(dbfs) {
    if (this.window) this.#stage.setLevel(dbfs);
  }

  /**
   * @param {number | null} wpm
   * @param {[number | null, number | null]} range
   */
  setPace(wpm, range) {
    this.#pace.show(wpm, range);
  }
}
