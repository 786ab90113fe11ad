/** Adding a recording: what of it, how far it was heard, and, where two speak in it, which one the person is. */

import { sentenceOf } from "../page/record-api.js";
import { actionButton, labelled, notice, toggle } from "../ui/controls.js";
import { byId, h, present, setText } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { words } from "../words/words.js";
import { addRecording } from "./api.js";

/** @import { RecordingHeard, RecordingKept, SpeakerHeard } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { RecordingWanted } from "./api.js" */

const text = words.recording;

const LONGEST_QUESTION = 500;

/** Asks about a recording, sends it, and calls `kept` when it is a take. */
export class RecordingDialog {
  #dialog = byId("recording", HTMLDialogElement);
  #kept;
  /** Gives up what is under way. */
  #leaving = new AbortController();

  /** @param {(end: RecordingKept) => void} kept */
  constructor(kept) {
    this.#kept = kept;
    this.#dialog.addEventListener("close", () => this.#leaving.abort());
  }

  get open() {
    return this.#dialog.open;
  }

  /**
   * Ask about a file.
   *
   * @param {File} file
   * @param {boolean} canHearWords
   */
  ask(file, canHearWords) {
    const question = h("input", { type: "text", id: "recording-question", maxlength: String(LONGEST_QUESTION), autocomplete: "off", "aria-describedby": "recording-question-hint" });
    let hearsWords = false;
    const hears = canHearWords ? h("div", { class: "switches" }, toggle(text.words, text.wordsHint, false, (on) => (hearsWords = on), "recording-words")) : null;
    this.#form(
      [
        h("p", {}, text.lead(file.name)),
        h("div", {}, labelled("recording-question", text.question, question), h("small", { id: "recording-question-hint" }, text.questionHint)),
        hears,
      ],
      text.add,
      () => this.#send({ file, question: question.value.trim(), words: hearsWords, speaker: null }),
    );
    this.#leaving = new AbortController();
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /**
   * Send a recording, and show how far it was heard.
   *
   * @param {RecordingWanted} wanted
   */
  async #send(wanted) {
    const bar = h("progress", { "aria-label": text.progress });
    const said = h("p", {}, text.sending);
    this.#show([h("div", { role: "status" }, said), bar], [this.#cancel()]);
    const heard = (/** @type {RecordingHeard} */ { heard_s, length_s }) => {
      setText(said, text.heard(clock(heard_s), length_s === null ? "" : clock(length_s)));
      if (length_s) bar.value = Math.min(1, heard_s / length_s);
    };
    const { signal } = this.#leaving;
    try {
      const end = await addRecording(wanted, heard, signal);
      if (signal.aborted) return;
      if (end.type === "two_speakers") this.#askWho(wanted, end.speakers);
      else if (end.type === "refused") this.#refuse(end.why);
      else {
        this.#dialog.close();
        this.#kept(end);
      }
    } catch (error) {
      if (!signal.aborted) this.#refuse(sentenceOf(error));
    }
  }

  /**
   * @param {RecordingWanted} wanted
   * @param {SpeakerHeard[]} speakers
   */
  #askWho(wanted, speakers) {
    let speaker = "0";
    const radio = (/** @type {string} */ value, /** @type {string} */ name, /** @type {string} */ hint) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "radio", name: "speaker", value, checked: value === speaker, onchange: () => (speaker = value) }),
        h("span", {}, h("b", {}, name), h("small", {}, hint)),
      );
    const hint = (/** @type {SpeakerHeard} */ { starts_s, speech_s }) => text.speaks(starts_s === null ? "" : clock(starts_s), clock(speech_s));
    this.#form(
      [
        h("p", {}, text.who),
        h(
          "fieldset",
          { class: "switches" },
          h("legend", { class: "unseen" }, text.who),
          speakers.map((one, place) => radio(String(place), text.speaker(place), hint(one))),
          radio("all", text.alone, text.aloneHint),
        ),
      ],
      text.add,
      () => this.#send({ ...wanted, speaker }),
    );
  }

  /** @param {string} why */
  #refuse(why) {
    this.#show([h("div", { role: "alert" }, notice(why))], [actionButton(text.close, "recording_close", "primary", () => this.#dialog.close())]);
  }

  #cancel() {
    return actionButton(text.cancel, "recording_cancel", "secondary", () => this.#dialog.close());
  }

  /**
   * @param {Child[]} children
   * @param {string} yes
   * @param {() => void} agreed
   */
  #form(children, yes, agreed) {
    this.#show(children, [this.#cancel(), h("button", { type: "submit", class: "primary" }, yes)], agreed);
  }

  /**
   * @param {Child[]} children
   * @param {HTMLButtonElement[]} buttons
   * @param {() => void} [agreed]
   */
  #show(children, buttons, agreed) {
    const submit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      agreed?.();
    };
    this.#dialog.replaceChildren(
      h("form", { onsubmit: submit }, h("h2", { id: "recording-title", tabindex: "-1" }, text.title), ...present(children), h("div", { class: "row" }, buttons)),
    );
    if (this.#dialog.open) byId("recording-title").focus();
  }
}
