/** The shell of the page: holds the state, and hands buttons, states and messages to the features. */

import { Calls } from "../calls/calls.js";
import { Drills } from "../drills/drills.js";
import { Exercises } from "../exercises/exercises.js";
import { configuration } from "../page/config.js";
import { Notices } from "../page/notices.js";
import { Problem } from "../page/problem.js";
import { sentenceOf } from "../page/record-api.js";
import { Settings } from "../page/settings.js";
import { KEEPS_MUTE, LIVE, MEASURED, MUTED, PURPOSELESS, SHOWS_TOPIC, StateMachine } from "../page/states.js";
import { Programme } from "../programme/programme.js";
import { Input } from "../session/input.js";
import { Microphone } from "../session/microphone.js";
import { Session } from "../session/session.js";
import { saveSummary, showSummary } from "../summary/summary.js";
import { Takes } from "../takes/takes.js";
import { Transcript } from "../transcript/transcript.js";
import { TimedLines, announce } from "../ui/announce.js";
import { byId } from "../ui/elements.js";
import { FrameLoop } from "../ui/frame-loop.js";
import { SureDialog } from "../ui/sure.js";
import { Timers } from "../ui/timers.js";
import { words } from "../words/words.js";
import { FloatingWindow } from "./floating.js";
import { Layout } from "./layout.js";
import { Places } from "./places.js";
import { SettingsDialog } from "./settings-dialog.js";
import { Stage } from "./stage.js";
import { Trouble } from "./trouble.js";

/** @import { Configuration } from "../page/config.js" */
/** @import { Feature, Page, Task, View, Visit } from "../page/view.js" */
/** @import { Reading } from "../protocol.js" */

/** What a person asks for that may have to wait for the server; it is asked for again, never something else. */
const ASKS = new Set(["start", "alone", "go", "coach_call", "talk_freely", "as_interviewer", "as_candidate", "agree", "join", "observe"]);

/** @implements {Page} */
export class App {
  settings = new Settings();
  timers = new Timers();
  machine = new StateMachine((state, event) => this.#entered(state, event));
  visit = this.#visitBy("");
  notices = new Notices(() => this.show(), () => this.input.mutedByPage);
  drills = new Drills(this);
  calls = new Calls(this, (both) => this.#end(both));
  transcript = new Transcript(this);
  exercises = new Exercises(this);
  takes = new Takes(this);
  programme = new Programme(this);
  places = new Places(this);
  sure = new SureDialog();
  session = new Session(this, { nudged: () => this.#signalNudge(), read: (reading) => this.#read(reading) });
  input = new Input(this, (silent) => this.#stage.setSilent(silent));
  #trouble = new Trouble(this);
  /** @type {Feature[]} */
  #features = [this.session, this.input, this.drills, this.calls, this.transcript, this.takes, this.places, this.exercises, this.#trouble];
  #stage = new Stage(byId("stage"), { settings: this.settings, act: (name) => this.act(name) });
  #floating = new FloatingWindow(this.settings);
  #layout = new Layout((name) => this.act(name));
  #lines = new TimedLines(byId("said"));
  #frames = new FrameLoop(() => this.#draw());
  /** @type {Configuration | null} */
  #config = null;
  /** @type {SettingsDialog | null} */
  #dialog = null;
  #asked = "start";

  /** What the server told; there is none before {@link open}. */
  get config() {
    return /** @type {Configuration} */ (this.#config);
  }

  get problem() {
    return this.#trouble.problem;
  }

  async open() {
    this.#listen();
    this.show();
    this.#frames.follow(window);
    try {
      Microphone.check();
      [this.#config] = await Promise.all([configuration(), this.takes.begin()]);
    } catch (error) {
      return this.fail(error);
    }
    const { record } = this.session;
    this.settings.fit(this.config);
    this.transcript.begin(this.config);
    record.keepMs = this.config.resume_s * 1000;
    this.#dialog = new SettingsDialog(this.settings, this.config, this.transcript);
    byId("settings-button").hidden = false;
    await this.input.askPermission();
    const kept = record.restore();
    this.session.task = record.task;
    this.drills.drill.restore(record);
    if (await this.calls.restore(kept)) return undefined;
    if (kept !== "session" && this.places.addressed) return this.machine.send("place");
    return this.machine.send({ summary: "show", session: "resume", nothing: "open" }[kept]);
  }

  #listen() {
    this.#floating.addEventListener("change", () => {
      this.#layout.setFloating(this.#floating.window !== null);
      // With a floating window the page itself may be hidden, and then only that window has frames.
      this.#frames.follow(this.#floating.window ?? window);
    });
    document.addEventListener("keydown", (event) => this.#pressed(event));
    this.settings.addEventListener("change", (event) => this.#changed(/** @type {CustomEvent} */ (event).detail));
    window.addEventListener("unhandledrejection", ({ reason }) => this.fail(reason));
  }

  /** @param {KeyboardEvent} event */
  #pressed({ key, repeat, altKey, ctrlKey, metaKey, shiftKey }) {
    if (repeat || altKey || ctrlKey || metaKey) return; // the browser's own, or a key that is held
    if (byId("settings", HTMLDialogElement).open || this.calls.asksToLeave || this.transcript.asks || this.takes.asks || this.sure.open) return;
    if (key === "Escape") this.machine.send("close") || this.machine.send("cancel") || this.drills.stop() || this.calls.silence();
    if (key === "-" && this.drills.running) this.drills.soften();
    if (key === "ArrowRight" && !shiftKey && !movesIn(document.activeElement)) this.exercises.next();
  }

  // Buttons

  /**
   * What the buttons do that belong to no feature, or to several.
   *
   * @type {Record<string, () => unknown>}
   */
  #actions = {
    start: () => this.#begin("start"),
    alone: () => this.machine.send("start"),
    once_more: () => this.#onceMore(),
    back: () => {
      this.calls.leave();
      this.#begin("back");
    },
    cancel: () => {
      this.calls.leave();
      this.machine.send("cancel");
    },
    again: () => {
      if (this.machine.state === "finished") this.calls.leave();
      this.machine.send("again");
    },
    end: () => this.calls.askToLeave() || this.#end(true),
    save: () => {
      saveSummary(this.session.record);
      this.tell(words.summary.saved);
    },
    remove: async () => {
      if (!(await this.takes.removeFinished())) return;
      this.calls.leave();
      this.session.record.forget();
      if (this.machine.send("remove")) this.tell(words.summary.deleted);
    },
    settings: () => this.#dialog?.open(MEASURED.has(this.machine.state) ? this.session.record.data : null),
    float: () => this.#floating.toggle(),
  };

  /** @param {string} name */
  act(name) {
    if (ASKS.has(name)) this.#asked = name;
    const table = [this.#actions, ...this.#features.map(({ actions }) => actions ?? {})].find((actions) => Object.hasOwn(actions, name));
    const action = table?.[name] ?? (() => this.machine.send(name));
    Promise.resolve(action()).catch((error) => this.fail(error));
  }

  /**
   * Follow an event that needs what the server told; where it could not be asked, the page is loaded again.
   *
   * @param {string} event
   */
  #begin(event) {
    if (this.#config) this.machine.send(event);
    else location.reload();
  }

  /** Do again what was asked for last. */
  #onceMore() {
    if (this.calls.room && this.machine.state === "trouble") this.machine.send("seated");
    else this.act(this.#asked);
  }

  /** @param {boolean} both whether a call of two ends for both, or is only left */
  #end(both) {
    this.calls.endsForBoth = both;
    this.machine.send(this.machine.state === "lost" ? "give_up" : "end");
  }

  /** @param {Task} task */
  begin(task) {
    this.session.task = task;
    if (task.drill) this.drills.drill.choose(task.drill);
    this.act(task.drill ? "go" : "start");
  }

  /**
   * Do something with the record; what goes wrong is said, and nothing changes.
   *
   * @param {() => Promise<unknown>} work
   */
  async attempt(work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Problem) this.tell(sentenceOf(error), "record");
      else this.fail(error);
    }
  }

  /** @param {unknown} error */
  fail(error) {
    this.#trouble.fail(error);
  }

  /** @param {string} name */
  async #changed(name) {
    if (name === "cuesOff") this.session.send({ type: "set_cue", ...this.settings.changedCue });
    this.transcript.settingChanged(name);
    await this.input.settingChanged(name);
    this.show();
  }

  // States and messages

  /**
   * @param {string} state
   * @param {string} event
   */
  #entered(state, event) {
    this.timers.clear(LIVE.has(state) ? "summary" : ""); // a call that is over ends, whatever comes meanwhile
    if (PURPOSELESS.has(state)) this.session.task = null;
    const visit = (this.visit = this.#visitBy(event));
    this.calls.entered(state);
    if (!KEEPS_MUTE.has(state)) this.input.mute(MUTED.has(state) || this.exercises.mutes);
    for (const { entering } of this.#features) entering?.[state]?.(visit);
    this.show();
  }

  /**
   * @param {string} event
   * @returns {Visit}
   */
  #visitBy(event) {
    const isCurrent = () => this.visit === visit;
    /** @type {Visit} */
    const visit = {
      event,
      get current() {
        return isCurrent();
      },
    };
    return visit;
  }

  /** @param {{ type: string }} message */
  dispatch(message) {
    for (const { messages } of this.#features) messages?.[message.type]?.(message);
  }

  /** Let a nudge be heard and felt, as the settings say. */
  #signalNudge() {
    const { tick, vibrate } = this.settings.values;
    if (tick) this.input.microphone.tick();
    if (vibrate) navigator.vibrate?.(60);
  }

  /** @param {Reading} reading */
  #read(reading) {
    const { record, trace, muted } = this.session;
    this.#floating.setPace(reading.pace_wpm, record.target("pace"));
    this.#layout.setLossy(trace.lossy);
    this.#layout.setStatus(this.machine.state, record.at_s, muted);
    this.#layout.setLeft(record.at_s, this.session.task?.minutes ?? 0);
  }

  // Showing

  /**
   * @param {string} text
   * @param {string} [about]
   */
  tell(text, about = text) {
    announce(text);
    this.#lines.show(text, { about });
  }

  showSummary() {
    if (this.exercises.showResult()) return;
    const { record, wait } = this.session;
    showSummary(record, (name) => this.act(name), { room: this.calls.room, wait, keep: this.takes.finished });
  }

  show() {
    const view = this.#view();
    const { state } = view;
    const { record } = this.session;
    this.calls.show(state);
    this.takes.show();
    this.places.show(state);
    this.exercises.show(state);
    const topic = this.#topic(state);
    this.transcript.setQuestion(this.drills.drill.asks ? "" : (topic?.text ?? "")); // an interview has many
    const hadFocus = document.activeElement?.closest("main");
    this.#stage.show(view);
    this.#floating.show(view);
    this.#layout.show(view, {
      notices: LIVE.has(state) ? this.notices.kinds : [],
      topic,
      captions: this.settings.values.captions && (this.calls.room ? this.calls.isShown(state) : this.drills.running),
      last: record.nudges[record.nudges.length - 1],
      at_s: record.at_s,
    });
    const has = document.activeElement;
    // What is hidden keeps the focus until the browser draws the next time.
    if (hadFocus && (has === document.body || !has?.checkVisibility())) this.#layout.focusMain();
  }

  /** @returns {View} */
  #view() {
    const { state } = this.machine;
    const { record, nudge, gloss, muted, step } = this.session;
    const seconds = { countdown: this.drills.seconds, lost: this.session.seconds, trouble: this.#trouble.seconds }[state] ?? 0;
    return {
      state,
      permission: this.input.permission,
      muted,
      nudge,
      gloss,
      problem: this.problem,
      asked: this.#asked,
      step,
      seconds,
      hasLast: record.hasLast,
      profile: this.settings.values.profile,
      drill: this.drills.drill,
      room: this.calls.room,
      words: this.transcript.view,
      kept: this.takes.kept,
      place: this.places.title,
      planned: this.takes.possible ? (this.takes.kept?.figures ? "today" : "first") : "",
      taken: Boolean(record.taken?.kept),
    };
  }

  /**
   * Return what there is to talk about, and who asks; null when nobody does.
   *
   * @param {string} state
   */
  #topic(state) {
    const { room } = this.calls;
    if (room) return room.asked && this.calls.isShown(state) ? { by: words.call.question, text: room.asked } : null;
    if (!SHOWS_TOPIC.has(state)) return null;
    const { topic } = this.drills.drill;
    if (topic) return { by: this.drills.drill.asks ? words.interview.asks : words.drills.talkAbout, text: topic };
    const question = this.session.task?.question;
    return question ? { by: words.ready.question, text: question } : null;
  }

  #draw() {
    const dbfs = this.input.microphone.level();
    this.#stage.setLevel(dbfs);
    this.#floating.setLevel(dbfs);
    if (MEASURED.has(this.machine.state)) this.session.trace.draw();
  }
}

/**
 * Whether arrow keys mean something else there.
 *
 * @param {Element | null} element
 */
const movesIn = (element) => element !== null && (element.matches("input, select, textarea, audio") || element.scrollWidth > element.clientWidth);
