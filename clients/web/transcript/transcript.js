/** Words: the switch, what the server says about recognising them, and the question that is being answered. */

import { announce } from "../ui/announce.js";
import { byId, h, setText } from "../ui/elements.js";
import { words as texts } from "../words/words.js";
import { WordsConsent } from "./consent.js";
import { updateSwitches } from "./switch.js";

/** @import { Configuration } from "../page/config.js" */
/** @import { Feature, Page, WordsView } from "../page/view.js" */
/** @import { Hello, PartialWords, Words, WordsState } from "../protocol.js" */

const text = texts.transcript;

/** Words that the quiet line shows. */
const LINE_WORDS = 8;
/** Characters of a question that the server takes. */
const LONGEST_QUESTION = 500;

/** @implements {Feature} */
export class Transcript {
  /** What the server said last. @type {Pick<WordsState, "mode" | "why">} */
  #state = { mode: "off", why: "" };
  /** Whether the server recognises words; null before it has said so. @type {boolean | null} */
  #can = null;
  #page;
  #consent;
  #host = "";
  #agreed = false;
  #question = "";
  /** Words of the quiet line that are final. @type {string[]} */
  #said = [];

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    this.#consent = new WordsConsent(byId("words-consent", HTMLDialogElement), () => this.#consented());
  }

  actions = {
    words: () => this.toggle(),
  };

  messages = {
    hello: (/** @type {Hello} */ message) => this.#greeted(message),
    words_state: (/** @type {WordsState} */ message) => this.#told(message),
    partial_words: (/** @type {PartialWords} */ message) => this.#showLine(message.text),
    words: (/** @type {Words} */ { words }) => {
      this.#said = [...this.#said, ...words.map((word) => word.text)].slice(-LINE_WORDS);
      this.#showLine("");
    },
    review: () => announce(text.arrived),
  };

  /** @param {Configuration} config */
  begin({ words }) {
    this.#can = words ?? null;
  }

  /** Whether words are on in the session that goes on: a review, or why there is none, follows its summary. */
  get running() {
    return this.#state.mode !== "off";
  }

  /** Whether the question is being asked. */
  get asks() {
    return this.#consent.open;
  }

  /** @returns {WordsView} */
  get view() {
    return { on: this.#page.settings.values.words, can: this.#can, host: this.#host, agreed: this.#agreed, kept: Boolean(this.#page.takes.kept?.words), ...this.#state };
  }

  /** Turn words on or off; the first time, ask. */
  toggle() {
    const { settings } = this.#page;
    if (!settings.values.words && !settings.values.wordsAgreed) this.#consent.ask();
    else settings.set("words", !settings.values.words);
  }

  #consented() {
    const { settings } = this.#page;
    settings.set("wordsAgreed", true);
    settings.set("words", true);
  }

  /**
   * Take a changed setting into use.
   *
   * @param {string} name
   */
  settingChanged(name) {
    if (name === "words") this.#chosen();
    if (name === "wordsLine") this.#showLine("");
  }

  /** Words were turned on or off: what was heard so far is forgotten on both sides when they go off. */
  #chosen() {
    const { session, settings } = this.#page;
    const on = settings.values.words;
    updateSwitches(on);
    if (this.#can) this.#tellChoice();
    if (!on && session.connection) session.record.forgetWords();
  }

  /** Tell the engine what the person chose. */
  #tellChoice() {
    const on = this.#page.settings.values.words;
    this.#page.session.send({ type: "set_words", on, language: "en" });
    if (on) this.#sendQuestion();
  }

  /**
   * Let the server's language model be sent the words of this session at its end, or not.
   *
   * @param {boolean} on
   */
  agreeToAdvice(on) {
    const told = this.#page.session.send({ type: "set_assistant", on });
    this.#agreed = told ? on : this.#agreed;
    this.#page.show();
  }

  #sendQuestion() {
    const { purpose = "", story = null } = this.#page.session.task ?? {};
    if (!this.#question && !purpose && !story) return;
    this.#page.session.send({ type: "set_question", question: this.#question.slice(0, LONGEST_QUESTION), purpose, story });
  }

  /**
   * Note the question that is shown; the last one is the one that is answered.
   *
   * @param {string} question
   */
  setQuestion(question) {
    if (!question || question === this.#question) return;
    this.#question = question;
    this.#sendQuestion();
  }

  /** Clear what a session has left. */
  clear() {
    this.#state = { mode: "off", why: "" };
    this.#host = this.#question = "";
    this.#agreed = false;
    this.#said = [];
    this.#showLine("");
  }

  /** @param {Hello} message */
  #greeted({ words, assistant }) {
    this.#can = words;
    this.#host = assistant;
    this.#state = { mode: "off", why: "" };
    if (this.#page.settings.values.words && this.#can) this.#tellChoice();
    else this.#sendQuestion();
    this.#page.show();
  }

  /** @param {WordsState} message */
  #told({ mode, why }) {
    const before = this.#state.mode;
    this.#state = { mode, why };
    if (mode === "unavailable" && before !== mode) announce(why || text.cannot);
    this.#showLine("");
    this.#page.show();
  }

  /** @param {string} partial words that may still change */
  #showLine(partial) {
    const shown = this.#page.settings.values.wordsLine && this.running;
    const line = byId("heard-line");
    line.hidden = !shown;
    if (!shown) return;
    const said = [...this.#said, ...partial.split(" ")].filter(Boolean).slice(-LINE_WORDS);
    setText(line, said.join(" "));
  }
}

/**
 * Return what the mark of a session says; nothing while words are off.
 *
 * @param {WordsView} view
 * @returns {(Node | string)[]}
 */
export function wordsMark({ on, can, mode, why, host, agreed, kept }) {
  if (on && can === false && mode === "off") return [text.cannot];
  if (mode === "unavailable") return [why || text.cannot];
  const said = text.modes[mode];
  return said ? [said.short, h("span", { class: "more" }, `: ${said.more}, ${kept ? text.keptAfterwards : text.notKept}${agreed ? text.assistant.mark(host) : ""}`)] : [];
}
