/** A room and one's seat in it: who is there, and what the engine passes on. */

import { isThisMachine, linkBase } from "../page/config.js";
import { Problem } from "../page/problem.js";
import { words } from "../words/words.js";
import { Peers } from "./peers.js";
import { keepSeat, lockName, whyRefused } from "./seat.js";

/** @import { FromPage, Room as RoomState, Shared, Sheet, ToPage, Ended } from "../protocol.js" */
/** @import { Seat } from "./seat.js" */

const text = words.call;
const RETRY_MS = [0, 500, 1000, 2000];
const PING_MS = 1000;
/** Code of a WebSocket that the server closes because there is no such seat. */
const NO_SUCH_SEAT = 4403;

/**
 * One's seat in a room. Dispatches `change` (draw again), `call` (both are there), `over`, `exchange` (something was
 * shared), `announce` (`detail` is a text) and `gone` (the seat can't be had any more, `detail` is the Problem).
 */
export class Room extends EventTarget {
  /** @type {RoomState | null} */
  state = null;
  agreed = false;
  analysed = true;
  /** The interviewer's question. */
  asked = "";
  /** What became of what the interviewer pressed last. */
  outcome = "";
  /** @type {string[]} */
  questions = [];
  /** @type {Shared | null} */
  shared = null;
  /** @type {Sheet | null} */
  feedback = null;
  /** @type {Record<string, string>} */
  draft = {};
  feedbackGiven = false;
  /** Whether one shares one's measures. */
  sharing = false;
  /** Whether the interviewer's sound is played to this person. */
  playing = false;
  /** @type {import("../page/config.js").Lan | null} */
  lan = null;
  base = linkBase({ lan: null, link_host: null });
  peers = new Peers();
  #feedbackWaits = false;
  /** @type {WebSocket | null} */
  #socket = null;
  #closed = false;
  /** @type {{ both: boolean } | null} */
  #leaving = null;
  #left = false;
  /** @type {number | undefined} */
  #playingTimer;
  /** @type {number | undefined} */
  #pingTimer;
  #tries = 0;
  #awaySince = 0;
  /** @type {Map<string, HTMLElement>} */
  #forms = new Map();
  #releaseLock = () => {};

  /** @param {Seat} seat */
  constructor({ id, seat, url, beside, agreed = false, analysed = true, asked = "", questions = [], draft = {}, feedbackGiven = false }) {
    super();
    this.id = id;
    this.seat = seat;
    this.url = url;
    this.soundSeat = beside;
    Object.assign(this, { agreed, analysed, asked, questions, draft, feedbackGiven });
    this.peers.addEventListener("change", () => this.#changed());
  }

  #keep() {
    const { id, seat, url, agreed, analysed, asked, questions, draft, feedbackGiven } = this;
    keepSeat({ id, seat, url, agreed, analysed, asked, questions, draft, feedbackGiven });
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Keep what the interviewer has written so far. @type {(name: string, value: string) => void} */
  keepDraft(name, value) {
    this.draft[name] = value;
    this.#keep();
  }

  /**
   * Return a form that is made once, so that nothing typed into it is lost when what is around it is drawn again.
   *
   * @param {string} name
   * @param {(room: Room) => HTMLElement} make
   */
  formOnce(name, make) {
    const form = this.#forms.get(name) ?? make(this);
    this.#forms.set(name, form);
    return form;
  }

  // Who is there

  /** The link for one's partner. */
  get link() {
    return `${this.base.href}#room=${this.id}`;
  }

  /** Whether the link leads here from other machines too. */
  get reaches() {
    return !isThisMachine(this.base.hostname);
  }

  /** Whether the other seat has the sound of another call instead of a person. */
  get soundOnly() {
    return this.state?.mode === "beside";
  }

  get isObserver() {
    return (this.state?.you ?? 0) > 1;
  }

  /** Oneself as an observer. */
  get observation() {
    return this.state?.observers.find(({ place }) => place === this.state?.you) ?? null;
  }

  get me() {
    return this.state?.people[this.state.you] ?? null;
  }

  get other() {
    return !this.state || this.isObserver ? null : (this.state.people[1 - this.state.you] ?? null);
  }

  get isInterviewer() {
    return this.me?.role === "interviewer";
  }

  /** Whether both are there and have agreed. */
  get calling() {
    return (this.state?.call ?? 0) > 0 && !this.over;
  }

  get over() {
    return this.state?.over ?? null;
  }

  /** Why it is over, in words. */
  get overText() {
    return this.over ? text.over[this.over](this.state?.by === this.state?.you) : "";
  }

  /** Whether one has left while the partner is still in it. */
  get left() {
    return !this.over && (this.#left || (this.me?.left ?? false));
  }

  /** Whether there is feedback that the candidate hasn't got yet. */
  get feedbackPending() {
    return Boolean(this.state?.sheet && !this.isInterviewer && !this.feedback);
  }

  /** State of the call with one's partner: `none`, or that of a PeerCall. */
  get peerState() {
    return this.peers.stateOf(1 - (this.state?.you ?? 0));
  }

  // Messages

  /** Take the seat; resolves with the first message of how the room stands. Throws a Problem. */
  enter() {
    this.#keep();
    // Held as long as this tab is there: another one that opens the link knows that the seat is taken.
    navigator.locks?.request(lockName(this.seat), () => new Promise((resolve) => (this.#releaseLock = () => resolve(null))));
    return /** @type {Promise<void>} */ (new Promise((resolve, reject) => this.#open(resolve, reject)));
  }

  /** @type {(resolve: () => void, reject: (problem: Problem) => void) => void} */
  #open(resolve, reject) {
    const socket = new WebSocket(`${this.url.replace(/^http/, "ws")}/live`);
    this.#socket = socket;
    // Browsers that are connected stay so, whatever became of the way to the engine.
    const call = () => (this.peerState === "connected" ? (this.state?.call ?? 0) : 0);
    socket.addEventListener("open", () => {
      this.send({ type: "enter", seat: this.seat, call: call() });
      if (this.#leaving) this.leave(this.#leaving.both);
    });
    socket.addEventListener("message", ({ data }) => {
      for (const message of JSON.parse(data)) this.#receive(message);
      if (!this.state) return;
      this.#tries = this.#awaySince = 0;
      resolve();
    });
    let down = false; // a socket that the browser refuses has an error, and may have no end
    const lost = (/** @type {Event} */ event) => {
      if (down || this.#closed || socket !== this.#socket) return;
      down = true;
      const code = event instanceof CloseEvent ? event.code : 0;
      if (code === NO_SUCH_SEAT) return this.#lose(new Problem("roomUnknown"), reject);
      if (!this.state) return void whyRefused(this).then((problem) => this.#closed || this.#lose(problem, reject));
      if (this.over) return;
      this.#awaySince ||= performance.now();
      if (performance.now() - this.#awaySince > 1000 * this.state.away_s) return this.#lose(new Problem("roomOver", text.over.lost(true)), reject);
      const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
      setTimeout(() => this.#closed || this.#open(resolve, reject), wait);
    };
    socket.addEventListener("error", lost);
    socket.addEventListener("close", lost);
    this.#pingTimer ??= setInterval(() => this.send({ type: "ping", id: 0 }), PING_MS);
  }

  /** @type {(problem: Problem, reject?: (problem: Problem) => void) => void} */
  #lose(problem, reject) {
    reject?.(problem);
    this.#closed = true;
    this.dispatchEvent(new CustomEvent("gone", { detail: problem }));
  }

  /** @param {ToPage | Ended} message */
  #receive(message) {
    switch (message.type) {
      case "room":
        this.#update(message);
        break;
      case "relay":
        this.#dial();
        this.peers.receiveSignal(message.peer, message.call, message.data);
        break;
      case "asked":
        this.asked = message.text;
        this.#keep();
        this.#announce(`${text.question}: ${message.text}`);
        break;
      case "triggered":
        this.#setOutcome(message.said ? text.says(message.said) : text.plays(text.sounds[message.sound ?? ""]));
        break;
      case "shared":
        this.shared = message;
        this.#exchanged();
        break;
      case "sheet":
        this.feedback = message;
        this.#exchanged();
        break;
      case "error":
        this.#setOutcome(message.message);
        break;
      case "ended":
        if (message.reason === "replaced") this.#lose(new Problem("roomElsewhere"));
        if (message.reason === "left") this.#lose(new Problem("roomDismissed"));
        break;
      default: // of a newer engine
    }
    this.#changed();
  }

  #exchanged() {
    this.dispatchEvent(new Event("exchange"));
  }

  /** @param {string} outcome what became of what the interviewer pressed */
  #setOutcome(outcome) {
    this.outcome = outcome;
    this.#announce(outcome);
  }

  /** @param {string} detail */
  #announce(detail) {
    this.dispatchEvent(new CustomEvent("announce", { detail }));
  }

  /** @param {RoomState} state */
  #update(state) {
    const ended = state.over && !this.over;
    const known = this.state?.observers.map(({ place }) => place) ?? [];
    const asks = state.observers.some(({ place, accepted }) => !known.includes(place) && accepted[state.you] === false);
    this.state = state;
    if (asks) this.#announce(text.asks);
    const shares = this.me?.shares ?? false;
    const feedbackNew = state.sheet && !this.#feedbackWaits && !this.isInterviewer;
    this.#feedbackWaits = state.sheet;
    if (feedbackNew) this.#announce(text.feedbackWaits(shares));
    const exchanged = (state.over || this.left) && (this.sharing !== shares || feedbackNew);
    this.sharing = shares;
    if (this.agreed && !this.me?.agreed && !state.over) this.send({ type: "agree", analysed: this.analysed });
    if (this.calling && !this.isObserver) this.dispatchEvent(new Event("call"));
    this.#dial();
    if (ended) this.dispatchEvent(new Event("over"));
    else if (exchanged) this.#exchanged();
  }

  /**
   * Send one message and return whether it could be sent.
   *
   * @param {FromPage} message
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** @param {boolean} analysed whether the engine may listen */
  agree(analysed) {
    this.agreed = true;
    this.analysed = analysed;
    this.#keep();
    return this.send({ type: "agree", analysed });
  }

  /** @param {string} question */
  ask(question) {
    this.questions.push(question);
    this.#keep();
    this.#setOutcome(text.asked(question));
    return this.send({ type: "ask", text: question });
  }

  /** Share one's measures, or don't any more. */
  toggleSharing() {
    return this.send({ type: "share", on: !this.sharing });
  }

  /** @param {Pick<Sheet, "ratings"> & Partial<Sheet>} feedback */
  giveFeedback(feedback) {
    this.feedbackGiven = this.send(/** @type {Sheet} */ ({ type: "sheet", questions: this.questions, ...feedback }));
    this.#keep();
    this.#exchanged();
  }

  /**
   * End the call for both, or leave it alone, and return whether the engine could be told; if not, it is told as soon as
   * it is reached.
   *
   * @param {boolean} [both]
   */
  leave(both = true) {
    if (!both) {
      this.#left = true;
      this.agreed = false;
      this.#keep();
    }
    this.#leaving = this.send({ type: "leave", both }) ? null : { both };
    return !this.#leaving;
  }

  /**
   * Note that something is played to this person for so many seconds; 0 for no more.
   *
   * @param {number} seconds
   */
  setPlaying(seconds) {
    clearTimeout(this.#playingTimer);
    this.playing = seconds > 0;
    if (this.playing) this.#playingTimer = setTimeout(() => this.setPlaying(0), 1000 * seconds);
    this.#changed();
  }

  /** Close the page's way to the room; the seat is kept. */
  close() {
    this.#closed = true;
    clearInterval(this.#pingTimer);
    this.peers.close();
    this.#releaseLock();
    this.#socket?.close();
  }

  // Calls from browser to browser

  /** @param {MediaStream | null} stream the microphone that the others hear */
  setMicrophone(stream) {
    this.peers.stream = stream;
    this.#dial();
  }

  /** Calls that there should be: the number of each, by the place of the other page. */
  #wanted() {
    if (!this.state || this.over) return new Map();
    const { you, call, observers } = this.state;
    if (this.isObserver) return new Map(this.observation?.call ? [0, 1].map((place) => [place, this.observation?.call ?? 0]) : []);
    const calls = observers.map((one) => [one.place, one.call]);
    return new Map(/** @type {[number, number][]} */ ([[1 - you, call], ...calls].filter(([, number]) => number > 0)));
  }

  #dial() {
    if (!this.state) return;
    const { you } = this.state;
    this.peers.update(this.#wanted(), {
      sends: !this.isObserver,
      offers: (place) => you < place && !this.isObserver,
      relay: (peer, call, data) => this.send({ type: "relay", peer, call, data }),
    });
  }
}
