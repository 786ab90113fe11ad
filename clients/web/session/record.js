/** What the page knows of the session; kept in this tab only, so that a reload can go on. */

import { later, noWords, withWords } from "./heard-words.js";

/** @import { InterviewChoice } from "../drills/interview.js" */
/** @import { Shadowed } from "../exercises/shadowed.js" */
/** @import { Task } from "../page/view.js" */
/** @import { Advised, AnswerReview, Card, CueState, DrillEnded, ExerciseScore, ExerciseView, Hello, Kept, Nudge, Summary, ToClient } from "../protocol.js" */

/**
 * @typedef {Pick<Summary, "duration_s" | "measures" | "findings" | "nudges"> & { profile: string | null, partial?: boolean,
 *   unmeasured?: boolean }} KeptSummary the engine's, or what the page saw of it
 * @typedef {{ until_s: number, from_s: number, kind: "moved" | "restarted", summary: KeptSummary | null }} Part
 * @typedef {{ id: string, kept: Kept | null, why: string }} Taken the take that was kept of the session, or why it wasn't
 * @typedef {{ name: string, level: Card["level"], after: number, interview: InterviewChoice | null }} BegunDrill the
 *   drill or the interview that a session was begun for, and how many cards there were before it
 * @typedef {{ view: ExerciseView, place: number, talk: Shadowed | null, noted: boolean }} KeptRun the exercise that a
 *   session is for, the step it is at, the talk that is retold in it, and whether its techniques are the note of the take
 */

const KEY = "sottovoce.session";
const LAST_KEY = "sottovoce.last";
const LEAST_S = 5;
const WRITE_EVERY_MS = 1000;

/** What is kept, as it is before a session. */
const empty = () => ({
  token: /** @type {string | null} */ (null),
  session: /** @type {string | null} */ (null),
  profile: /** @type {string | null} */ (null),
  cues: /** @type {CueState[]} */ ([]),
  alone: true,
  nudges: /** @type {Nudge[]} */ ([]),
  summary: /** @type {KeptSummary | null} */ (null),
  parts: /** @type {Part[]} */ ([]),
  from_s: 0,
  after: 0,
  soFar: /** @type {KeptSummary | null} */ (null),
  cards: /** @type {DrillEnded[]} */ ([]),
  drill: /** @type {BegunDrill | null} */ (null),
  task: /** @type {Task | null} */ (null),
  run: /** @type {KeptRun | null} */ (null),
  score: /** @type {ExerciseScore | null} */ (null),
  heard: noWords(),
  review: /** @type {AnswerReview | null} */ (null),
  taken: /** @type {Taken | null} */ (null),
  advised: /** @type {Pick<Advised, "advice" | "why"> | null} */ (null),
  at_s: 0,
  seen_ms: 0,
});

/** Times in a message, in the engine's stream time. */
const TIMES = ["at_s", "start_s", "end_s", "duration_s"];

/** Messages that are written at once. */
const IMPORTANT = new Set(["hello", "nudge", "drill_ended", "summary", "review", "advised", "exercise_scored"]);

/**
 * The running or finished session. Wall time (`seen_ms`) only tells whether it can still be resumed, and for how long
 * nobody listened when another worker of the engine went on with it. That worker begins at 0 again: the session then has
 * `parts`, each `{until_s, from_s, kind, summary}` with the time at which it broke off, the time at which the next one
 * began, why (`restarted` or `moved`), and the measures until then, null where they were lost. All that is noted is in
 * one time, from the beginning of the first part.
 */
export class SessionRecord {
  /** How long the server keeps a session without its speaker. */
  keepMs = 30000;
  /** What is kept. */
  data = empty();
  #storage;
  #writtenAt = -Infinity;

  constructor(storage = sessionStorage) {
    this.#storage = storage;
  }

  get token() {
    return this.data.token;
  }

  get cues() {
    return this.data.cues;
  }

  /** Whether the engine hears one speaker only. */
  get alone() {
    return this.data.alone;
  }

  get nudges() {
    return this.data.nudges;
  }

  get summary() {
    return this.data.summary;
  }

  get parts() {
    return this.data.parts;
  }

  get cards() {
    return this.data.cards;
  }

  /** What was said in the answer; null before the engine has looked at it, or without words. */
  get review() {
    return this.data.review;
  }

  /** What the server's language model said of it; null where it wasn't asked. */
  get advised() {
    return this.data.advised;
  }

  /** The take that was kept of it; null before that is known, or where nothing is kept. */
  get taken() {
    return this.data.taken;
  }

  /** Words as they came. */
  get heard() {
    return this.data.heard;
  }

  /** What it is for; null where it is for nothing in particular. */
  get task() {
    return this.data.task;
  }

  /** The exercise that it is for, with its steps; null where it is for none. */
  get run() {
    return this.data.run;
  }

  /** The score of the exercise; null before it has come. */
  get score() {
    return this.data.score;
  }

  get drill() {
    return this.data.drill;
  }

  get at_s() {
    return this.data.at_s;
  }

  /** Forget all of it, when the person wants it so. */
  forget() {
    this.data = empty();
    this.#writtenAt = -Infinity;
    this.#storage.removeItem(KEY);
  }

  /** Make room for another session; one that found something is kept as the last one, until the next. */
  clear() {
    if (this.worthKeeping) {
      if (!this.summary) this.giveUp();
      this.#storage.setItem(LAST_KEY, this.#storage.getItem(KEY) ?? "");
    }
    this.forget();
  }

  /** Whether a person was told, or can still be told, something by it. */
  get worthKeeping() {
    if (this.summary) return !this.summary.unmeasured;
    return Boolean(this.nudges.length || this.cards.length || this.at_s >= LEAST_S);
  }

  /** Whether there is a last one to look at. */
  get hasLast() {
    return this.#storage.getItem(LAST_KEY) !== null;
  }

  /** Make the last one the present one again. */
  restoreLast() {
    this.#storage.setItem(KEY, this.#storage.getItem(LAST_KEY) ?? "");
    this.#storage.removeItem(LAST_KEY);
    this.restore();
  }

  /** Restore what the page before a reload left: a `summary`, a `session` to go on with, or `nothing`. */
  restore() {
    try {
      const kept = JSON.parse(this.#storage.getItem(KEY) ?? "{}");
      const known = Object.keys(empty()).filter((name) => (kept[name] ?? null) !== null);
      this.data = { ...empty(), ...Object.fromEntries(known.map((name) => [name, kept[name]])) };
    } catch {
      this.forget(); // written by another version of the page
    }
    if (this.summary) return "summary";
    return this.keptMs > 0 ? "session" : "nothing";
  }

  /** Milliseconds for which the server still keeps the session. */
  get keptMs() {
    return this.token ? Math.max(0, this.data.seen_ms + this.keepMs - Date.now()) : 0;
  }

  /**
   * Note a connection that was greeted. Where the engine begins anew in the middle, return why it does.
   *
   * @param {{ token: string | null, session: string | null }} connection
   * @param {Hello} hello
   */
  begin({ token, session }, { resumed, continued }) {
    const anew = continued && session !== this.data.session;
    if (anew) this.#part();
    else if (!resumed && !continued) this.clear();
    this.data.token = token;
    this.data.session = session;
    this.write();
    return anew ? this.parts[this.parts.length - 1].kind : null;
  }

  #part() {
    const { data } = this;
    const away_s = Math.max(0, Date.now() - data.seen_ms) / 1000;
    const kind = data.soFar ? "moved" : "restarted";
    data.from_s = data.at_s + away_s;
    data.after = Math.max(0, ...data.nudges.map(({ id }) => id));
    data.parts.push({ until_s: data.at_s, from_s: data.from_s, kind, summary: data.soFar });
    data.soFar = null;
  }

  /**
   * Return a message of the engine in the time of the whole session, its nudges numbered on.
   *
   * @template {ToClient} Message
   * @param {Message} message
   * @returns {Message}
   */
  inSessionTime(message) {
    if (!this.parts.length) return message;
    const { from_s, after } = this.data;
    /** @type {any} */
    const moved = { ...message };
    for (const name of TIMES) if (name in message) moved[name] += from_s;
    if (["nudge", "nudge_cleared"].includes(message.type)) moved.id += after;
    if (message.type === "nudge") {
      const window_s = message.evidence.window_s.map((time) => time + from_s);
      moved.evidence = { ...message.evidence, window_s };
    }
    if (message.type === "summary") moved.nudges = message.nudges.map((nudge) => this.inSessionTime(nudge));
    if (message.type === "words" || message.type === "words_corrected") moved.words = later(message.words, from_s);
    if (message.type === "review") {
      const { words, unknown } = message.review;
      moved.review = { ...message.review, words: later(words, from_s), unknown: later(unknown, from_s) };
    }
    return moved;
  }

  /**
   * Note a message of the engine, which is {@link inSessionTime}.
   *
   * @param {ToClient} message
   */
  note(message) {
    const { data } = this;
    if ("at_s" in message) data.at_s = message.at_s;
    data.seen_ms = Date.now();
    if (message.type === "hello") {
      data.profile = message.profile;
      data.cues = message.cues;
      data.alone = message.channels === 1;
    } else if (message.type === "nudge") {
      data.nudges = [...data.nudges.filter((nudge) => nudge.id !== message.id), message];
    } else if (message.type === "drill_ended") {
      data.cards = [...data.cards.filter(({ seq }) => seq !== message.seq), message];
    } else if (message.type === "words" || message.type === "words_corrected" || message.type === "words_missed") {
      data.heard = withWords(data.heard, message);
    } else if (message.type === "review") Object.assign(data, { review: message.review, heard: noWords() });
    else if (message.type === "advised") data.advised = { advice: message.advice, why: message.why };
    else if (message.type === "exercise_scored") data.score = message.score;
    else if (message.type === "summary") this.#noteSummary(message);
    const due = performance.now() - this.#writtenAt > WRITE_EVERY_MS;
    if (due || IMPORTANT.has(message.type)) this.write();
  }

  /** @param {Summary} message */
  #noteSummary(message) {
    const { data } = this;
    const received = new Map(data.nudges.map((nudge) => [nudge.id, nudge]));
    // As they came: with the delay, which the core that sums up does not know.
    const last = message.nudges.map((nudge) => received.get(nudge.id) ?? nudge);
    const summary = { ...message, nudges: [...data.nudges.filter(({ id }) => id <= data.after), ...last] };
    if (message.goes_on) data.soFar = summary;
    else Object.assign(data, { summary, token: null });
  }

  /** End a session that can't be resumed: what is left is what the page saw of it. */
  giveUp() {
    const { data } = this;
    data.token = null;
    data.summary = data.soFar ?? {
      partial: true,
      duration_s: data.at_s,
      profile: data.profile,
      measures: [],
      findings: [],
      nudges: data.nudges,
    };
    this.write();
  }

  /** End a call in which nothing was measured of this person. */
  endUnmeasured() {
    if (this.summary) return;
    this.data.summary = { unmeasured: true, duration_s: 0, profile: "", measures: [], findings: [], nudges: [] };
    this.write();
  }

  /** Forget the words of the session that goes on. */
  forgetWords() {
    Object.assign(this.data, { heard: noWords(), review: null, advised: null });
    this.write();
  }

  /**
   * Note what was kept of it.
   *
   * @param {Taken | null} taken
   */
  noteTaken(taken) {
    if (!this.summary) return;
    this.data.taken = taken;
    this.write();
  }

  /**
   * Note the drill that the session was begun for.
   *
   * @param {BegunDrill} drill
   */
  beginDrill(drill) {
    this.data.drill = drill;
    this.write();
  }

  /** @param {KeptRun} run */
  noteRun(run) {
    this.data.run = run;
    this.write();
  }

  write() {
    this.#writtenAt = performance.now();
    this.#storage.setItem(KEY, JSON.stringify(this.data));
  }

  /**
   * Return the comfortable range of a cue, `[low, high]`; null where it has no such end.
   *
   * @param {string} cue
   * @returns {[number | null, number | null]}
   */
  target(cue) {
    return this.cues.find((state) => state.cue === cue)?.aim ?? [null, null];
  }
}
