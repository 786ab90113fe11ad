/** What the page knows of the session; kept in this tab only, so that a reload can go on. */

const KEY = "sottovoce.session";
const WRITE_EVERY_MS = 1000;

const EMPTY = {
  token: null,
  session: null,
  profile: null,
  cues: [],
  nudges: [],
  summary: null,
  at_s: 0,
  seen_ms: 0,
};

/** The running or finished session. Wall time (`seen_ms`) only tells whether it can still be resumed. */
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

  /** Forget all of it. */
  clear() {
    this.#empty();
    this.storage.removeItem(KEY);
  }

  /** Take up what the page before a reload left: a `summary`, a `session` to go on with, or `nothing`. */
  restore() {
    try {
      const kept = JSON.parse(this.storage.getItem(KEY)) ?? {};
      for (const name of Object.keys(EMPTY)) this[name] = kept[name] ?? structuredClone(EMPTY[name]);
    } catch {
      this.clear(); // written by another version of the page
    }
    if (this.summary) return "summary";
    return this.keptMs > 0 ? "session" : "nothing";
  }

  /** Milliseconds for which the server still keeps the session. */
  get keptMs() {
    return this.token ? Math.max(0, this.seen_ms + this.keepMs - Date.now()) : 0;
  }

  begin({ token, session }) {
    this.token = token;
    this.session = session;
    this.write();
  }

  /** Note a message of the engine. */
  hear(message) {
    if (message.at_s !== undefined) this.at_s = message.at_s;
    this.seen_ms = Date.now();
    if (message.type === "hello") {
      this.profile = message.profile;
      this.cues = message.cues;
    } else if (message.type === "nudge") {
      this.nudges = [...this.nudges.filter((nudge) => nudge.id !== message.id), message];
    } else if (message.type === "summary") {
      const heard = new Map(this.nudges.map((nudge) => [nudge.id, nudge]));
      // As they came: with the delay, which the core that sums up does not know.
      this.summary = { ...message, nudges: message.nudges.map((nudge) => heard.get(nudge.id) ?? nudge) };
      this.token = null;
    }
    const due = performance.now() - this.writtenAt > WRITE_EVERY_MS;
    if (due || ["hello", "nudge", "summary"].includes(message.type)) this.write();
  }

  /** The session can't be resumed: what is left is what the page saw of it. */
  giveUp() {
    this.token = null;
    this.summary = {
      partial: true,
      duration_s: this.at_s,
      profile: this.profile,
      measures: [],
      findings: [],
      nudges: this.nudges,
    };
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
