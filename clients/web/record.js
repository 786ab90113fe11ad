/** What the page knows of the session; kept in this tab only, so that a reload can go on. */

const KEY = "sottovoce.session";
const LAST_KEY = "sottovoce.last";
const LEAST_S = 5;
const WRITE_EVERY_MS = 1000;

const EMPTY = {
  token: null,
  session: null,
  profile: null,
  cues: [],
  alone: true,
  nudges: [],
  summary: null,
  parts: [],
  from_s: 0,
  after: 0,
  soFar: null,
  cards: [],
  drill: null,
  at_s: 0,
  seen_ms: 0,
};

/** Times in a message, in the engine's stream time. */
const TIMES = ["at_s", "start_s", "end_s", "duration_s"];

/**
 * The running or finished session. Wall time (`seen_ms`) only tells whether it can still be resumed, and
 * how long nobody listened when another worker of the engine went on with it. That engine begins at 0
 * again: the session then has `parts`, each `{until_s, from_s, kind, summary}` with the time at which
 * it broke off, the time at which the next one began, why (`restarted` or `moved`), and the measures until then,
 * null where they were lost. All that is noted is in one time, from the beginning of the first part.
 */
export class Record {
  /** How long the server keeps a session without its speaker. */
  keepMs = 30000;

  constructor(storage = sessionStorage) {
    this.storage = storage;
    this.#empty();
  }

  #empty() {
    Object.assign(this, structuredClone(EMPTY));
    this.writtenAt = -Infinity;
  }

  /** Forget all of it: the person wants it so. */
  forget() {
    this.#empty();
    this.storage.removeItem(KEY);
  }

  /** Make room for another session; one that found something is kept as the last one, until the next. */
  clear() {
    if (this.worthKeeping) {
      if (!this.summary) this.giveUp();
      this.storage.setItem(LAST_KEY, this.storage.getItem(KEY));
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
    return this.storage.getItem(LAST_KEY) !== null;
  }

  /** Take up the last one again; it is this one from now on. */
  recall() {
    this.storage.setItem(KEY, this.storage.getItem(LAST_KEY));
    this.storage.removeItem(LAST_KEY);
    this.restore();
  }

  /** Take up what the page before a reload left: a `summary`, a `session` to go on with, or `nothing`. */
  restore() {
    try {
      const kept = JSON.parse(this.storage.getItem(KEY)) ?? {};
      for (const name of Object.keys(EMPTY)) this[name] = kept[name] ?? structuredClone(EMPTY[name]);
    } catch {
      this.forget(); // written by another version of the page
    }
    if (this.summary) return "summary";
    return this.keptMs > 0 ? "session" : "nothing";
  }

  /** Milliseconds for which the server still keeps the session. */
  get keptMs() {
    return this.token ? Math.max(0, this.seen_ms + this.keepMs - Date.now()) : 0;
  }

  /** A call was greeted: note it. Where the engine begins anew in the middle, says why it does. */
  begin({ token, session }, { resumed, continued }) {
    const anew = continued && session !== this.session;
    if (anew) this.#part();
    else if (!resumed && !continued) this.clear();
    this.token = token;
    this.session = session;
    this.write();
    return anew ? this.parts.at(-1).kind : null;
  }

  #part() {
    const away_s = Math.max(0, Date.now() - this.seen_ms) / 1000;
    const kind = this.soFar ? "moved" : "restarted";
    this.from_s = this.at_s + away_s;
    this.after = Math.max(0, ...this.nudges.map(({ id }) => id));
    this.parts.push({ until_s: this.at_s, from_s: this.from_s, kind, summary: this.soFar });
    this.soFar = null;
  }

  /** A message of the engine in the time of the whole session, its nudges numbered on. */
  placed(message) {
    if (!this.parts.length) return message;
    const placed = { ...message };
    for (const name of TIMES) if (name in message) placed[name] += this.from_s;
    if (["nudge", "nudge_cleared"].includes(message.type)) placed.id += this.after;
    if (message.evidence) {
      const window_s = message.evidence.window_s.map((time) => time + this.from_s);
      placed.evidence = { ...message.evidence, window_s };
    }
    if (message.type === "summary") placed.nudges = message.nudges.map((nudge) => this.placed(nudge));
    return placed;
  }

  /** Note a message of the engine, as {@link placed}. */
  hear(message) {
    if (message.at_s !== undefined) this.at_s = message.at_s;
    this.seen_ms = Date.now();
    if (message.type === "hello") {
      this.profile = message.profile;
      this.cues = message.cues;
      this.alone = message.channels === 1;
    } else if (message.type === "nudge") {
      this.nudges = [...this.nudges.filter((nudge) => nudge.id !== message.id), message];
    } else if (message.type === "drill_ended") {
      this.cards = [...this.cards.filter(({ seq }) => seq !== message.seq), message];
    } else if (message.type === "summary") {
      const heard = new Map(this.nudges.map((nudge) => [nudge.id, nudge]));
      // As they came: with the delay, which the core that sums up does not know.
      const last = message.nudges.map((nudge) => heard.get(nudge.id) ?? nudge);
      const summary = { ...message, nudges: [...this.nudges.filter(({ id }) => id <= this.after), ...last] };
      if (message.goes_on) this.soFar = summary;
      else Object.assign(this, { summary, token: null });
    }
    const due = performance.now() - this.writtenAt > WRITE_EVERY_MS;
    if (due || ["hello", "nudge", "drill_ended", "summary"].includes(message.type)) this.write();
  }

  /** The session can't be resumed: what is left is what the page saw of it. */
  giveUp() {
    this.token = null;
    this.summary = this.soFar ?? {
      partial: true,
      duration_s: this.at_s,
      profile: this.profile,
      measures: [],
      findings: [],
      nudges: this.nudges,
    };
    this.write();
  }

  /** A call in which nothing was measured of this person. */
  unmeasured() {
    if (this.summary) return;
    this.summary = { unmeasured: true, duration_s: 0, profile: "", measures: [], findings: [], nudges: [] };
    this.write();
  }

  write() {
    this.writtenAt = performance.now();
    const kept = Object.fromEntries(Object.keys(EMPTY).map((name) => [name, this[name]]));
    this.storage.setItem(KEY, JSON.stringify(kept));
  }

  /** The comfortable range of a cue, `[low, high]`; null where it has no such end. */
  aim(cue) {
    return this.cues.find((state) => state.cue === cue)?.aim ?? [null, null];
  }
}
