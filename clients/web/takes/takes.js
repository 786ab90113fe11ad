/** The record in the page: the one question what may be kept, what is done with takes, and the take of the session just ended. */

import { addressOf } from "../page/address.js";
import { NotThere, sentenceOf } from "../page/record-api.js";
import { savedSession } from "../summary/summary.js";
import { byId, setAttribute, setText } from "../ui/elements.js";
import { words } from "../words/words.js";
import * as api from "./api.js";
import { KeepDialog, keepsAnything } from "./consent.js";
import { RecordingDialog } from "./recording.js";

/** @import { Kept, TakeKept, TakeNotKept } from "../protocol.js" */
/** @import { Feature, Page } from "../page/view.js" */

const text = words.takes;

/** Of what was wrong with a file, how much is told. */
const MOST_PROBLEMS = 3;

/** @implements {Feature} */
export class Takes {
  #page;
  #record = api.NONE;
  #mark = byId("keep-mark", HTMLButtonElement);
  #dialog = new KeepDialog(byId("keeping", HTMLDialogElement), (kept, past) => this.#page.attempt(() => this.#choose(kept, past)));
  #recording = new RecordingDialog(({ take }) => this.#added(take));
  /** What follows once the person has chosen. @type {(kept: Kept) => unknown} */
  #then = () => {};

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    this.#mark.addEventListener("click", () => this.ask());
  }

  actions = {
    keeping: () => this.ask(),
    keep: () => this.#keepFinished(),
    takes_forget: () => this.#page.sure.ask({ title: text.forgetTitle, lead: text.forgetLead, yes: text.forgetYes, no: text.cancel }, () => this.#page.attempt(() => this.#forget())),
  };

  messages = {
    take_kept: (/** @type {TakeKept} */ { take, kept }) => this.#taken({ id: take, kept, why: "" }),
    take_not_kept: (/** @type {TakeNotKept} */ { why }) => this.#taken({ id: "", kept: null, why }),
  };

  /** Ask the server whether there is a record. */
  async begin() {
    this.#record = (await api.recordState()) ?? api.NONE;
  }

  /** Whether there can be a record on this server. */
  get possible() {
    return this.#record.possible;
  }

  /** Why there can't be one, as a sentence. */
  get why() {
    return this.#record.why;
  }

  /** What the person lets be kept; null where nothing is. */
  get kept() {
    return this.possible && keepsAnything(this.#record.kept) ? this.#record.kept : null;
  }

  /** Whether the question is shown. */
  get asks() {
    return this.#dialog.open || this.#recording.open;
  }

  /** Draw what is being kept. */
  show() {
    const { kept } = this.#record;
    this.#mark.hidden = !this.possible || kept === null;
    if (!kept) return;
    setText(this.#mark, words.keeping.mark(kept));
    setAttribute(this.#mark, "aria-label", words.keeping.change(words.keeping.mark(kept)));
  }

  /** Ask the server again what may be kept, and what is wrong. */
  async read() {
    this.#record = (await api.recordState()) ?? this.#record;
    return this.#record;
  }

  // What is done with takes

  /**
   * @param {string} id
   * @param {api.Change} change
   */
  change(id, change) {
    return this.#page.attempt(async () => {
      await api.changeTake(id, change);
      await this.#page.places.open();
      this.#page.tell(text.changed, "record");
    });
  }

  /**
   * Delete a take, once the person is sure.
   *
   * @param {string} id
   */
  remove(id) {
    this.#page.sure.ask({ title: text.removeTitle, lead: text.removeLead, yes: text.remove, no: text.cancel }, () => this.#page.attempt(() => this.#remove(id)));
  }

  /** @param {string} id */
  async #remove(id) {
    await api.deleteTake(id);
    const { record } = this.#page.session;
    if (record.taken?.id === id) record.noteTaken(null);
    this.#page.tell(text.removed, "record");
    location.replace(addressOf("takes"));
  }

  /** @param {File} file */
  import(file) {
    return this.#page.attempt(async () => {
      const { takes, there, documents, problems } = await api.importFile(file);
      await this.#page.places.open();
      this.#page.tell([text.imported(takes, there, documents), ...problems.slice(0, MOST_PROBLEMS)].join(" "), "record");
    });
  }

  /** @param {File} file */
  addRecording(file) {
    this.#recording.ask(file, this.#page.config.words);
  }

  /** @param {string} id */
  #added(id) {
    this.#page.tell(words.recording.added, "record");
    location.assign(addressOf("take", id));
  }

  async #forget() {
    await api.forgetAll();
    this.#record = { ...this.#record, kept: null };
    this.#page.session.record.noteTaken(null);
    await this.#page.places.open();
    this.#page.tell(text.forgotten, "record");
  }

  // What may be kept

  /**
   * Ask what may be kept.
   *
   * @param {(kept: Kept) => unknown} [then] what follows once the person has chosen
   */
  ask(then = () => {}) {
    this.#then = then;
    this.#dialog.ask(this.#record.kept);
  }

  /**
   * @param {Kept} kept
   * @param {boolean} past
   */
  async #choose(kept, past) {
    await api.putKept(kept, past);
    this.#record = { ...this.#record, kept };
    this.#page.tell([words.keeping.changed(kept), past ? words.keeping.reduced : ""].filter(Boolean).join(" "), "record");
    const { machine } = this.#page;
    if (machine.state === "place") await this.#page.places.open();
    this.#page.show();
    if (machine.state === "finished") this.#page.showSummary();
    await this.#then(kept);
  }

  // The session just ended

  /** What the summary says of its take; null where there can be no record. */
  get finished() {
    if (!this.possible) return null;
    const { record, wait } = this.#page.session;
    return { awaited: wait.take, taken: record.taken };
  }

  /** @param {{ id: string, kept: Kept | null, why: string }} taken */
  #taken(taken) {
    const { session } = this.#page;
    session.record.noteTaken(taken);
    session.wait.kept();
    this.#page.show();
  }

  /** Keep the session that has ended; the first time, ask what of it. */
  #keepFinished() {
    if (this.kept) return this.#page.attempt(() => this.#saveFinished());
    return this.ask((kept) => (keepsAnything(kept) ? this.#saveFinished() : undefined));
  }

  async #saveFinished() {
    const { session } = this.#page;
    const kept = /** @type {Kept} */ (this.kept);
    const quoting = new Set(session.record.cues.filter(({ needs_words: needs }) => needs).map(({ cue }) => cue));
    const saved = savedSession(session.record, { kept, quoting });
    const before = await ids();
    await api.importFile(new Blob([JSON.stringify(saved)], { type: "application/json" }));
    const added = (await ids()).filter((id) => !before.includes(id));
    session.record.noteTaken({ id: added[0] ?? "", kept: { ...kept, words: kept.words && session.record.review !== null, sound: false }, why: "" });
    this.#page.show();
    this.#page.showSummary();
    this.#page.tell(kept.sound ? text.savedNoSound : text.saved, "record");
  }

  /** Delete the take of the session just ended, if it was kept, and return whether it isn't there any more. */
  async removeFinished() {
    const { taken } = this.#page.session.record;
    try {
      if (taken?.kept) await api.deleteTake(taken.id);
      return true;
    } catch (error) {
      if (error instanceof NotThere) return true;
      this.#page.tell(sentenceOf(error), "record");
      return false;
    }
  }
}

/** Ids of the newest takes. */
const ids = async () => (await api.listTakes()).takes.map(({ id }) => id);
