/** The talk that is shadowed, in the place of its exercise: choosing it, listening to it, noting three techniques. */

import { SharedSound } from "../calls/shared-sound.js";
import { Problem, asProblem } from "../page/problem.js";
import { actionButton, notice, row } from "../ui/controls.js";
import { h, present } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { announce } from "../ui/announce.js";
import { words } from "../words/words.js";
import { HeardTalk } from "./heard-talk.js";
import { LEAST_SPEECH_S } from "./shadowed.js";

/** @import { Page, PlaceVisit } from "../page/view.js" */
/** @import { Shadowed } from "./shadowed.js" */

const text = words.shadowing;
const TECHNIQUES = 3;
const TICK_MS = 500;

/** One talk, from choosing it to its figures. */
export class Talk {
  element = h("section", { class: "talk", "aria-labelledby": "talk-title" });
  #page;
  #visit;
  #body = h("div", { class: "talk-body", role: "status" });
  #inputs = Array.from({ length: TECHNIQUES }, (_, place) => h("input", { type: "text", id: `technique-${place + 1}`, maxlength: 300, autocomplete: "off" }));
  #file = h("input", { type: "file", accept: "audio/*,video/*", hidden: true, "aria-label": text.open });
  /** @type {HeardTalk | null} */
  #heard = null;
  /** @type {Shadowed["measures"]} */
  #measures = null;
  #said = "";
  #wrong = false;
  #began = 0;
  #ticker = 0;

  /**
   * @param {Page} page
   * @param {PlaceVisit} visit
   */
  constructor(page, visit) {
    this.#page = page;
    this.#visit = visit;
    this.#file.addEventListener("change", () => {
      const [file] = this.#file.files ?? [];
      this.#file.value = "";
      if (file) this.#listen(() => HeardTalk.ofFile(file));
    });
    this.element.append(
      h("h3", { id: "talk-title" }, text.title),
      h("p", {}, text.lead),
      this.#file,
      this.#body,
      h("fieldset", { class: "techniques" }, h("legend", {}, text.techniques), h("p", { class: "aside" }, text.techniquesLead), this.#inputs.map((input, place) => h("div", {}, h("label", { class: "legend", for: input.id }, text.technique(place + 1)), input))),
    );
    visit.onLeave(() => this.#close());
    this.#draw();
  }

  /** Stop listening, and return what is known of the talk; null where there was none and nothing was noted. */
  async end() {
    if (this.#heard) await this.#enough();
    const techniques = this.#inputs.map(({ value }) => value.trim()).filter(Boolean);
    return this.#measures || techniques.length ? { measures: this.#measures, techniques } : null;
  }

  /** @param {() => Promise<HeardTalk | null>} choose */
  async #listen(choose) {
    this.#measures = null;
    this.#say(text.starting);
    /** @type {HeardTalk | null} */
    let heard = null;
    try {
      heard = await choose();
      if (!heard || !this.#visit.current) {
        heard?.close();
        return this.#say("");
      }
      await heard.begin(this.#page.config.ice_servers);
    } catch (error) {
      heard?.close();
      return this.#say(sentenceOf(error), true);
    }
    if (!this.#visit.current) return heard.close();
    heard.addEventListener("over", () => heard === this.#heard && this.#enough());
    heard.addEventListener("lost", () => heard === this.#heard && this.#lost());
    this.#heard = heard;
    this.#began = performance.now();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#draw();
    this.element.querySelector("button")?.focus();
    return undefined;
  }

  async #shareTab() {
    const stream = await SharedSound.pick();
    if (!stream) return null;
    if (stream.getAudioTracks().length) return HeardTalk.ofTab(stream);
    throw new Problem("silent_tab");
  }

  async #enough() {
    const heard = this.#heard;
    if (!heard) return;
    this.#heard = null;
    clearInterval(this.#ticker);
    this.#say(text.starting);
    const measures = await heard.end();
    this.#measures = measures && measures.speech_s >= LEAST_SPEECH_S ? measures : null;
    this.#say(this.#measures ? text.measured : text.unmeasured);
  }

  #lost() {
    this.#close();
    this.#say(text.lost, true);
  }

  #close() {
    clearInterval(this.#ticker);
    this.#heard?.close();
    this.#heard = null;
  }

  /**
   * @param {string} said
   * @param {boolean} [wrong] whether something went wrong
   */
  #say(said, wrong = false) {
    this.#said = said;
    this.#wrong = wrong;
    if (said) announce(said);
    if (this.#visit.current) this.#draw();
  }

  #tick() {
    const time = this.element.querySelector(".talk-time");
    time?.replaceChildren(text.listening(clock((performance.now() - this.#began) / 1000)));
  }

  #draw() {
    if (this.#heard) {
      this.#body.replaceChildren(
        h("p", { class: "lead talk-time", role: "timer", "aria-live": "off" }, text.listening(clock(0))),
        row(actionButton(text.enough, "talk_enough", "secondary", () => this.#enough())),
      );
      return;
    }
    const choosing = this.#said === text.starting;
    this.#body.replaceChildren(
      ...present([
        this.#said && (this.#wrong ? notice(this.#said) : h("p", { class: "aside" }, this.#said)),
        choosing
          ? null
          : row(
              actionButton(text.open, "talk_open", "secondary", () => this.#file.click()),
              SharedSound.available && actionButton(text.share, "talk_share", "secondary", () => this.#listen(() => this.#shareTab())),
            ),
      ]),
    );
  }
}

/** @param {unknown} error */
function sentenceOf(error) {
  const { id, detail, retryAfter } = asProblem(error);
  const { title, text: said } = words.problems[id];
  return `${title}. ${typeof said === "function" ? said(detail, retryAfter) : said}`;
}
