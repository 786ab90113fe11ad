/** A session: the connection to the engine, what it says, coming back when it is lost, and the end. */

import { MICROPHONE_PROBLEMS, Problem, asProblem } from "../page/problem.js";
import { AFTER_SESSION, LIVE } from "../page/states.js";
import { announce } from "../ui/announce.js";
import { byId, setText } from "../ui/elements.js";
import { RetryDelay } from "../ui/retry-delay.js";
import { words } from "../words/words.js";
import { EngineConnection } from "./connection.js";
import { Instruments } from "./instruments.js";
import { SessionRecord } from "./record.js";
import { ReviewWait } from "./review-wait.js";
import { Trace } from "./trace.js";

/** @import { Feature, Page, Task, Visit } from "../page/view.js" */
/** @import { AudioLost, Ended, Error as ErrorMessage, FromClient, Hello, Nudge, NudgeCleared, Reading, SignalProblem, Summary, ToClient, Trace as TraceMessage, WordsState } from "../protocol.js" */

const RETRY_MS = [0, 1000, 2000, 3000];
const SUMMARY_MS = 5000;
/** How long a nudge may stay longer than the engine wants it shown, before the page clears it by itself. */
const OVERSTAY_MS = 1500;
/** A session that is lost before this has nothing to show. */
const LEAST_S = 5;

/** @implements {Feature} */
export class Session {
  record = new SessionRecord();
  /** @type {EngineConnection | null} */
  connection = null;
  instruments = new Instruments();
  trace = new Trace();
  /** @type {Nudge | null} */
  nudge = null;
  /** The nudge in other words, where it is the first of its cue and has any. */
  gloss = "";
  /** What it is for, where it is for something. @type {Task | null} */
  task = null;
  /** Whether the engine knows that the speaker is muted. */
  muted = false;
  /** What the connection waits for. */
  step = "";
  /** Seconds for which the server still keeps a lost session. */
  seconds = 0;
  /** What is still to come after the summary. */
  wait = new ReviewWait(() => this.#waited(), () => this.#over());
  #page;
  #shell;
  #retryDelay = new RetryDelay();
  #settled = () => {};

  /**
   * @param {Page} page
   * @param {object} shell what else the shell does with what the engine says
   * @param {() => void} shell.nudged
   * @param {(reading: Reading) => void} shell.read
   */
  constructor(page, shell) {
    this.#page = page;
    this.#shell = shell;
    window.addEventListener("online", () => this.#retryNow());
  }

  actions = {
    review: () => {
      this.record.restoreLast();
      this.#page.machine.send("review");
    },
    retry: () => this.#retryNow(),
    why: () => {
      this.nudge = this.record.nudges[this.record.nudges.length - 1];
      this.#page.machine.send("why");
    },
  };

  entering = {
    ready: (/** @type {Visit} */ visit) => this.#ready(visit),
    consent: () => {
      this.clear();
      this.#page.input.microphone.close();
    },
    connecting: (/** @type {Visit} */ visit) => this.#connect(visit),
    listening: (/** @type {Visit} */ visit) => this.#goOn(visit),
    nudge: () => this.#page.timers.set("nudge", () => this.#page.machine.send("clear"), (this.nudge?.show_s ?? 0) * 1000 + OVERSTAY_MS),
    lost: (/** @type {Visit} */ visit) => this.#reconnect(visit),
    finishing: () => this.#finish(),
    finished: (/** @type {Visit} */ visit) => this.#finished(visit),
  };

  messages = {
    hello: (/** @type {Hello} */ message) => this.#greeted(message),
    reading: (/** @type {Reading} */ message) => this.#read(message),
    trace: (/** @type {TraceMessage} */ message) => this.trace.addTrace(message),
    audio_lost: (/** @type {AudioLost} */ message) => this.trace.addLoss(message),
    nudge: (/** @type {Nudge} */ message) => this.#nudged(message),
    nudge_cleared: (/** @type {NudgeCleared} */ { id }) => id === this.nudge?.id && this.#page.machine.send("clear"),
    mute_started: () => this.#setMuted(true),
    mute_ended: () => this.#setMuted(false),
    signal_problem: (/** @type {SignalProblem} */ { kind, on }) => this.#page.notices.set(kind, on),
    error: (/** @type {ErrorMessage} */ message) => this.#refused(message),
    summary: (/** @type {Summary} */ message) => this.#summarised(message),
    words_state: (/** @type {WordsState} */ { mode, why }) => mode === "unavailable" && this.wait.reviewed({ missed: why }),
    review: () => this.wait.reviewed({ asked: this.#page.transcript.view.agreed }),
    advised: () => this.wait.advised(),
    ended: (/** @type {Ended} */ message) => this.#ended(message),
  };

  /**
   * Send a message to the engine and return whether it could be sent.
   *
   * @param {FromClient} message
   */
  send(message) {
    return this.connection?.send(message) ?? false;
  }

  /** Make room for another session. */
  clear() {
    this.drop({ remove: true });
    this.#page.notices.clear();
    this.record.clear();
    this.instruments.clear();
    this.trace.clear();
    this.#page.drills.clear();
    this.#page.transcript.clear();
    this.wait.clear();
    this.nudge = null;
  }

  /**
   * Close the connection; with `remove` the server forgets the session.
   *
   * @param {{ remove: boolean }} options
   */
  drop({ remove }) {
    this.wait.stop();
    this.connection?.close({ remove });
    this.connection = null;
  }

  /** End a session that found something, and have its summary before it makes room for another one. */
  async settle() {
    if (!this.record.worthKeeping || !this.send({ type: "end" })) return;
    await /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#settled = resolve;
        this.#page.timers.set("settle", resolve, SUMMARY_MS);
      })
    );
  }

  /** @param {Visit} visit */
  async #ready({ event }) {
    const { input } = this.#page;
    this.clear();
    if (event === "cancel") return;
    if (input.permission === "granted") await input.tryOut();
    else if (input.permission === "denied" && event === "open") input.showRefusal();
  }

  // Connecting

  /** @param {Visit} visit */
  async #connect(visit) {
    const { calls } = this.#page;
    this.clear();
    try {
      await this.#dial(null, visit);
    } catch (error) {
      if (!visit.current) return;
      const problem = asProblem(error);
      if (calls.room?.calling && !MICROPHONE_PROBLEMS.has(problem.id)) this.#talkUnheard();
      else this.#page.fail(problem);
    }
  }

  /** The engine can't hear this one of two: they talk all the same. */
  #talkUnheard() {
    this.drop({ remove: true });
    this.#page.calls.room?.agree(false);
    this.#page.machine.send("talk");
    this.#page.notices.set("unheard", true);
  }

  /**
   * Try once to reach the engine; with `token` to go on with that session.
   *
   * @param {string | null} token
   * @param {Visit} visit
   */
  async #dial(token, visit) {
    const { calls, config, input, machine, settings } = this.#page;
    this.#setStep("microphone");
    if (!input.microphone.live) await input.open();
    if (!visit.current || !input.microphone.stream) return;
    const connection = new EngineConnection({ stream: input.microphone.stream, iceServers: config.ice_servers });
    this.connection?.close();
    this.connection = connection;
    const present = () => connection === this.connection;
    connection.addEventListener("step", (event) => this.#setStep(/** @type {CustomEvent} */ (event).detail));
    connection.addEventListener("message", (event) => present() && this.#receive(/** @type {CustomEvent} */ (event).detail));
    connection.addEventListener("lost", () => present() && (machine.send("drop") || this.#over()));
    calls.room?.setMicrophone(input.microphone.stream);
    const { profile, cuesOff } = settings.values;
    await connection.connect({ profile, cuesOff, token, seat: calls.room?.seat });
    calls.sendSharedSound();
  }

  /** @param {string} name */
  #setStep(name) {
    this.step = name;
    this.#page.show();
  }

  /** @param {Visit} visit */
  async #reconnect(visit) {
    const { drills, timers } = this.#page;
    this.nudge = null;
    drills.drill.stop();
    if (this.connection) announce(words.lost.title, { urgent: true });
    const countDown = () => {
      this.seconds = Math.ceil(this.record.keptMs / 1000);
      this.#page.show();
      if (this.record.keptMs === 0) this.#giveUp();
    };
    timers.set("reconnecting", countDown, 500, { every: true });
    countDown();
    let notBeforeMs = 0;
    for (let tries = 0; visit.current; tries++) {
      await this.#retryDelay.wait(Math.max(notBeforeMs, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
      if (!visit.current) return undefined;
      try {
        await this.#dial(this.record.token, visit);
      } catch (error) {
        if (!visit.current) return undefined;
        const problem = asProblem(error);
        if (problem.id === "expired") return this.#giveUp();
        notBeforeMs = problem.id === "crowded" ? 1000 * problem.retryAfter : 0;
        if (MICROPHONE_PROBLEMS.has(problem.id)) return this.#page.fail(problem);
      }
    }
    return undefined;
  }

  /** Try again at once: somebody pressed Try now, or the network is back. A try that hangs is given up. */
  #retryNow() {
    if (this.#page.machine.state !== "lost") return;
    this.#retryDelay.skip();
    this.connection?.close();
  }

  #giveUp() {
    if (!this.record.nudges.length && this.record.at_s < LEAST_S) this.#page.fail(new Problem("expired"));
    else this.#page.machine.send("give_up");
  }

  // The end

  #finish() {
    const { calls, machine } = this.#page;
    const sent = calls.room?.leave(calls.endsForBoth) || this.send({ type: "end" });
    if (calls.endsForBoth || this.connection) return this.expectSummary("give_up", sent ? SUMMARY_MS : 0);
    this.record.endUnmeasured();
    return machine.send("summary");
  }

  /**
   * Wait for the engine's summary; after a time `event` happens without.
   *
   * @param {string} event
   * @param {number} [timeout_ms]
   */
  expectSummary(event, timeout_ms = SUMMARY_MS) {
    this.#page.timers.set("summary", () => this.#page.machine.send(event), timeout_ms);
  }

  /** @param {Visit} visit */
  #finished({ event }) {
    const { calls, input, notices } = this.#page;
    if (event === "give_up" || !this.record.summary) this.record.giveUp();
    if (!this.wait.open) this.drop({ remove: event === "give_up" });
    input.microphone.close();
    notices.clear();
    calls.hangUp();
    this.#page.showSummary();
    if (event !== "show") announce(words.summary.title);
  }

  // What the engine says

  /** @param {ToClient} received */
  #receive(received) {
    if ("channel" in received && received.channel) return; // the other side's
    const why = received.type === "hello" && this.connection ? this.record.begin(this.connection, received) : null;
    if (why) this.#page.notices.setBriefly(why);
    const message = this.record.inSessionTime(received);
    if (message.type === "hello") this.record.data.task = this.task;
    this.record.note(message);
    this.#page.dispatch(message);
  }

  /** @param {Hello} message */
  #greeted({ at_s, muted, cues }) {
    for (const { cue, on } of cues)
      if (!on && this.#page.settings.values.cuesOn.includes(cue)) this.send({ type: "set_cue", cue, on: true });
    this.trace.startAt(at_s);
    this.#setMuted(muted);
    this.connection?.tellMuted(this.#page.input.microphone.muted);
    this.#page.machine.send("hello");
  }

  /**
   * Go on with the session, or with the drill that it was begun for.
   *
   * @param {Visit} visit
   */
  #goOn({ event }) {
    const continuation = this.#page.drills.continuation();
    if (continuation) this.#page.machine.send(continuation);
    else if (event === "hello") announce(words.listening.alive);
  }

  /** @param {boolean} muted */
  #setMuted(muted) {
    const { input, machine, notices } = this.#page;
    this.muted = muted;
    if (!LIVE.has(machine.state)) return;
    // What the page itself has muted needs no word.
    notices.set("muted", muted && !input.microphone.off);
    this.#page.show();
  }

  /** @param {Reading} reading */
  #read(reading) {
    const target = (/** @type {string} */ cue) => this.record.target(cue);
    const limit = this.#page.drills.running ? null : target("check_in")[1];
    this.instruments.show(reading, target, { limit, alone: this.record.alone, muted: this.muted });
    this.trace.setMedian(reading.f0_median_hz);
    const roundTripMs = this.connection?.roundTripMs ?? null;
    const timed = reading.delay_ms !== null && roundTripMs !== null;
    setText(byId("delay"), timed ? words.trace.delay(/** @type {number} */ (reading.delay_ms) + roundTripMs / 2) : "");
    this.#shell.read(reading);
  }

  /** @param {Nudge} nudge */
  #nudged(nudge) {
    this.trace.addNudge(nudge);
    const isFirst = this.record.nudges.filter(({ cue }) => cue === nudge.cue).length === 1;
    this.nudge = nudge;
    this.gloss = (isFirst && words.glosses[nudge.cue]) || "";
    if (!this.#page.machine.send("nudge")) return;
    announce([nudge.text, this.gloss].filter(Boolean).join(": "), { urgent: nudge.urgent });
    this.#shell.nudged();
  }

  /** @param {ErrorMessage} message */
  #refused({ code, message }) {
    const { machine, notices } = this.#page;
    if (code === "overloaded") notices.setBriefly("overloaded");
    else if (["preparing", "countdown"].includes(machine.state)) this.#page.fail(new Problem("drill", message));
  }

  /** @param {Summary} message */
  #summarised({ goes_on: goesOn }) {
    const { calls, machine } = this.#page;
    if (goesOn) return;
    this.wait.review = this.#page.transcript.running && !this.record.review && this.connection !== null;
    this.wait.take = this.#page.takes.kept !== null && this.connection !== null;
    this.wait.score = this.#page.exercises.awaited && this.connection !== null;
    if (this.wait.open) this.wait.begin();
    else this.#settled();
    // Who left the analysis talks on: the summary waits for the end of the call.
    const talksOn = calls.room && !calls.room.over && !calls.room.analysed;
    if (talksOn && !this.wait.open) this.drop({ remove: false });
    machine.send(talksOn ? "talk" : "summary");
  }

  /** Something has come after the summary, or will not any more. */
  #waited() {
    if (!this.wait.open) this.#settled();
    if (this.#page.machine.state === "finished") this.#page.showSummary();
  }

  /** Nothing follows the summary any more. */
  #over() {
    this.wait.over();
    if (AFTER_SESSION.has(this.#page.machine.state)) this.drop({ remove: false });
  }

  /** @param {Ended} message */
  #ended({ reason, can_resume: canResume, message }) {
    this.#over();
    if (canResume) this.#page.machine.send("drop");
    else if (reason === "replaced") this.#page.fail(new Problem("elsewhere"));
    else if (reason === "shutdown") this.#page.fail(new Problem("shutdown"));
    else if (reason !== "asked") this.#page.fail(new Problem("answer", message));
  }
}
