/**
 * The page's states as data: what may follow what, and what holds in which state. Nothing here touches the page or the
 * network; the features act on what is entered, and `views.js` says what is shown.
 */

const inSession = { drop: "lost", unplug: "unplugged", end: "finishing", summary: "finished", talk: "talking", trouble: "trouble" };

/**
 * For each state, the event and the state that follows.
 *
 * @type {Record<string, Record<string, string>>}
 */
export const TRANSITIONS = {
  opening: { open: "ready", place: "place", resume: "lost", show: "finished", seated: "consent", observe: "observing", wait: "waiting", trouble: "trouble" },
  ready: { start: "connecting", review: "finished", drills: "choosing", invite: "inviting", coach: "sharing", place: "place", trouble: "trouble" },
  sharing: { start: "connecting", back: "ready", trouble: "trouble" },
  inviting: { seated: "consent", back: "ready", trouble: "trouble" },
  consent: { wait: "waiting", back: "ready", trouble: "trouble" },
  waiting: { start: "connecting", talk: "talking", summary: "finished", back: "ready", trouble: "trouble" },
  talking: { start: "connecting", end: "finishing", summary: "finished", unplug: "unplugged", trouble: "trouble" },
  choosing: { go: "connecting", back: "ready", trouble: "trouble" },
  connecting: { hello: "listening", cancel: "ready", summary: "finished", talk: "talking", trouble: "trouble" },
  listening: { ...inSession, nudge: "nudge", why: "why", prepare: "preparing", drill: "drilling", card: "card", broken: "broken" },
  preparing: { ...inSession, count: "countdown", cancel: "choosing" },
  countdown: { ...inSession, begin: "listening", cancel: "choosing" },
  drilling: { ...inSession, nudge: "nudge", why: "why", card: "card" },
  card: { ...inSession, again: "preparing", another: "choosing" },
  broken: { ...inSession, again: "preparing", another: "choosing", card: "card" },
  nudge: { ...inSession, nudge: "nudge", clear: "listening", why: "why", card: "card" },
  why: { ...inSession, nudge: "nudge", close: "listening", card: "card" },
  unplugged: { ...inSession, plug: "listening" },
  lost: { hello: "listening", give_up: "finished", summary: "finished", talk: "talking", trouble: "trouble" },
  finishing: { summary: "finished", give_up: "finished" },
  finished: { start: "connecting", go: "connecting", again: "ready", remove: "ready", place: "place" },
  place: { open: "ready", show: "finished", start: "connecting", go: "connecting", trouble: "trouble" },
  observing: { back: "ready", trouble: "trouble" },
  trouble: { start: "connecting", go: "connecting", review: "finished", seated: "consent", observe: "observing", back: "ready" },
};

/** States in which a session goes on. */
export const LIVE = new Set(["talking", "listening", "nudge", "why", "unplugged", "preparing", "countdown", "drilling", "card", "broken"]);

/** States in which there may be a session and nobody is listened to: a drill is over, and the person reads. */
export const MUTED = new Set(["card", "broken", "choosing"]);

/** States on the way from one to another, in which the microphone stays muted or unmuted. */
export const KEEPS_MUTE = new Set(["lost", "listening", "unplugged"]);

/** States in which the person is measured, or will be again. */
export const MEASURED = new Set(["listening", "nudge", "why", "unplugged", "drilling", "lost", "finishing"]);

/** States in which a muted speaker is told so. */
export const SHOWS_MUTE = new Set(["listening", "nudge", "why", "drilling"]);

/** States in which a drill that runs has its Stop button on the stage. */
export const STOPPABLE = new Set(["drilling", "nudge", "why"]);

/** States that show what a drill asks the person to talk about. */
export const SHOWS_TOPIC = new Set(["countdown", "listening", "drilling", "nudge", "why", "unplugged"]);

/** States in which nobody speaks and nothing is waited for: the places of the page are shown. */
export const SHOWS_PLACES = new Set(["ready", "finished", "place"]);

/** States in which the next session is for nothing yet. */
export const PURPOSELESS = new Set(["ready", "choosing", "inviting", "sharing", "place"]);

/** States in which a session is over and what follows its summary may still come. */
export const AFTER_SESSION = new Set(["finished", "talking", "place"]);

/** States in which a call of two may go on. */
export const IN_CALL = new Set(["waiting", "talking", "connecting", "listening", "nudge", "why", "unplugged", "lost"]);

/** Holds the state and calls `entered(state, event, from)` at every change. */
export class StateMachine {
  state = "opening";
  #entered;

  /** @param {(state: string, event: string, from: string) => void} entered */
  constructor(entered) {
    this.#entered = entered;
  }

  /**
   * Follow an event and return whether it meant something in this state; otherwise nothing changes.
   *
   * @param {string} event
   */
  send(event) {
    if (!Object.hasOwn(TRANSITIONS[this.state], event)) return false;
    const from = this.state;
    this.state = TRANSITIONS[from][event];
    this.#entered(this.state, event, from);
    return true;
  }
}
