/** The record in the page: the place of takes, the one question what may be kept, and the take of the session just ended. */

import { SHOWS_PLACES } from "../page/states.js";
import { Problem } from "../page/problem.js";
import { savedSession } from "../summary/summary.js";
import { actionButton } from "../ui/controls.js";
import { byId, h, present, setAttribute, setText } from "../ui/elements.js";
import { words } from "../words/words.js";
import * as api from "./api.js";
import { compareView } from "./compare.js";
import { KeepDialog, keepsAnything } from "./consent.js";
import { listView, notice } from "./list.js";
import { PlacesRow, placeOf } from "./places.js";
import { SureDialog } from "./sure.js";
import { takeView } from "./take.js";

/** @import { Kept, TakeEntry, TakeKept, TakeNotKept } from "../protocol.js" */
/** @import { Feature, Page } from "../page/view.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { Place } from "./places.js" */
/** @import { Replay } from "./replay.js" */

const text = words.takes;

/** Of what was wrong with a file, how much is told. */
const MOST_PROBLEMS = 3;

/** States before a session that the browser's back button leaves, as the page's own does. */
const LEFT_BY_BACK = new Set(["choosing", "inviting", "sharing", "trouble"]);

/** @implements {Feature} */
export class Takes {
  #page;
  #record = api.NONE;
  #row = new PlacesRow();
  #mark = byId("keep-mark", HTMLButtonElement);
  #root = byId("takes");
  #sure = new SureDialog();
  #dialog = new KeepDialog(byId("keeping", HTMLDialogElement), (kept, past) => this.#do(() => this.#choose(kept, past)));
  /** What follows once the person has chosen. @type {(kept: Kept) => unknown} */
  #then = () => {};
  /** @type {TakeEntry[]} */
  #entries = [];
  #more = false;
  /** @type {Replay | null} */
  #replay = null;
  #visits = 0;
  /** The state that was shown last. */
  #state = "";

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    this.#mark.addEventListener("click", () => this.#ask());
    window.addEventListener("hashchange", () => this.#moved());
  }

  actions = {
    keeping: () => this.#ask(),
    keep: () => this.#keepFinished(),
    takes_again: () => this.#open(),
    takes_more: () => this.#do(() => this.#showMore()),
    takes_forget: () => this.#sure.ask({ title: text.forgetTitle, lead: text.forgetLead, yes: text.forgetYes, no: text.cancel }, () => this.#do(() => this.#forget())),
  };

  entering = {
    takes: () => {
      this.#page.input.microphone.close();
      byId("summary").replaceChildren();
      return this.#open();
    },
  };

  messages = {
    take_kept: (/** @type {TakeKept} */ { take, kept }) => this.#taken({ id: take, kept, why: "" }),
    take_not_kept: (/** @type {TakeNotKept} */ { why }) => this.#taken({ id: "", kept: null, why }),
  };

  /** Ask the server whether there is a record; without one the page is as if there were no takes. */
  async begin() {
    this.#record = (await api.recordState()) ?? api.NONE;
  }

  /** Whether there can be a record on this server. */
  get possible() {
    return this.#record.possible;
  }

  /** What the person lets be kept; null where nothing is. */
  get kept() {
    return this.possible && keepsAnything(this.#record.kept) ? this.#record.kept : null;
  }

  /** Whether one of the questions is shown. */
  get asks() {
    return this.#dialog.open || this.#sure.open;
  }

  /** Whether the page's address is that of takes. */
  get addressed() {
    const name = placeOf(location.hash)?.name ?? "practise";
    return this.possible && name !== "practise";
  }

  /**
   * Draw what is around the stage: the row of places, and what is being kept.
   *
   * @param {string} state
   */
  show(state) {
    this.#row.show(this.possible && SHOWS_PLACES.has(state), state === "takes");
    const { kept } = this.#record;
    this.#mark.hidden = !this.possible || kept === null;
    if (kept) {
      setText(this.#mark, words.keeping.mark(kept));
      setAttribute(this.#mark, "aria-label", words.keeping.change(words.keeping.mark(kept)));
    }
    if (state === this.#state) return; // an address that was just followed is not put back before it is heard of
    this.#state = state;
    if (state === "takes" || state === "opening") return;
    this.#leave();
    this.#putAddressBack();
  }

  /** What is shown is not the place of takes: the address doesn't say so either. */
  #putAddressBack() {
    if (this.addressed) history.replaceState(null, "", "#practise");
  }

  // Places

  #moved() {
    const { machine, session } = this.#page;
    const place = placeOf(location.hash);
    if (!place || !this.possible) return;
    if (place.name === "practise") {
      if (machine.state === "takes") machine.send(session.record.summary ? "show" : "open");
      return;
    }
    if (machine.state === "takes") {
      this.#open();
      return;
    }
    if (LEFT_BY_BACK.has(machine.state)) {
      history.replaceState(null, "", "#practise");
      this.#page.act("back");
      return;
    }
    if (!machine.send("takes")) this.#putAddressBack(); // a session goes on
  }

  /** Show the place that the address names. */
  async #open() {
    const visit = ++this.#visits;
    const place = placeOf(location.hash) ?? { name: "takes" };
    this.#replay?.stop();
    this.#replay = null;
    setAttribute(this.#root, "aria-busy", "true");
    if (!this.#root.children.length) this.#root.replaceChildren(h("p", { class: "aside late" }, text.opening));
    const children = await this.#load(place).catch((error) => this.#failed(error));
    if (visit !== this.#visits) return;
    const hadFocus = this.#root.contains(document.activeElement);
    setAttribute(this.#root, "aria-busy", "false");
    this.#root.replaceChildren(...present(children));
    this.#page.show();
    if (!hadFocus) return;
    scrollTo(0, 0);
    byId("takes-title").focus({ preventScroll: true });
  }

  /**
   * @param {Place} place
   * @returns {Promise<Child[]>}
   */
  async #load(place) {
    if (place.name === "compare") return compareView(await Promise.all([api.getTake(place.ids[0]), api.getTake(place.ids[1])]));
    const listed = api.listTakes();
    if (place.name === "take") {
      const get = () => api.getTake(place.id);
      const isNew = place.id === this.#page.session.record.taken?.id;
      const [take, { takes }] = await Promise.all([isNew ? api.onceWritten(get) : get(), listed]);
      const view = takeView(take, takes, this.#page.config, {
        remove: () => this.#sure.ask({ title: text.removeTitle, lead: text.removeLead, yes: text.remove, no: text.cancel }, () => this.#do(() => this.#remove(take.id))),
        change: (change) => this.#do(() => this.#change(take.id, change)),
      });
      this.#replay = view.replay;
      return view.children;
    }
    const [state, { takes, more }] = await Promise.all([api.recordState(), listed]);
    this.#record = state ?? this.#record;
    this.#entries = takes;
    this.#more = more;
    return this.#list();
  }

  #list() {
    const does = { act: (/** @type {string} */ name) => this.#page.act(name), importing: (/** @type {File} */ file) => this.#do(() => this.#import(file)) };
    return listView(this.#record, this.#entries, this.#more, does);
  }

  /**
   * @param {unknown} error
   * @returns {Child[]}
   */
  #failed(error) {
    return [
      h("h2", { class: "words", id: "takes-title", tabindex: "-1" }, text.title),
      notice(sentenceOf(error)),
      h("div", { class: "row" }, actionButton(text.tryAgain, "takes_again", "primary", () => this.#open()), h("a", { class: "secondary", href: "#takes" }, text.back)),
    ];
  }

  /** Forget what was shown. */
  #leave() {
    if (!this.#root.children.length) return;
    this.#visits++;
    this.#replay?.stop();
    this.#replay = null;
    this.#root.replaceChildren();
  }

  // What is done with takes

  /**
   * Do something with the record; what goes wrong is said, and nothing changes.
   *
   * @param {() => Promise<unknown>} work
   */
  async #do(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#page.tell(sentenceOf(error), "takes");
    }
  }

  async #showMore() {
    const last = this.#entries[this.#entries.length - 1];
    const { takes, more } = await api.listTakes(last.id);
    const first = this.#entries.length;
    this.#entries = [...this.#entries, ...takes];
    this.#more = more;
    this.#root.replaceChildren(...present(this.#list()));
    /** @type {HTMLElement | undefined} */ ([...this.#root.querySelectorAll("[data-take]")][first])?.focus();
  }

  /**
   * @param {string} id
   * @param {api.Change} change
   */
  async #change(id, change) {
    await api.changeTake(id, change);
    await this.#open();
    this.#page.tell(text.changed, "takes");
  }

  /** @param {string} id */
  async #remove(id) {
    await api.deleteTake(id);
    const { record } = this.#page.session;
    if (record.taken?.id === id) record.noteTaken(null);
    this.#page.tell(text.removed, "takes");
    location.replace("#takes");
  }

  /** @param {File} file */
  async #import(file) {
    const { takes, there, problems } = await api.importFile(file);
    await this.#open();
    this.#page.tell([text.imported(takes, there), ...problems.slice(0, MOST_PROBLEMS)].join(" "), "takes");
  }

  async #forget() {
    await api.forgetAll();
    this.#record = { ...this.#record, kept: null };
    this.#page.session.record.noteTaken(null);
    await this.#open();
    this.#page.tell(text.forgotten, "takes");
  }

  // What may be kept

  /** @param {(kept: Kept) => unknown} [then] */
  #ask(then = () => {}) {
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
    this.#page.tell([words.keeping.changed(kept), past ? words.keeping.reduced : ""].filter(Boolean).join(" "), "takes");
    const { machine } = this.#page;
    if (machine.state === "takes") await this.#open();
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
    if (this.kept) return this.#do(() => this.#saveFinished());
    return this.#ask((kept) => (keepsAnything(kept) ? this.#saveFinished() : undefined));
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
    this.#page.tell(kept.sound ? text.savedNoSound : text.saved, "takes");
  }

  /** Delete the take of the session just ended, if it was kept, and return whether it isn't there any more. */
  async removeFinished() {
    const { taken } = this.#page.session.record;
    try {
      if (taken?.kept) await api.onceWritten(() => api.deleteTake(taken.id));
      return true;
    } catch (error) {
      this.#page.tell(sentenceOf(error), "takes");
      return false;
    }
  }
}

/** Ids of the newest takes. */
const ids = async () => (await api.listTakes()).takes.map(({ id }) => id);

/** @param {unknown} error */
const sentenceOf = (error) => (error instanceof Problem ? error.detail : String(error));
