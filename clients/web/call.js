/** One WebRTC connection to the engine: signalling by WHIP (RFC 9725), messages on `coach`. */

import { Problem } from "./problem.js";

const GATHER_MS = 800;
const ANSWER_MS = 8000;
const OPEN_MS = 8000;
const PING_MS = 1000;
const LOOK_MS = 250;
const UNANSWERED_MS = 2500;

/** What it means when the connection closes at a step. */
const CLOSED_WHILE = { server: "away", network: "firewall", engine: "mute" };

/**
 * A call that is set up once, and given up when it is lost: the engine has no ICE restart, so
 * coming back is a new call with the session's token.
 *
 * Dispatches `step` (what is being waited for), `message` (its `detail` is the parsed message)
 * and `lost` (once, when an open call no longer answers).
 */
export class Call extends EventTarget {
  token = null;
  session = null;
  roundTripMs = null;
  #peer;
  #channel;
  #location = null;
  #etag = null;
  #late = [];
  #sentAt = new Map();
  #pings = 0;
  #heardAt = 0;
  #tickedAt = 0;
  #timer = null;
  #closed = false;
  #muted = false;
  #waitsFor = "server";
  #abort = new AbortController();
  #sound = new Audio();

  constructor({ stream, iceServers }) {
    super();
    this.#peer = new RTCPeerConnection({ iceServers });
    this.#channel = this.#peer.createDataChannel("coach");
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data));
    this.#channel.addEventListener("close", () => this.#lose());
    this.#peer.addEventListener("connectionstatechange", () => {
      if (["failed", "disconnected"].includes(this.#peer.connectionState)) this.#lose();
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => {
      if (this.#location && candidate?.candidate) this.#trickle(candidate);
      else if (candidate?.candidate) this.#late.push(candidate);
    });
    this.#peer.addEventListener("track", ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0; // as soon as can be: an interruption that comes late is none
      this.#sound.srcObject = new MediaStream([track]);
      this.hearken();
    });
    this.sender = this.#peer.addTransceiver(stream.getAudioTracks()[0], {
      direction: "sendrecv",
      streams: [stream],
    }).sender;
    preferOpus(this.#peer.getTransceivers()[0]);
  }

  /**
   * Offer, answer, and the wait for the engine's `hello`, which is returned. `token` resumes a
   * session; with `seat` it is that of a seat in a room. Throws a Problem.
   */
  async connect({ profile, cuesOff, token, seat }) {
    // Closing a peer leaves what was asked of it unanswered for ever: the wait ends by itself.
    const givenUp = new Promise((_, reject) => {
      this.addEventListener("closed", () => reject(new Problem(CLOSED_WHILE[this.#waitsFor])));
    });
    try {
      return await Promise.race([this.#connect({ profile, cuesOff, token, seat }), givenUp]);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #connect({ profile, cuesOff, token, seat }) {
    this.#step("server");
    await this.#peer.setLocalDescription();
    await this.#gathered();
    this.#late.length = 0; // what was found so far is in the offer
    const response = await this.#post({ profile, cuesOff, token, seat });
    this.token = response.headers.get("Sottovoce-Resume");
    this.session = response.headers.get("Sottovoce-Session");
    this.#location = new URL(response.headers.get("Location"), response.url);
    this.#etag = response.headers.get("ETag");
    if (this.#closed) return this.close({ remove: true }); // given up while the answer was on its way
    await this.#peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    for (const candidate of this.#late.splice(0)) this.#trickle(candidate);
    this.#step("network");
    const hello = this.#first("hello");
    await this.#open();
    this.#step("engine");
    const first = await within(OPEN_MS, hello, new Problem("mute"));
    this.#watch();
    return first;
  }

  async #post({ profile, cuesOff, token, seat }) {
    const query = new URLSearchParams({ hear: "1" });
    if (profile) query.set("profile", profile);
    if (cuesOff.length) query.set("cues_off", cuesOff.join(","));
    const headers = { "Content-Type": "application/sdp" };
    if (seat) headers["Sottovoce-Seat"] = seat;
    else if (token) headers["Sottovoce-Resume"] = token;
    const late = setTimeout(() => this.#abort.abort(), ANSWER_MS);
    let response;
    try {
      response = await fetch(`whip?${query}`, {
        method: "POST",
        headers,
        body: this.#peer.localDescription.sdp,
        signal: this.#abort.signal,
      });
    } catch {
      throw new Problem("away");
    } finally {
      clearTimeout(late);
    }
    if (response.status === 201) return response;
    throw await refusal(response, token ?? seat);
  }

  async #gathered() {
    if (this.#peer.iceGatheringState === "complete") return;
    const done = new Promise((resolve) => {
      this.#peer.addEventListener("icegatheringstatechange", () => {
        if (this.#peer.iceGatheringState === "complete") resolve();
      });
    });
    // A slow STUN server should not hold up the rest: later candidates follow by PATCH.
    await Promise.race([done, sleep(GATHER_MS)]);
  }

  /** Send a candidate found after the offer (RFC 9725, section 4.4.1; RFC 8840). */
  #trickle(candidate) {
    const sdp = this.#peer.localDescription.sdp;
    const line = (name) => sdp.match(new RegExp(`^a=${name}:.*$`, "m"))[0];
    const body = [
      line("ice-ufrag"),
      line("ice-pwd"),
      "m=audio 9 UDP/TLS/RTP/SAVPF 0",
      `a=mid:${candidate.sdpMid}`,
      `a=${candidate.candidate}`,
      "",
    ].join("\r\n");
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.#etag ?? "*" };
    // A candidate that gets lost is no failure: the others may do, and if not `connect` says so.
    fetch(this.#location, { method: "PATCH", headers, body }).catch(() => {});
  }

  #open() {
    const opened = new Promise((resolve) => {
      if (this.#channel.readyState === "open") resolve();
      this.#channel.addEventListener("open", resolve);
    });
    return within(OPEN_MS, opened, new Problem("firewall"));
  }

  #first(type) {
    return new Promise((resolve) => {
      const listener = ({ detail }) => {
        if (detail.type !== type) return;
        this.removeEventListener("message", listener);
        resolve(detail);
      };
      this.addEventListener("message", listener);
    });
  }

  #hear(data) {
    this.#heardAt = performance.now();
    for (const message of JSON.parse(data)) {
      if (message.type === "pong") {
        const sent = this.#sentAt.get(message.id);
        if (sent !== undefined) this.roundTripMs = performance.now() - sent;
        this.#sentAt.delete(message.id);
      }
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
    }
  }

  /** Ping each second, and notice an engine that says nothing any more. */
  #watch() {
    this.#heardAt = this.#tickedAt = performance.now();
    let pingedAt = -Infinity;
    this.#timer = setInterval(() => {
      const now = performance.now();
      // After the computer slept, this runs before the messages that waited: give them a moment.
      if (now - this.#tickedAt > 2 * PING_MS) this.#heardAt = now;
      this.#tickedAt = now;
      if (now - this.#heardAt > UNANSWERED_MS) return this.#lose();
      if (now - pingedAt < PING_MS) return;
      pingedAt = now;
      const id = ++this.#pings;
      this.#sentAt.set(id, now);
      this.send({ type: "ping", id, round_trip_ms: this.roundTripMs });
    }, LOOK_MS);
  }

  /** Send one message; says whether it could be sent. */
  send(message) {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  /** Let be heard what the engine plays. */
  hearken() {
    this.#sound.muted = false;
    // Before anything was pressed on the page the browser may refuse; a drill begins with a press.
    this.#sound.play().catch(() => {});
  }

  /** Silence now, whatever is still on its way. */
  hush() {
    this.#sound.muted = true;
  }

  /** Let the engine know that the microphone is muted, or no more: that is no pause. */
  mute(on) {
    if (on !== this.#muted && this.send({ type: "mute", on })) this.#muted = on;
  }

  /** Another microphone, in the same call. */
  async replace(track) {
    await this.sender.replaceTrack(track);
  }

  #step(name) {
    this.#waitsFor = name;
    this.dispatchEvent(new CustomEvent("step", { detail: name }));
  }

  #lose() {
    if (this.#closed) return;
    const watched = this.#timer !== null;
    this.close();
    if (watched) this.dispatchEvent(new Event("lost"));
  }

  /** Let go of the connection; with `remove` the server is told that the session is over (RFC 9725, 4.2). */
  close({ remove = false } = {}) {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#sound.srcObject = null;
    this.#abort.abort();
    this.#channel.close();
    this.#peer.close();
    this.dispatchEvent(new Event("closed"));
    if (!remove || !this.#location) return;
    // When the server can't be reached it notices by itself that nobody is there.
    fetch(this.#location, { method: "DELETE", keepalive: true }).catch(() => {});
    this.#location = null;
  }
}

/** Only Opus: the other codecs of a browser are for telephones. */
function preferOpus(transceiver) {
  const codecs = RTCRtpSender.getCapabilities?.("audio")?.codecs ?? [];
  const opus = codecs.filter((codec) => codec.mimeType.toLowerCase() === "audio/opus");
  if (opus.length) transceiver.setCodecPreferences?.(opus);
}

/** The Problem in an answer that is not 201; problem details (RFC 9457) where the server sent them. */
async function refusal(response, token) {
  const { detail = "" } = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("Retry-After")) || 5;
  if (response.status === 503) return new Problem("full", "", seconds);
  if (response.status === 429) return new Problem("crowded", "", seconds);
  if (token && [403, 404, 409, 410].includes(response.status)) return new Problem("expired");
  if (response.status >= 502) return new Problem("away");
  return new Problem("answer", detail);
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function within(milliseconds, promise, problem) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(problem), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
