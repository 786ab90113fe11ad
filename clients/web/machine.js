/**
 * The page's states as data. Nothing here touches the page or the network: `app.js` acts on what
 * is entered, this only says what may follow what.
 */

const inCall = { drop: "lost", unplug: "unplugged", end: "finishing", summary: "finished", talk: "talking", trouble: "trouble" };

export const TRANSITIONS = {
  opening: { open: "ready", resume: "lost", show: "finished", seated: "consent", observe: "observing", wait: "waiting", trouble: "trouble" },
  ready: { start: "connecting", review: "finished", drills: "choosing", invite: "inviting", beside: "beside", trouble: "trouble" },
  beside: { start: "connecting", back: "ready", trouble: "trouble" },
  inviting: { seated: "consent", back: "ready", trouble: "trouble" },
  consent: { wait: "waiting", back: "ready", trouble: "trouble" },
  waiting: { start: "connecting", talk: "talking", summary: "finished", back: "ready", trouble: "trouble" },
  talking: { start: "connecting", end: "finishing", summary: "finished", unplug: "unplugged", trouble: "trouble" },
  choosing: { go: "connecting", back: "ready", trouble: "trouble" },
  connecting: { hello: "listening", cancel: "ready", summary: "finished", talk: "talking", trouble: "trouble" },
  listening: { ...inCall, nudge: "nudge", why: "why", prepare: "preparing", drill: "drilling", card: "card", broken: "broken" },
  preparing: { ...inCall, count: "countdown", cancel: "choosing" },
  countdown: { ...inCall, begin: "listening", cancel: "choosing" },
  drilling: { ...inCall, nudge: "nudge", why: "why", card: "card" },
  card: { ...inCall, again: "preparing", another: "choosing" },
  broken: { ...inCall, again: "preparing", another: "choosing", card: "card" },
  nudge: { ...inCall, nudge: "nudge", clear: "listening", why: "why", card: "card" },
  why: { ...inCall, nudge: "nudge", close: "listening", card: "card" },
  unplugged: { ...inCall, plug: "listening" },
  lost: { hello: "listening", give_up: "finished", summary: "finished", talk: "talking", trouble: "trouble" },
  finishing: { summary: "finished", give_up: "finished" },
  finished: { again: "ready", remove: "ready" },
  observing: { back: "ready", trouble: "trouble" },
  trouble: { start: "connecting", go: "connecting", review: "finished", seated: "consent", observe: "observing", back: "ready" },
};

/** States in which a session goes on. */
export const LIVE = new Set(["talking", "listening", "nudge", "why", "unplugged", "preparing", "countdown", "drilling", "card", "broken"]);

/** States in which a session may be there, and nobody is listened to: a drill is over, and the person reads. */
export const MUTED = new Set(["card", "broken", "choosing"]);

/** States on the way from one to another, in which the microphone stays as it was. */
export const BETWEEN = new Set(["lost", "listening", "unplugged"]);

/** States that show the instruments. */
export const INSTRUMENTS = new Set(["listening", "nudge", "why", "unplugged", "drilling", "lost", "finishing"]);

/** Holds the state and tells `entered(state, event, from)` of every change. */
export class Machine {
  constructor(entered) {
    this.state = "opening";
    this.entered = entered;
  }

  /** Follow an event. One that means nothing in this state changes nothing; says whether it did. */
  send(event) {
    if (!Object.hasOwn(TRANSITIONS[this.state], event)) return false;
    const from = this.state;
    const next = TRANSITIONS[from][event];
    this.state = next;
    this.entered(next, event, from);
    return true;
  }
}
