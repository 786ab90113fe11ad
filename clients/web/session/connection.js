/** A WebRTC connection to the engine: signalling by WHIP (RFC 9725), messages on the data channel `coach`. */

import { Problem, busyProblem } from "../page/problem.js";

/** @import { FromClient, Hello, ToClient, Word } from "../protocol.js" */
/** @typedef {{ profile: string, cuesOff: string[], token: string | null, seat?: string, keep?: boolean }} Request */

const GATHER_MS = 800;
const ANSWER_MS = 8000;
const OPEN_MS = 8000;
const PING_MS = 1000;
const LOOK_MS = 250;
const UNANSWERED_MS = 2500;

/**
 * What it means when the connection closes at a step.
 *
 * @type {Record<string, string>}
 */
const CLOSED_WHILE = { server: "away", network: "firewall", engine: "mute" };

/**
 * A connection that is set up once, and given up when it is lost: the engine has no ICE restart, so coming back is a new
 * connection with the session's token.
 *
 * Dispatches `step` (what is being waited for), `message` (`detail` is the parsed message) and `lost` (once, when an
 * open connection no longer answers).
 */
export class EngineConnection extends EventTarget {
  /** @type {string | null} */
  token = null;
  /** @type {string | null} */
  session = null;
  /** @type {number | null} */
  roundTripMs = null;
  #peer;
  #channel;
  #sender;
  /** @type {URL | null} */
  #location = null;
  /** @type {string | null} */
  #etag = null;
  /** @type {RTCIceCandidate[]} */
  #pending = [];
  /** @type {Map<number, number>} */
  #sentAt = new Map();
  /** @type {Word[]} The first words of a long review, whose last message is still to come. */
  #reviewWords = [];
  #pings = 0;
  #receivedAt = 0;
  #tickedAt = 0;
  /** @type {number | undefined} */
  #timer;
  #closed = false;
  #toldMuted = false;
  #waitsFor = "server";
  #abort = new AbortController();
  #sound = new Audio();

  /** @param {{ stream: MediaStream, iceServers: RTCIceServer[] }} options */
  constructor({ stream, iceServers }) {
    super();
    this.#peer = new RTCPeerConnection({ iceServers });
    this.#channel = this.#peer.createDataChannel("coach");
    this.#channel.addEventListener("message", ({ data }) => this.#receive(data));
    this.#channel.addEventListener("close", () => this.#lose());
    this.#peer.addEventListener("connectionstatechange", () => {
      if (["failed", "disconnected"].includes(this.#peer.connectionState)) this.#lose();
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => {
      if (this.#location && candidate?.candidate) this.#trickle(candidate);
      else if (candidate?.candidate) this.#pending.push(candidate);
    });
    this.#peer.addEventListener("track", ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0; // play at once: an interruption that comes late is none
      this.#sound.srcObject = new MediaStream([track]);
      this.playSound();
    });
    this.#sender = this.#peer.addTransceiver(stream.getAudioTracks()[0], {
      direction: "sendrecv",
      streams: [stream],
    }).sender;
    preferOpus(this.#peer.getTransceivers()[0]);
  }

  /**
   * Offer, take the answer, and return the engine's `hello`. `token` resumes a session; with `seat` it is that of a seat
   * in a room; without `keep` no take is made of it. Throws a Problem.
   *
   * @param {Request} request
   */
  async connect(request) {
    // Closing a peer leaves what was asked of it unanswered for ever: the wait ends by itself.
    /** @type {Promise<never>} */
    const closed = new Promise((_, reject) => {
      this.addEventListener("closed", () => reject(new Problem(CLOSED_WHILE[this.#waitsFor])));
    });
    try {
      return await Promise.race([this.#connect(request), closed]);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @param {Request} request */
  async #connect(request) {
    this.#step("server");
    await this.#peer.setLocalDescription();
    await this.#gathered();
    this.#pending.length = 0; // what was found so far is in the offer
    const response = await this.#post(request);
    this.token = response.headers.get("Sottovoce-Resume");
    this.session = response.headers.get("Sottovoce-Session");
    this.#location = new URL(response.headers.get("Location") ?? "", response.url);
    this.#etag = response.headers.get("ETag");
    if (this.#closed) {
      this.close({ remove: true });
      throw new Problem("away"); // given up while the answer was on its way
    }
    await this.#peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    for (const candidate of this.#pending.splice(0)) this.#trickle(candidate);
    this.#step("network");
    const hello = this.#hello();
    await this.#open();
    this.#step("engine");
    const first = await withTimeout(OPEN_MS, hello, new Problem("mute"));
    this.#watch();
    return first;
  }

  /** @param {Request} request */
  async #post({ profile, cuesOff, token, seat, keep = true }) {
    const query = new URLSearchParams({ hear: "1" });
    if (profile) query.set("profile", profile);
    if (cuesOff.length) query.set("cues_off", cuesOff.join(","));
    if (!keep) query.set("keep", "0");
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/sdp" };
    if (seat) headers["Sottovoce-Seat"] = seat;
    else if (token) headers["Sottovoce-Resume"] = token;
    const timeout = setTimeout(() => this.#abort.abort(), ANSWER_MS);
    let response;
    try {
      response = await fetch(`whip?${query}`, {
        method: "POST",
        headers,
        body: this.#peer.localDescription?.sdp,
        signal: this.#abort.signal,
      });
    } catch {
      throw new Problem("away");
    } finally {
      clearTimeout(timeout);
    }
    if (response.status === 201) return response;
    throw await refusal(response, Boolean(token ?? seat));
  }

  async #gathered() {
    if (this.#peer.iceGatheringState === "complete") return;
    /** @type {Promise<void>} */
    const done = new Promise((resolve) => {
      this.#peer.addEventListener("icegatheringstatechange", () => {
        if (this.#peer.iceGatheringState === "complete") resolve();
      });
    });
    // A slow STUN server should not hold up the rest: later candidates follow by PATCH.
    await Promise.race([done, sleep(GATHER_MS)]);
  }

  /**
   * Send a candidate found after the offer (RFC 9725, section 4.4.1; RFC 8840).
   *
   * @param {RTCIceCandidate} candidate
   */
  #trickle(candidate) {
    const sdp = this.#peer.localDescription?.sdp ?? "";
    const line = (/** @type {string} */ name) => sdp.match(new RegExp(`^a=${name}:.*$`, "m"))?.[0];
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
    fetch(/** @type {URL} */ (this.#location), { method: "PATCH", headers, body }).catch(() => {});
  }

  #open() {
    /** @type {Promise<void>} */
    const opened = new Promise((resolve) => {
      if (this.#channel.readyState === "open") resolve();
      this.#channel.addEventListener("open", () => resolve());
    });
    return withTimeout(OPEN_MS, opened, new Problem("firewall"));
  }

  /** @returns {Promise<Hello>} */
  #hello() {
    return new Promise((resolve) => {
      const listener = (/** @type {any} */ event) => {
        if (event.detail.type !== "hello") return;
        this.removeEventListener("message", listener);
        resolve(event.detail);
      };
      this.addEventListener("message", listener);
    });
  }

  /** @param {string} data */
  #receive(data) {
    this.#receivedAt = performance.now();
    for (const message of /** @type {ToClient[]} */ (JSON.parse(data))) {
      if (message.type === "pong") {
        const sent = this.#sentAt.get(message.id);
        if (sent !== undefined) this.roundTripMs = performance.now() - sent;
        this.#sentAt.delete(message.id);
      }
      if (message.type === "review_words") this.#reviewWords.push(...message.words);
      if (message.type === "review") message.review.words.unshift(...this.#reviewWords.splice(0));
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
    }
  }

  /** Ping each second, and notice an engine that doesn't answer any more. */
  #watch() {
    this.#receivedAt = this.#tickedAt = performance.now();
    let pingedAt = -Infinity;
    this.#timer = setInterval(() => {
      const now = performance.now();
      // After the computer slept, this runs before the messages that waited: give them a moment.
      if (now - this.#tickedAt > 2 * PING_MS) this.#receivedAt = now;
      this.#tickedAt = now;
      if (now - this.#receivedAt > UNANSWERED_MS) return this.#lose();
      if (now - pingedAt < PING_MS) return;
      pingedAt = now;
      const id = ++this.#pings;
      this.#sentAt.set(id, now);
      this.send({ type: "ping", id, round_trip_ms: this.roundTripMs });
    }, LOOK_MS);
  }

  /**
   * Send one message and return whether it could be sent.
   *
   * @param {FromClient} message
   */
  send(message) {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  /** Play the engine's sound. */
  playSound() {
    this.#sound.muted = false;
    // Before anything was pressed on the page the browser may refuse; a drill begins with a press.
    this.#sound.play().catch(() => {});
  }

  /** Silence the engine's sound now, what is still on its way too. */
  muteSound() {
    this.#sound.muted = true;
  }

  /**
   * Tell the engine that the microphone is muted, or no more: that is no pause.
   *
   * @param {boolean} on
   */
  tellMuted(on) {
    if (on !== this.#toldMuted && this.send({ type: "mute", on })) this.#toldMuted = on;
  }

  /**
   * Send another microphone in the same connection.
   *
   * @param {MediaStreamTrack | null} track
   */
  async replaceTrack(track) {
    await this.#sender.replaceTrack(track);
  }

  /** @param {string} name */
  #step(name) {
    this.#waitsFor = name;
    this.dispatchEvent(new CustomEvent("step", { detail: name }));
  }

  #lose() {
    if (this.#closed) return;
    const watched = this.#timer !== undefined;
    this.close();
    if (watched) this.dispatchEvent(new Event("lost"));
  }

  /**
   * Close the connection; with `remove` the server is told that the session is over (RFC 9725, 4.2).
   *
   * @param {{ remove?: boolean }} [options]
   */
  close({ remove = false } = {}) {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#sound.srcObject = null;
    this.#abort.abort();
    this.#channel.close();
    this.#peer.close();
    this.dispatchEvent(new Event("closed"));
    if (!remove || !this.#location) return;
    // A server that can't be reached notices by itself that nobody is there.
    fetch(this.#location, { method: "DELETE", keepalive: true }).catch(() => {});
    this.#location = null;
  }
}

/**
 * Offer Opus only: the other codecs of a browser are for telephones.
 *
 * @param {RTCRtpTransceiver} transceiver
 */
function preferOpus(transceiver) {
  const codecs = RTCRtpSender.getCapabilities?.("audio")?.codecs ?? [];
  const opus = codecs.filter((codec) => codec.mimeType.toLowerCase() === "audio/opus");
  if (opus.length) transceiver.setCodecPreferences?.(opus);
}

/**
 * Return the Problem in an answer that is not 201; problem details (RFC 9457) where the server sent them.
 *
 * @param {Response} response
 * @param {boolean} resuming whether a session or a seat was asked for by its secret
 */
async function refusal(response, resuming) {
  const { detail = "" } = await response.json().catch(() => ({}));
  const busy = busyProblem(response);
  if (busy) return busy;
  if (resuming && [403, 404, 409, 410].includes(response.status)) return new Problem("expired");
  if (response.status >= 502) return new Problem("away");
  return new Problem("answer", detail);
}

/** @param {number} delay_ms */
const sleep = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/**
 * Wait for a promise, and throw the problem after a time.
 *
 * @template Value
 * @param {number} timeout_ms
 * @param {Promise<Value>} promise
 * @param {Problem} problem
 */
function withTimeout(timeout_ms, promise, problem) {
  /** @type {number | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(problem), timeout_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
