/** Practice calls: a room and one's seat in it, who is there, and what is said to each other by the engine. */

import { h } from "./dom.js";
import { isThisMachine } from "./config.js";
import { Problem } from "./problem.js";
import { sheetAbove, sheetForm, sheetGiven, sheetShown } from "./sheet.js";
import { Voice } from "./voice.js";
import { words } from "./words.js";

const text = words.room;
const KEY = "sottovoce.room";
const RETRY_MS = [0, 500, 1000, 2000];
const TICK_MS = 1000;
/** What of a room outlives a reload of the page. */
const KEPT = ["id", "seat", "url", "agreed", "analysed", "asked", "questions", "draft", "given"];

/**
 * One's seat in a room. Dispatches `change` (draw anew), `call` (both are there), `over`, `exchange`
 * (something was shared), `said` (a text to announce) and `gone` (the seat can't be had any more,
 * `detail` is the Problem).
 */
export class Room extends EventTarget {
  state = null;
  agreed = false;
  analysed = true;
  asked = "";
  happened = "";
  questions = [];
  shared = null;
  sheet = null;
  draft = {};
  given = false;
  sharing = false;
  iceServers = [];
  linkHost = null;
  #socket = null;
  #stream = null;
  #voices = new Map();
  #closed = false;
  #leaving = null;
  #left = false;
  #silence = null;
  playing = false;
  waiting = false;
  #tick = null;
  #tries = 0;
  #since = 0;
  #forms = new Map();
  #release = () => {};

  constructor(kept) {
    super();
    for (const name of [...KEPT, "beside"]) if (name in kept) this[name] = kept[name];
  }

  /** Make one: `mode` and one's own role. Throws a Problem. */
  static make(mode, role) {
    return taken("rooms", JSON.stringify({ mode, role }));
  }

  /** Take the free seat of one. Throws a Problem. */
  static join(id) {
    return taken(`rooms/${id}/seats`, "");
  }

  /** Ask to listen silently to one whose seats are taken. Throws a Problem. */
  static observe(id) {
    return taken(`rooms/${id}/observers`, "");
  }

  /** Id in the page's own address, where a link led here. */
  static linked() {
    return /^#room=([\w.-]+)$/.exec(location.hash)?.[1] ?? null;
  }

  /** The seat that this tab had before a reload, or one that a closed tab had in the room of the link. */
  static async kept(linked) {
    const mine = read(sessionStorage);
    if (mine || !linked) return mine;
    const left = read(localStorage);
    if (left?.id !== linked) return null;
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return held.some(({ name }) => name === lockOf(left)) ? null : left;
  }

  /** Give a seat up; another tab of this browser may have one of its own. */
  static forget(seat) {
    sessionStorage.removeItem(KEY);
    if (read(localStorage)?.seat === seat) localStorage.removeItem(KEY);
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  }

  #keep() {
    const kept = JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, this[name]])));
    for (const storage of [sessionStorage, localStorage]) storage.setItem(KEY, kept);
  }

  /** Note what the interviewer has written so far. */
  write(name, value) {
    this.draft[name] = value;
    this.#keep();
  }

  /** A form that is made once, so that nothing typed into it is lost when what is around it is drawn anew. */
  form(name, make) {
    if (!this.#forms.has(name)) this.#forms.set(name, make(this));
    return this.#forms.get(name);
  }

  /** The link for the other one: by `linkHost`, where this page's own address leads nowhere from elsewhere. */
  get link() {
    const link = new URL(`${location.origin}${location.pathname}#room=${this.id}`);
    if (this.linkHost && isThisMachine(link.hostname)) link.hostname = this.linkHost;
    return link.href;
  }

  /** Whether the link leads here from other machines too. */
  get reaches() {
    return !isThisMachine(new URL(this.link).hostname);
  }

  /** Whether one only listens. */
  get observes() {
    return this.state?.you > 1;
  }

  /** Oneself as one who only listens. */
  get watched() {
    return this.state?.observers.find(({ place }) => place === this.state.you) ?? null;
  }

  get me() {
    return this.state?.people[this.state.you] ?? null;
  }

  get other() {
    return this.observes ? null : (this.state?.people[1 - this.state.you] ?? null);
  }

  get conducts() {
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
  get ended() {
    return this.over ? text.over[this.over](this.state.by === this.state.you) : "";
  }

  get look() {
    const { other } = this;
    const left = other?.left;
    const observing = this.observes ? [this.watched?.accepted, this.watched?.call, this.voiceOf(0), this.voiceOf(1), this.held] : "";
    return [this.state?.you, other?.role, other?.here, left, this.state?.call > 0, this.analysed, this.over, observing].join(" ");
  }

  // The engine's word

  /** Sit down; resolves with the first word of how the room stands. Throws a Problem. */
  enter() {
    this.#keep();
    // Held as long as this tab is there: another one that opens the link knows that the seat is taken.
    navigator.locks?.request(lockOf(this), () => new Promise((resolve) => (this.#release = resolve)));
    return new Promise((resolve, reject) => this.#open(resolve, reject));
  }

  #open(resolve, reject) {
    const socket = new WebSocket(`${this.url.replace(/^http/, "ws")}/live`);
    this.#socket = socket;
    // Voices that reach each other go on, whatever became of the way to the engine.
    const call = () => (this.voice === "connected" ? this.state.call : 0);
    socket.addEventListener("open", () => {
      this.send({ type: "enter", seat: this.seat, call: call() });
      if (this.#leaving) this.leave(this.#leaving.both);
    });
    socket.addEventListener("message", ({ data }) => {
      for (const message of JSON.parse(data)) this.#hear(message);
      if (!this.state) return;
      this.#tries = this.#since = 0;
      resolve();
    });
    let down = false; // one that the browser refuses has an error, and may have no end
    const lost = ({ code }) => {
      if (down || this.#closed || socket !== this.#socket) return;
      down = true;
      if (code === 4403 || !this.state) return this.#gone(new Problem("roomUnknown"), reject);
      if (this.over) return;
      this.#since ||= performance.now();
      if (performance.now() - this.#since > 1000 * this.state.away_s) return this.#gone(new Problem("roomOver", text.over.lost(true)), reject);
      const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
      setTimeout(() => this.#closed || this.#open(resolve, reject), wait);
    };
    socket.addEventListener("error", lost);
    socket.addEventListener("close", lost);
    this.#tick ??= setInterval(() => this.send({ type: "ping", id: 0 }), TICK_MS);
  }

  #gone(problem, reject) {
    reject(problem);
    this.#closed = true;
    this.dispatchEvent(new CustomEvent("gone", { detail: problem }));
  }

  #hear(message) {
    const heard = {
      room: () => this.#stands(message),
      relay: () => this.#relayed(message),
      asked: () => {
        this.asked = message.text;
        this.#keep();
        this.#say(`${text.question}: ${message.text}`);
      },
      triggered: () => this.#happens(message.said ? text.says(message.said) : text.plays(text.sounds[message.sound])),
      shared: () => {
        this.shared = message;
        this.dispatchEvent(new Event("exchange"));
      },
      sheet: () => {
        this.sheet = message;
        this.dispatchEvent(new Event("exchange"));
      },
      error: () => this.#happens(message.message),
      ended: () => {
        const problem = { replaced: "roomElsewhere", left: "roomDismissed" }[message.reason];
        if (problem) this.#gone(new Problem(problem), () => {});
      },
    }[message.type];
    heard?.();
    this.dispatchEvent(new Event("change"));
  }

  /** Tell the interviewer what became of what they pressed. */
  #happens(said) {
    this.happened = said;
    this.#say(said);
  }

  #say(said) {
    this.dispatchEvent(new CustomEvent("said", { detail: said }));
  }

  #stands(state) {
    const ended = state.over && !this.over;
    const known = this.state?.observers.map(({ place }) => place) ?? [];
    const asks = state.observers.some(({ place, accepted }) => !known.includes(place) && accepted[state.you] === false);
    this.state = state;
    if (asks) this.#say(text.asks);
    const shares = this.me?.shares ?? false;
    const waits = state.sheet && !this.waiting && !this.conducts;
    this.waiting = state.sheet;
    if (waits) this.#say(text.sheetWaits(shares));
    const exchanged = (state.over || this.left) && (this.sharing !== shares || waits);
    this.sharing = shares;
    if (this.agreed && !this.me?.agreed && !state.over) this.send({ type: "agree", analysed: this.analysed });
    if (this.calling && !this.observes) this.dispatchEvent(new Event("call"));
    this.#dial();
    if (ended) this.dispatchEvent(new Event("over"));
    else if (exchanged) this.dispatchEvent(new Event("exchange"));
  }

  /** Send one message; says whether it could be sent. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  agree(analysed) {
    this.agreed = true;
    this.analysed = analysed;
    this.#keep();
    return this.send({ type: "agree", analysed });
  }

  ask(question) {
    this.questions.push(question);
    this.#keep();
    this.#happens(text.asked(question));
    return this.send({ type: "ask", text: question });
  }

  trigger(what) {
    return this.send({ type: "trigger", ...what });
  }

  share() {
    return this.send({ type: "share", on: !this.sharing });
  }

  give(sheet) {
    this.given = this.send({ type: "sheet", questions: this.questions, ...sheet });
    this.#keep();
    this.dispatchEvent(new Event("exchange"));
  }

  /** End it for `both`, or leave alone; when the engine can't be told now it is as soon as it is reached. Says whether it could be. */
  leave(both = true) {
    if (!both) {
      this.#left = true;
      this.agreed = false;
      this.#keep();
    }
    this.#leaving = this.send({ type: "leave", both }) ? null : { both };
    return !this.#leaving;
  }

  /** Whether one has left while the other one is still in it. */
  get left() {
    return !this.over && (this.#left || (this.me?.left ?? false));
  }

  /** Know that something is played to this one for so long, or no more. */
  plays(seconds) {
    clearTimeout(this.#silence);
    this.playing = seconds > 0;
    if (this.playing) this.#silence = setTimeout(() => this.plays(0), 1000 * seconds);
    this.dispatchEvent(new Event("change"));
  }

  /** Let one who asked to listen do so, or no more. */
  admit(place, on) {
    return this.send({ type: "admit", place, on });
  }

  close() {
    this.#closed = true;
    clearInterval(this.#tick);
    this.hangUp();
    this.#release();
    this.#socket?.close();
  }

  // The voices

  /** Let the others hear this microphone. */
  use(stream) {
    this.#stream = stream;
    this.#dial();
  }

  /** Another microphone, in the same calls. */
  async replace(track) {
    await Promise.all([...this.#voices.values()].map((voice) => voice.replace(track)));
  }

  hangUp() {
    for (const voice of this.#voices.values()) voice.close();
    this.#voices.clear();
  }

  /** How the voice of the other one comes here: `none`, or a state of Voice. */
  get voice() {
    return this.voiceOf(1 - (this.state?.you ?? 0));
  }

  voiceOf(place) {
    return this.#voices.get(place)?.state ?? "none";
  }

  /** Let be heard what the browser held back until something was pressed. */
  hearken() {
    for (const voice of this.#voices.values()) voice.play();
  }

  /** Whether the browser holds back what there is to hear. */
  get held() {
    return [...this.#voices.values()].some(({ held }) => held);
  }

  /** Calls that there should be: the number of each, by the place of whom it is with. */
  #wanted() {
    const { you, call, observers } = this.state;
    if (this.over) return new Map();
    if (this.observes) return new Map(this.watched?.call ? [0, 1].map((place) => [place, this.watched.call]) : []);
    const calls = observers.map((one) => [one.place, one.call]);
    return new Map([[1 - you, call], ...calls].filter(([, number]) => number > 0));
  }

  #dial() {
    if (!this.state || (!this.#stream && !this.observes)) return;
    const wanted = this.#wanted();
    for (const [place, voice] of this.#voices) {
      if (wanted.get(place) === voice.call) continue;
      voice.close();
      this.#voices.delete(place);
    }
    for (const [place, call] of wanted) {
      if (this.#voices.has(place)) continue;
      const voice = new Voice({
        call,
        iceServers: this.iceServers,
        stream: this.observes ? null : this.#stream,
        offers: this.state.you < place && !this.observes,
        relay: (data) => this.send({ type: "relay", peer: place, call, data }),
      });
      voice.addEventListener("change", () => this.dispatchEvent(new Event("change")));
      this.#voices.set(place, voice);
    }
  }

  async #relayed({ peer, call, data }) {
    this.#dial();
    const voice = this.#voices.get(peer);
    if (voice?.call === call) await voice.hear(data);
  }

  // When it is over: for the summary

  /** What a candidate is told of a sheet that they haven't got yet. */
  get waits() {
    return this.state?.sheet && !this.conducts && !this.sheet ? h("p", { class: "notice" }, h("span", {}, text.sheetWaits(this.sharing))) : "";
  }

  ending() {
    if (this.state?.mode === "beside" || !(this.over || this.left)) return [];
    return [h("p", { class: "aside" }, this.over ? this.ended : text.youLeft)];
  }

  afterwards(act) {
    if (!(this.over || this.left) || this.state.mode === "beside") return [];
    const share = h("button", { type: "button", class: "secondary", onclick: () => act("share") }, this.sharing ? text.unshare : text.share);
    const mine = this.conducts ? [this.given ? sheetGiven() : h("section", {}, sheetAbove(this), this.form("sheet", sheetForm))] : [];
    return [h("div", { class: "row" }, share), this.sharing ? h("p", { class: "aside" }, text.shares) : "", ...mine, this.sheet ? sheetShown(this.sheet) : this.waits];
  }
}

function read(storage) {
  try {
    return JSON.parse(storage.getItem(KEY));
  } catch {
    return null; // of another version of the page
  }
}

const lockOf = ({ seat }) => `${KEY} ${seat}`;

async function taken(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body }).catch(() => null);
  if (!response) throw new Problem("away");
  if (response.status === 201) {
    const { room: id, seat, beside } = await response.json();
    return new Room({ id, seat, beside, url: new URL(response.headers.get("Location"), response.url).href });
  }
  const { detail = "", reason = "" } = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("Retry-After")) || 5;
  if (response.status === 503) throw new Problem("full", "", seconds);
  if (response.status === 429) throw new Problem("crowded", "", seconds);
  if (response.status === 404) throw new Problem("roomUnknown");
  throw new Problem(reason === "full" ? "roomFull" : response.status === 410 ? "roomOver" : "answer", detail);
}
