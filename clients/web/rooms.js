/** Practice calls: a room and one's seat in it, who is there, and the voice from browser to browser. */

import { h } from "./dom.js";
import { Problem } from "./problem.js";
import { heading, orb, row } from "./stage.js";
import { clock, words } from "./words.js";

const text = words.room;
const KEY = "sottovoce.room";
const RETRY_MS = [0, 500, 1000, 2000];
const TICK_MS = 1000;
const BROKEN_MS = 4000;
const UNCONNECTED_MS = 6000;
const IN_CALL = new Set(["waiting", "talking", "connecting", "listening", "nudge", "why", "unplugged", "lost"]);

/**
 * One's seat in a room. Dispatches `change` (draw anew), `call` (both are there), `over`, `exchange`
 * (something was shared), `said` (a text to announce) and `gone` (the seat can't be had any more,
 * `detail` is the Problem).
 */
export class Room extends EventTarget {
  state = null;
  agreed = false;
  analysed = true;
  voice = "none";
  asked = "";
  questions = [];
  shared = null;
  sheet = null;
  given = false;
  sharing = false;
  iceServers = [];
  #socket = null;
  #stream = null;
  #peer = null;
  #sender = null;
  #call = 0;
  #candidates = [];
  #sound = new Audio();
  #closed = false;
  #tick = null;
  #tries = 0;
  #since = 0;
  #broken = null;

  constructor({ id, seat, url, beside = null, agreed = false, analysed = true }) {
    super();
    Object.assign(this, { id, seat, url, beside, agreed, analysed });
  }

  /** Make one: `mode` and one's own role. Throws a Problem. */
  static make(mode, role) {
    return taken("rooms", JSON.stringify({ mode, role }));
  }

  /** Take the free seat of one. Throws a Problem. */
  static join(id) {
    return taken(`rooms/${id}/seats`, "");
  }

  /** Id in the page's own address, where a link led here. */
  static linked() {
    return /^#room=([\w.-]+)$/.exec(location.hash)?.[1] ?? null;
  }

  /** The seat that this tab had before a reload. */
  static kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null; // of another version of the page
    }
  }

  static forget() {
    sessionStorage.removeItem(KEY);
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  }

  #keep() {
    const { id, seat, url, agreed, analysed } = this;
    sessionStorage.setItem(KEY, JSON.stringify({ id, seat, url, agreed, analysed }));
  }

  get link() {
    return `${location.origin}${location.pathname}#room=${this.id}`;
  }

  get me() {
    return this.state?.people[this.state.you] ?? null;
  }

  get other() {
    return this.state?.people[1 - this.state.you] ?? null;
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
    return [this.state?.you, other?.role, other?.here, this.state?.call > 0, this.analysed, this.over].join(" ");
  }

  // The engine's word

  /** Sit down; resolves with the first word of how the room stands. Throws a Problem. */
  enter() {
    this.#keep();
    return new Promise((resolve, reject) => this.#open(resolve, reject));
  }

  #open(resolve, reject) {
    const socket = new WebSocket(`${this.url.replace(/^http/, "ws")}/live`);
    this.#socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "enter", seat: this.seat })));
    socket.addEventListener("message", ({ data }) => {
      for (const message of JSON.parse(data)) this.#hear(message);
      if (!this.state) return;
      this.#tries = this.#since = 0;
      resolve();
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.#closed || socket !== this.#socket) return;
      if (code === 4403 || !this.state) return this.#gone(new Problem("roomUnknown"), reject);
      if (this.over) return;
      this.#since ||= performance.now();
      if (performance.now() - this.#since > 1000 * this.state.away_s) return this.#gone(new Problem("roomOver", text.over.lost(true)), reject);
      const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
      setTimeout(() => this.#closed || this.#open(resolve, reject), wait);
    });
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
        this.#say(`${text.question}: ${message.text}`);
      },
      disturbed: () => this.#say(text.disturbed),
      shared: () => {
        this.shared = message.summary;
        this.dispatchEvent(new Event("exchange"));
      },
      sheet: () => {
        this.sheet = message;
        this.dispatchEvent(new Event("exchange"));
      },
      error: () => this.#say(message.message),
      ended: () => message.reason === "replaced" && this.#gone(new Problem("roomElsewhere"), () => {}),
    }[message.type];
    heard?.();
    this.dispatchEvent(new Event("change"));
  }

  #say(said) {
    this.dispatchEvent(new CustomEvent("said", { detail: said }));
  }

  #stands(state) {
    const ended = state.over && !this.over;
    this.state = state;
    const exchanged = state.over && this.sharing !== this.me.shares;
    this.sharing = this.me.shares;
    if (this.agreed && !this.me.agreed && !state.over) this.send({ type: "agree", analysed: this.analysed });
    if (!this.other?.here && this.voice !== "none") this.voice = "none";
    if (this.calling) {
      this.dispatchEvent(new Event("call"));
      this.#dial();
    }
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
    this.#say(text.asked(question));
    return this.send({ type: "ask", text: question });
  }

  disturb(sound) {
    return this.send({ type: "disturb", sound });
  }

  share() {
    return this.send({ type: "share", on: !this.sharing });
  }

  give(sheet) {
    this.given = this.send({ type: "sheet", questions: this.questions, ...sheet });
    this.dispatchEvent(new Event("exchange"));
  }

  leave() {
    return this.send({ type: "leave" });
  }

  close() {
    this.#closed = true;
    clearInterval(this.#tick);
    this.hangUp();
    this.#socket?.close();
  }

  // The voice

  /** Let the other one hear this microphone. */
  use(stream) {
    this.#stream = stream;
    if (this.calling) this.#dial();
  }

  async replace(track) {
    await this.#sender?.replaceTrack(track);
  }

  hangUp() {
    clearTimeout(this.#broken);
    this.#peer?.close();
    this.#peer = this.#sender = null;
    this.#sound.srcObject = null;
    this.voice = "none";
  }

  #dial() {
    const { call } = this.state;
    if (call === this.#call || !this.#stream) return;
    this.hangUp();
    this.#call = call;
    this.#candidates = [];
    const peer = (this.#peer = new RTCPeerConnection({ iceServers: this.iceServers }));
    this.voice = "connecting";
    this.#sender = peer.addTrack(this.#stream.getAudioTracks()[0], this.#stream);
    peer.addEventListener("track", ({ streams: [stream] }) => {
      this.#sound.srcObject = stream;
      this.#sound.play().catch(() => {}); // pressed already: the browser lets it play
    });
    peer.addEventListener("icecandidate", ({ candidate }) => candidate && this.#relay({ candidate: candidate.toJSON() }));
    peer.addEventListener("connectionstatechange", () => peer === this.#peer && this.#connected(peer.connectionState));
    if (this.state.you === 0) this.#offer({});
    this.#again(UNCONNECTED_MS);
  }

  /** Look for another way after a while, as long as there is none. Only who made the room offers. */
  #again(milliseconds) {
    const peer = this.#peer;
    clearTimeout(this.#broken);
    this.#broken = setTimeout(() => {
      if (peer !== this.#peer) return;
      if (this.state.you === 0 && peer.signalingState !== "closed") this.#offer({ iceRestart: true });
      this.#again(UNCONNECTED_MS);
    }, milliseconds);
  }

  /** Only who made the room offers, so that offers never meet. */
  async #offer(options) {
    const peer = this.#peer;
    await peer.setLocalDescription(await peer.createOffer(options));
    this.#relay({ description: peer.localDescription.toJSON() });
  }

  #connected(state) {
    if (state === "connected") {
      clearTimeout(this.#broken);
      this.voice = "connected";
    } else if (state === "disconnected") this.#again(BROKEN_MS);
    else if (state === "failed") {
      this.voice = "broken";
      this.#again(0);
    }
    this.dispatchEvent(new Event("change"));
  }

  #relay(data) {
    this.send({ type: "relay", call: this.#call, data });
  }

  async #relayed({ call, data }) {
    this.#dial();
    const peer = this.#peer;
    if (call !== this.#call || !peer) return;
    if (data.description) {
      await peer.setRemoteDescription(data.description);
      for (const candidate of this.#candidates.splice(0)) await peer.addIceCandidate(candidate);
      if (data.description.type !== "offer") return;
      await peer.setLocalDescription();
      this.#relay({ description: peer.localDescription.toJSON() });
    } else if (data.candidate) {
      if (peer.remoteDescription) await peer.addIceCandidate(data.candidate);
      else this.#candidates.push(data.candidate);
    }
  }

  // When it is over: for the summary

  ending() {
    return this.over && this.state.mode !== "beside" ? [h("p", { class: "aside" }, this.ended)] : [];
  }

  afterwards(act) {
    if (!this.over || this.state.mode === "beside") return [];
    const share = h("button", { type: "button", class: "secondary", onclick: () => act("share") }, this.sharing ? text.unshare : text.share);
    const mine = this.conducts ? [sheetForm(this)] : [];
    return [h("div", { class: "row" }, share), this.sharing ? h("p", { class: "aside" }, text.shares) : "", ...mine, this.sheet ? sheetShown(this.sheet) : ""];
  }
}

async function taken(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body }).catch(() => null);
  if (!response) throw new Problem("away");
  if (response.status === 201) {
    const { room: id, seat, beside } = await response.json();
    return new Room({ id, seat, beside, url: new URL(response.headers.get("Location"), response.url).href });
  }
  const { detail = "", reason = "" } = await response.json().catch(() => ({}));
  if (response.status === 503) throw new Problem("full", 5, Number(response.headers.get("Retry-After")) || 5);
  if (response.status === 404) throw new Problem("roomUnknown");
  throw new Problem(reason === "full" ? "roomFull" : response.status === 410 ? "roomOver" : "answer", detail);
}

// The stage

export function inviting(stage) {
  return [
    heading(text.title),
    h("p", { class: "lead" }, text.lead),
    row(stage.button(text.free, "free"), stage.button(text.interviewer, "interviewer", "secondary"), stage.button(text.candidate, "candidate", "secondary")),
    stage.button(words.actions.back, "back", "quiet"),
  ];
}

export function consent(stage, { room }) {
  const other = room?.other;
  const box = h("input", { type: "checkbox", role: "switch", id: "analysed", checked: true });
  return [
    heading(text.consent),
    h("p", { class: "lead" }, text.who(text.roles[other?.role] ?? "", Boolean(other))),
    h("ul", { class: "facts-list" }, text.facts.map((fact) => h("li", {}, fact))),
    h("label", { class: "switch" }, h("span", {}, h("b", {}, text.analysed)), box),
    row(stage.button(words.actions.back, "back", "secondary"), stage.button(text.agree, "agree")),
  ];
}

export function waiting(stage, { room }) {
  if (!room?.state) return [orb(true)];
  const host = room.state.you === 0 && !room.other;
  const field = h("input", { type: "text", readonly: true, value: room.link, "aria-label": text.link, id: "link" });
  field.addEventListener("focus", () => field.select());
  return [
    heading(text.waiting[host ? 0 : 1]),
    h("p", { class: "lead" }, text.waitingLead),
    host ? h("div", { class: "link-row" }, field, stage.button(text.copy, "copy", "secondary")) : null,
    stage.button(words.actions.leave, "back", "quiet"),
  ];
}

export function talking(stage) {
  return [orb(), heading(words.status.talking), h("p", { class: "lead" }, text.notAnalysed)];
}

// The panel under the stage

/** Draw who is in the call, and what one can do about it; hidden where there is no call. */
export function drawRoom(root, room, state, act) {
  const shown = Boolean(room?.state && IN_CALL.has(state) && room.calling);
  root.hidden = !shown;
  const { other } = room ?? {};
  const look = shown ? [room.voice, other?.here, other?.analysed, room.analysed, room.asked, room.conducts].join(" ") : "";
  if (root.dataset.look === look) return;
  root.dataset.look = look;
  if (!shown) return root.replaceChildren();
  const role = text.roles[other.role];
  const how = other.here ? text.voice[room.voice](role) : text.away(role, Math.round(room.state.away_s));
  const button = (label, name) => h("button", { type: "button", class: "quiet", "data-act": name, onclick: () => act(name) }, label);
  root.replaceChildren(
    h("p", { role: "status", "data-voice": room.voice }, how),
    h("p", { class: "aside" }, text.listened(role, other.analysed)),
    room.asked ? h("div", {}, h("small", {}, text.question), h("p", { class: "question" }, room.asked)) : "",
    room.conducts ? conducting(room) : "",
    h("div", { class: "row" }, button(room.analysed ? text.leaveAnalysis : text.joinAnalysis, "analysis")),
  );
}

function conducting(room) {
  const question = h("input", { type: "text", id: "question", maxlength: 300 });
  const sounds = h("select", { id: "sound" }, Object.entries(text.sounds).map(([name, said]) => h("option", { value: name }, said)));
  const ask = (event) => {
    event.preventDefault();
    if (question.value.trim()) room.ask(question.value.trim());
    question.value = "";
  };
  const disturb = (event) => (event.preventDefault(), room.disturb(sounds.value));
  return h(
    "div",
    { class: "conduct" },
    h("form", { onsubmit: ask }, h("label", { class: "legend", for: "question" }, text.askLabel), h("div", { class: "link-row" }, question, h("button", { class: "secondary" }, text.ask))),
    h("form", { onsubmit: disturb }, h("label", { class: "legend", for: "sound" }, text.disturbLabel), h("div", { class: "link-row" }, sounds, h("button", { class: "secondary" }, text.disturb))),
  );
}

// The interviewer's sheet

function sheetForm(room) {
  if (room.given) return h("section", {}, h("h3", {}, text.sheet), h("p", {}, text.given));
  const marks = [text.unrated, ...Array.from({ length: 10 }, (_, at) => String(at + 1))];
  const skills = Object.entries(text.skills).map(([skill, name]) => [
    skill,
    h("select", { id: `rate-${skill}` }, marks.map((mark, at) => h("option", { value: at }, mark))),
    name,
  ]);
  const notes = ["start", "stop", "go_on"].map((name) => [name, h("textarea", { id: `note-${name}`, rows: 2, maxlength: 2000 })]);
  const give = (event) => {
    event.preventDefault();
    const rated = skills.map(([skill, field]) => [skill, Number(field.value)]).filter(([, mark]) => mark > 0);
    room.give({ ratings: Object.fromEntries(rated), ...Object.fromEntries(notes.map(([name, field]) => [name, field.value])) });
  };
  return h(
    "section",
    {},
    h("h3", {}, text.sheet),
    h("p", { class: "aside" }, text.sheetLead),
    room.shared ? h("p", {}, text.spoke(clock(room.shared.measures[0].speech_s))) : "",
    room.questions.length ? h("div", {}, h("small", {}, text.questions), h("ul", {}, room.questions.map((one) => h("li", {}, one)))) : "",
    h(
      "form",
      { class: "sheet", onsubmit: give },
      skills.map(([skill, field, name]) => h("div", {}, h("label", { class: "legend", for: `rate-${skill}` }, name), field)),
      notes.map(([name, field]) => h("div", { class: "wide" }, h("label", { class: "legend", for: `note-${name}` }, text[name]), field)),
      h("div", { class: "wide" }, h("button", { class: "secondary" }, text.give)),
    ),
  );
}

function sheetShown({ ratings, questions, ...notes }) {
  return h(
    "section",
    {},
    h("h3", {}, text.sheetGiven),
    h("dl", { class: "facts" }, Object.entries(ratings).map(([skill, mark]) => h("div", {}, h("dt", {}, text.skills[skill]), h("dd", {}, `${mark} / 10`)))),
    ["start", "stop", "go_on"].filter((name) => notes[name]).map((name) => h("p", {}, h("b", {}, `${text[name]}: `), notes[name])),
    questions.length ? h("ul", {}, questions.map((one) => h("li", {}, one))) : "",
  );
}
