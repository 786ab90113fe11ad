/** Wires the page together: acts on what the state machine enters and on what the engine says. */

import { Passing, announce, feel } from "./announce.js";
import { Call } from "./call.js";
import { Captions } from "./captions.js";
import { configuration } from "./config.js";
import { at, write } from "./dom.js";
import { Drill, OFF_DB, forget, listed, praise, remember } from "./drills.js";
import { Float } from "./float.js";
import { Frames } from "./frames.js";
import { Instruments } from "./instruments.js";
import { Layout } from "./layout.js";
import { Leaving } from "./leaving.js";
import { BETWEEN, INSTRUMENTS, LIVE, MUTED, Machine } from "./machine.js";
import { Microphone } from "./microphone.js";
import { Patience } from "./patience.js";
import { DEVICE, Problem, microphoneProblem } from "./problem.js";
import { Record } from "./record.js";
import { drawRoom, inCall } from "./roomviews.js";
import { Settings, SettingsDialog } from "./settings.js";
import { Stage, sentence } from "./stage.js";
import { saveSummary, showSummary } from "./summary.js";
import { Together } from "./together.js";
import { Trace } from "./trace.js";
import { words } from "./words.js";

const RETRY_MS = [0, 1000, 2000, 3000];
const SUMMARY_MS = 5000;
const COUNT_FROM = 3;
const OVERSTAY_MS = 1500;
const BRIEFLY_MS = 10000;
const ASKING = new Set(["countdown", "listening", "drilling", "nudge", "why", "unplugged"]);
/** What a person asks for that may have to wait for the server; it is asked for again, never something else. */
const ASKS = new Set(["start", "alone", "go", "listen", "free", "interviewer", "candidate", "agree", "join", "observe"]);
const REOPEN = new Set(["deviceId", "echoCancellation", "noiseSuppression", "autoGainControl"]);

class App {
  settings = new Settings();
  record = new Record();
  microphone = new Microphone();
  machine = new Machine((...change) => this.#entered(...change));
  call = null;
  float = new Float();
  stage = new Stage(at("stage"), (name) => this.act(name), { settings: this.settings });
  instruments = new Instruments();
  trace = new Trace();
  said = new Passing(at("said"));
  captions = new Captions(at("captions"));
  layout = new Layout((name) => this.act(name));
  frames = new Frames(() => this.#draw());
  patience = new Patience();
  notices = new Set();
  drill = new Drill();
  together = new Together(this);
  leaving = new Leaving(at("leaving"), (both) => this.#end(both));
  #timers = new Map();
  #brief = new Map();
  #round = 0;
  #settled = () => {};
  #both = true;
  #view = { permission: "prompt", muted: false, nudge: null, problem: null, asked: "start", step: "", seconds: 0 };

  async open() {
    this.#listen();
    this.show();
    this.frames.follow(window);
    try {
      Microphone.check();
      this.config = await configuration();
    } catch (error) {
      return this.fail(error);
    }
    this.settings.fit(this.config);
    this.record.keepMs = this.config.resume_s * 1000;
    this.dialog = new SettingsDialog(this.settings, this.config);
    at("settings-button").hidden = false;
    this.#view.permission = await Microphone.permission((state) => this.#permitted(state));
    const kept = this.record.restore();
    this.drill.restore(this.record);
    if (await this.together.restore(kept)) return;
    this.machine.send({ summary: "show", session: "resume", nothing: "open" }[kept]);
  }

  get room() {
    return this.together.room;
  }

  /** What the buttons do. */
  act(name) {
    if (ASKS.has(name)) this.#view.asked = name;
    const follow = (event) => () => (this.config ? this.machine.send(event) : location.reload());
    const actions = {
      ...this.together.actions,
      start: follow("start"),
      once_more: () => (this.room && this.machine.state === "trouble" ? this.machine.send("seated") : this.act(this.#view.asked)),
      back: () => (this.together.leave(), follow("back")()),
      cancel: () => (this.together.leave(), this.machine.send("cancel")),
      alone: () => this.machine.send("start"),
      settings: () => this.dialog.open(INSTRUMENTS.has(this.machine.state) ? this.record.cues : null),
      float: () => this.float.toggle(),
      save: () => (saveSummary(this.record), this.say(words.summary.saved)),
      remove: () => (this.together.leave(), this.record.forget(), this.machine.send("remove") && this.say(words.summary.deleted)),
      again: () => (this.machine.state === "finished" && this.together.leave(), this.machine.send("again")),
      review: () => (this.record.recall(), this.machine.send("review")),
      retry: () => this.#hurry(),
      try: () => this.#try(),
      go: () => ((this.drill.wanted = true), this.machine.send("go")),
      redraw: () => this.show(),
      forget: () => (forget(), this.say(words.drills.forgotten), this.drill.draw(), this.show()),
      softer: () => this.#softer(),
      stop: () => this.#stopDrill(),
      end: () => (this.together.calling && this.machine.state !== "lost" ? this.leaving.ask() : this.#end(true)),
      silence: () => this.#silence(),
      why: () => {
        this.#view.nudge = this.record.nudges.at(-1);
        this.machine.send("why");
      },
    };
    const action = actions[name] ?? (() => this.machine.send(name));
    Promise.resolve(action()).catch((error) => this.fail(error));
  }

  #listen() {
    this.float.addEventListener("change", () => {
      this.layout.floating(this.float.window !== null);
      // With a floating window the page itself may be hidden, and then only that window has frames.
      this.frames.follow(this.float.window ?? window);
    });
    document.addEventListener("keydown", ({ key }) => {
      if (at("settings").open || this.leaving.open) return;
      if (key === "Escape") this.machine.send("close") || this.machine.send("cancel") || this.#stopDrill() || this.#silence();
      if (key === "-" && this.drill.running) this.#softer();
    });
    this.microphone.addEventListener("gone", () => this.#gone());
    this.microphone.addEventListener("silent", () => this.#silent(true));
    this.microphone.addEventListener("heard", () => this.#silent(false));
    this.microphone.addEventListener("muted", () => this.call?.mute(this.microphone.muted));
    this.settings.addEventListener("change", ({ detail }) => this.#changed(detail));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#devicesChanged());
    window.addEventListener("online", () => this.#hurry());
    window.addEventListener("unhandledrejection", ({ reason }) => this.fail(reason));
  }

  // States

  #entered(state, event) {
    this.#stopTimers(LIVE.has(state) ? "summary" : ""); // a call that is over ends, whatever comes meanwhile
    const round = ++this.#round;
    if (!LIVE.has(state)) this.leaving.close();
    if (!BETWEEN.has(state)) this.#mute(MUTED.has(state));
    const enter = {
      ready: () => this.#ready(event),
      choosing: () => this.#choose(round),
      inviting: () => this.microphone.close(),
      beside: () => this.microphone.close(),
      consent: () => (this.#clear(), this.microphone.close()),
      connecting: () => this.#connect(round),
      listening: () => this.#listening(event),
      preparing: () => this.#prepare(),
      countdown: () => this.#count(),
      card: () => announce(words.drills.card(this.drill.ended.card.title, this.drill.ended.card.level)),
      broken: () => announce(words.drills.broken, { urgent: true }),
      nudge: () => this.#timer("nudge", () => this.machine.send("clear"), this.#view.nudge.show_s * 1000 + OVERSTAY_MS),
      lost: () => this.#reconnect(round),
      unplugged: () => announce(words.problems.unplugged.title, { urgent: true }),
      finishing: () => this.#finish(),
      finished: () => this.#finished(event),
      trouble: () => this.#trouble(),
    }[state];
    enter?.();
    this.show();
  }

  /** Where a session goes on; a drill takes it from there. */
  #listening(event) {
    if (this.drill.wanted) return this.machine.send("prepare");
    if (this.drill.running) return this.machine.send("drill");
    // A session that was begun for a drill is for nothing else: a person says when it goes on.
    if (this.record.drill) return this.machine.send(this.drill.ended ? "card" : "broken");
    if (event === "hello") announce(words.listening.alive);
  }

  // Drills

  async #choose(round) {
    this.drill.stop();
    await this.#settle();
    if (round !== this.#round) return;
    this.#clear();
    try {
      this.drill.offers = await listed();
    } catch (error) {
      if (round === this.#round) this.fail(new Problem("away", String(error)));
      return;
    }
    if (round !== this.#round) return;
    this.drill.choose({});
    this.drill.draw();
    this.show();
  }

  #prepare() {
    this.drill.wanted = false;
    this.drill.ready = this.drill.ended = null;
    const { name, level, db } = this.drill;
    this.record.drill = { name, level, after: this.record.cards.length };
    this.record.write();
    this.call.send({ type: "lower_distractions", db });
    this.call.send({ type: "prepare_drill", drill: name, level });
  }

  #count() {
    this.#view.seconds = COUNT_FROM;
    announce(`${words.drills.talkAbout}: ${this.drill.ready.question}`);
    const count = () => {
      this.#view.seconds -= 1;
      if (this.#view.seconds > 0) return this.show();
      this.call.hearken();
      this.drill.running = true;
      this.call.send({ type: "begin_drill" });
      this.machine.send("begin");
    };
    this.#timer("count", count, 1000, { every: true });
  }

  #stopDrill() {
    if (!this.drill.running) return false;
    this.call?.hush();
    return this.call?.send({ type: "stop_drill" });
  }

  /** Stop what an interviewer lets be heard. */
  #silence() {
    if (this.room?.playing && this.call?.send({ type: "stop_drill" })) this.room.plays(0);
  }

  #softer() {
    this.say(this.drill.softer(), "noises");
    this.call?.send({ type: "lower_distractions", db: Math.max(OFF_DB, this.drill.db) });
  }

  #played(sound) {
    this.captions.hear(sound, (this.room ? words.room : words.drills).people);
    this.room?.plays(sound.length_s);
  }

  #stepEnded({ result }) {
    const well = praise(result);
    if (well) this.say(well, "praise");
  }

  #drillEnded(event) {
    this.captions.clear();
    if (this.room) return this.room.plays(0); // the interviewer's doing: a part of the summary
    if (this.drill.ended?.seq === event.seq) return;
    this.call?.hush();
    this.drill.stop();
    this.drill.earlier = remember(event);
    this.drill.ended = event;
    this.machine.send("card");
  }

  /** End a session that found something, and have its summary before it makes room for another one. */
  async #settle() {
    if (!this.record.worthKeeping || !this.call?.send({ type: "end" })) return;
    await new Promise((resolve) => {
      this.#settled = resolve;
      this.#timer("settle", resolve, SUMMARY_MS);
    });
  }

  /** Let the microphone be heard, or not, while the session goes on. */
  #mute(muted) {
    this.microphone.mute(muted);
    if (muted) for (const kind of ["muted", "silent"]) this.notices.delete(kind);
  }

  #clear() {
    this.#drop({ remove: true });
    this.notices.clear();
    this.record.clear();
    this.instruments.clear();
    this.trace.clear();
    this.captions.clear();
    this.#view.nudge = null;
  }

  async #ready(event) {
    this.#clear();
    if (event === "cancel") return;
    if (this.#view.permission === "granted") await this.#try();
    if (this.#view.permission === "denied" && event === "open") this.fail(new Problem("refused"));
  }

  /** Open the microphone before the start, so that its level can be seen. */
  async #try() {
    try {
      await this.openMicrophone();
    } catch (error) {
      this.fail(error);
    }
    this.show();
  }

  /** Throws when the person or the machine refuses. */
  async openMicrophone() {
    await this.microphone.open(this.settings);
    this.#view.permission = "granted";
  }

  async #connect(round) {
    this.#clear();
    try {
      await this.#dial(null, round);
    } catch (error) {
      if (round !== this.#round) return;
      const problem = microphoneProblem(error);
      if (this.room?.calling && !DEVICE.has(problem.id)) return this.#unheard();
      this.fail(problem);
    }
  }

  /** The engine can't hear this one of two: they talk on all the same. */
  #unheard() {
    this.#drop({ remove: true });
    this.room.agree(false);
    this.machine.send("talk");
    this.notice("unheard", true);
  }

  /**
   * One try to reach the engine; with `token` it goes on with that session. `round` is the stay in
   * the state that asked: what comes too late for it is dropped.
   */
  async #dial(token, round) {
    this.#step("microphone");
    if (!this.microphone.live) await this.openMicrophone();
    if (round !== this.#round) return;
    const call = new Call({ stream: this.microphone.stream, iceServers: this.config.ice_servers });
    this.call?.close();
    this.call = call;
    call.addEventListener("step", ({ detail }) => this.#step(detail));
    call.addEventListener("message", ({ detail }) => call === this.call && this.#hear(detail));
    call.addEventListener("lost", () => call === this.call && this.machine.send("drop"));
    this.room?.use(this.microphone.stream);
    const { profile, cuesOff } = this.settings;
    await call.connect({ profile, cuesOff, token, seat: this.room?.seat });
    this.together.otherSide();
  }

  async #reconnect(round) {
    this.#view.nudge = null;
    this.drill.stop();
    if (this.call) announce(words.lost.title, { urgent: true });
    const countdown = () => {
      this.#view.seconds = Math.ceil(this.record.keptMs / 1000);
      this.show();
      if (this.record.keptMs === 0) this.#giveUp();
    };
    this.#timer("countdown", countdown, 500, { every: true });
    countdown();
    let notBeforeMs = 0;
    for (let tries = 0; round === this.#round; tries++) {
      await this.patience.wait(Math.max(notBeforeMs, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
      if (round !== this.#round) return;
      try {
        await this.#dial(this.record.token, round);
      } catch (error) {
        if (round !== this.#round) return;
        const problem = microphoneProblem(error);
        if (problem.id === "expired") return this.#giveUp();
        notBeforeMs = problem.id === "crowded" ? 1000 * problem.retryAfter : 0;
        if (DEVICE.has(problem.id)) return this.fail(problem);
      }
    }
  }

  /** Somebody pressed Try now, or the network is back; a try that hangs is given up. */
  #hurry() {
    if (this.machine.state !== "lost") return;
    this.patience.hurry();
    this.call?.close();
  }

  #giveUp() {
    if (!this.record.nudges.length && this.record.at_s < 5) return this.fail(new Problem("expired"));
    this.machine.send("give_up");
  }

  /** The person wants out: of a call of two alone, or for both. */
  #end(both) {
    this.#both = both;
    this.machine.send(this.machine.state === "lost" ? "give_up" : "end");
  }

  #finish() {
    const sent = this.room?.leave(this.#both) || this.call?.send({ type: "end" });
    if (this.#both || this.call) return this.expectSummary("give_up", sent ? SUMMARY_MS : 0);
    this.record.unmeasured();
    this.machine.send("summary");
  }

  /** Wait for the engine's summary, and no longer than that; then `event` happens without. */
  expectSummary(event, milliseconds = SUMMARY_MS) {
    this.#timer("summary", () => this.machine.send(event), milliseconds);
  }

  #finished(event) {
    if (event === "give_up" || !this.record.summary) this.record.giveUp();
    this.#drop({ remove: event === "give_up" });
    this.microphone.close();
    this.notices.clear();
    this.together.hangUp();
    this.summarise();
    if (event !== "show") announce(words.summary.title);
  }

  summarise() {
    showSummary(this.record, (name) => this.act(name), this.room);
  }

  #trouble() {
    const { problem } = this.#view;
    this.drill.stop();
    // A microphone can be mended: until then the seat is kept.
    const keeps = DEVICE.has(problem.id) && this.room && !this.room.over && !this.together.beside;
    if (problem.id === "elsewhere") this.record.forget();
    else if (this.call && !keeps) this.record.clear();
    if (this.room && !keeps) this.together.leave();
    this.#drop({ remove: problem.id !== "elsewhere" });
    announce(`${words.problems[problem.id].title}. ${sentence(problem)}`, { urgent: true });
    if (problem.retryAfter) this.#await(problem);
  }

  /** Count until it is worth another try. Nobody is listened to after a wait unless they ask for it again. */
  #await(problem) {
    this.#view.seconds = problem.retryAfter;
    const count = () => {
      if (this.#view.seconds === 0) return;
      this.#view.seconds -= 1;
      this.show();
      if (this.#view.seconds === 0) announce(sentence(problem, 0));
    };
    this.#timer("wait", count, 1000, { every: true });
  }

  #drop({ remove }) {
    this.call?.close({ remove });
    this.call = null;
  }

  // What the engine says

  #hear(told) {
    if (told.channel) return; // the other side's
    const anew = told.type === "hello" && this.record.begin(this.call, told);
    if (anew) this.#briefly(anew);
    const message = this.record.placed(told);
    this.record.hear(message);
    const heard = {
      drill_ready: () => (this.drill.ready = message) && this.machine.send("count"),
      drill_sound: () => this.#played(message),
      drill_hush: () => this.room?.plays(0),
      drill_step_ended: () => this.#stepEnded(message),
      drill_ended: () => this.#drillEnded(message),
      hello: () => this.#greeted(message),
      reading: () => this.#reading(message),
      trace: () => this.trace.hear(message),
      audio_lost: () => this.trace.lose(message),
      nudge: () => this.#nudge(message),
      nudge_cleared: () => message.id === this.#view.nudge?.id && this.machine.send("clear"),
      mute_started: () => this.#muted(true),
      mute_ended: () => this.#muted(false),
      signal_problem: () => this.notice(message.kind, message.on),
      error: () => this.#told(message),
      summary: () => this.#summed(message),
      ended: () => this.#ended(message),
    }[message.type];
    heard?.();
  }

  #greeted({ at_s: time, muted }) {
    this.trace.startAt(time);
    this.#muted(muted);
    this.call.mute(this.microphone.muted);
    this.machine.send("hello");
  }

  /** The engine knows that this one is not there, or is again. */
  #muted(muted) {
    this.#view.muted = muted;
    if (!LIVE.has(this.machine.state)) return;
    // What the page itself has muted needs no word.
    this.notice("muted", muted && !this.microphone.off);
    this.show();
  }

  #summed({ goes_on: goesOn }) {
    if (goesOn) return;
    this.#settled();
    // Who left the analysis talks on: the summary waits for the end of the call.
    if (this.room && !this.room.over && !this.room.analysed) {
      this.#drop({ remove: false });
      return this.machine.send("talk");
    }
    this.machine.send("summary");
  }

  #told({ code, message }) {
    if (code === "overloaded") return this.#briefly("overloaded");
    if (["preparing", "countdown"].includes(this.machine.state)) this.fail(new Problem("drill", message));
  }

  #reading(reading) {
    const aim = (cue) => this.record.aim(cue);
    const limit = this.drill.running ? null : aim("check_in")[1];
    this.instruments.show(reading, aim, { limit, alone: this.record.alone, muted: this.#view.muted });
    this.trace.median(reading.f0_median_hz);
    this.float.pace(reading.pace_wpm, aim("pace"));
    const { roundTripMs } = this.call;
    const timed = reading.delay_ms !== null && roundTripMs !== null;
    write(at("delay"), timed ? words.trace.delay(reading.delay_ms + roundTripMs / 2) : "");
    this.layout.lost(this.trace.lossy);
    this.layout.status(this.machine.state, this.record.at_s, this.#view.muted);
  }

  #briefly(kind) {
    this.notice(kind, true);
    clearTimeout(this.#brief.get(kind));
    this.#brief.set(kind, setTimeout(() => this.notice(kind, false), BRIEFLY_MS));
  }

  #nudge(nudge) {
    this.trace.nudge(nudge);
    this.#view.nudge = nudge;
    if (!this.machine.send("nudge")) return;
    announce(nudge.text, { urgent: nudge.urgent });
    feel(this.settings, this.microphone);
  }

  #ended({ reason, can_resume: canResume, message }) {
    if (canResume) return this.machine.send("drop");
    const problem = { replaced: "elsewhere", shutdown: "shutdown" }[reason];
    if (reason !== "asked") this.fail(problem ? new Problem(problem) : new Problem("answer", message));
  }

  // The microphone and the settings

  #silent(silent) {
    this.stage.silent(silent);
    if (LIVE.has(this.machine.state)) this.notice("muted", silent);
    else if (silent) announce(words.ready.silent);
  }

  notice(kind, on) {
    if (on === this.notices.has(kind) || (on && MUTED.has(this.machine.state) && ["muted", "silent"].includes(kind))) return;
    if (on) announce(words.notices[kind], { urgent: true });
    this.notices[on ? "add" : "delete"](kind);
    this.show();
  }

  async #gone() {
    if (this.machine.state === "ready") return this.#reopen({ ...this.settings, deviceId: "" });
    if (this.machine.send("unplug")) await this.#devicesChanged();
  }

  /** A device came or went: take it up again when we were waiting for one. */
  async #devicesChanged() {
    if (this.machine.state === "unplugged") return this.#reopen({ ...this.settings, deviceId: "" });
    if (this.machine.state !== "trouble" || this.#view.problem.id !== "none") return;
    if ((await Microphone.list()).length) this.#mended();
  }

  /** The microphone can be had again: back to where it is asked for. */
  #mended() {
    this.machine.send(this.room ? "seated" : "back");
  }

  /** The person answered in the browser's own settings. */
  #permitted(permission) {
    this.#view.permission = permission;
    if (permission === "granted" && this.#view.problem?.id === "refused") this.#mended();
  }

  async #changed(name) {
    if (name === "cuesOff") this.call?.send({ type: "set_cue", ...this.settings.changedCue });
    if (REOPEN.has(name) && (this.microphone.live || this.machine.state === "unplugged")) await this.#reopen(this.settings);
    this.show();
  }

  async #reopen(settings) {
    try {
      await this.microphone.open(settings);
      this.notice("reopen", false);
    } catch (error) {
      if (this.machine.state === "unplugged") return; // still none: the stage says so already
      if (LIVE.has(this.machine.state)) return this.notice("reopen", true);
      return this.fail(error);
    }
    if (LIVE.has(this.machine.state)) await this.call?.replace(this.microphone.track);
    await this.room?.replace(this.microphone.track);
    this.machine.send("plug");
    this.show();
  }

  fail(error) {
    this.#view.problem = microphoneProblem(error);
    if (this.machine.send("trouble")) this.microphone.close();
  }

  #step(name) {
    this.#view.step = name;
    this.show();
  }

  // Showing

  /** Say something in passing, that nothing else shows; `about` tells what it takes the place of. */
  say(text, about = text) {
    announce(text);
    this.said.say(text, { about });
  }

  show() {
    const { state } = this.machine;
    const view = { ...this.#view, state, hasLast: this.record.hasLast, profile: this.settings.profile, drill: this.drill, room: this.room };
    drawRoom(at("room"), this.room, state, (name) => this.act(name));
    const notices = LIVE.has(state) ? [...this.notices] : [];
    const hadFocus = document.activeElement?.closest("main");
    this.stage.show(view);
    this.float.show(view);
    this.layout.show({ ...view, notices, question: this.#question(state), captions: this.#captioned(state), last: this.record.nudges.at(-1), at_s: this.record.at_s });
    const has = document.activeElement;
    // What is hidden keeps the focus until the browser draws the next time.
    if (hadFocus && (has === document.body || !has.checkVisibility())) this.layout.focusMain();
  }

  /** What there is to talk about, and who asks; null when nobody does. */
  #question(state) {
    if (this.room) return this.room.asked && inCall(this.room, state) ? { by: words.room.question, text: this.room.asked } : null;
    return ASKING.has(state) && this.drill.question ? { by: words.drills.talkAbout, text: this.drill.question } : null;
  }

  /** Whether there is something to be heard that is to be read, too. */
  #captioned(state) {
    return this.settings.captions && (this.room ? inCall(this.room, state) : this.drill.running);
  }

  #draw() {
    const dbfs = this.microphone.level();
    this.stage.level(dbfs);
    this.float.level(dbfs);
    if (INSTRUMENTS.has(this.machine.state)) this.trace.draw();
  }

  #timer(name, action, milliseconds, { every = false } = {}) {
    this.#timers.set(name, every ? setInterval(action, milliseconds) : setTimeout(action, milliseconds));
  }

  #stopTimers(kept) {
    for (const [name, timer] of this.#timers) {
      if (name === kept) continue;
      clearInterval(timer);
      this.#timers.delete(name);
    }
  }
}

new App().open();
