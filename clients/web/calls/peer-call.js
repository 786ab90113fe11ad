/** A call from browser to browser: one WebRTC connection (RFC 9429), whose signalling the engine passes on. */

/** @import { Signal } from "../protocol.js" */

const BROKEN_MS = 4000;
const UNCONNECTED_MS = 6000;
const MOST_CANDIDATES = 64; // that wait for their description

/**
 * One connection to another page. As long as it isn't connected, it is offered again. Dispatches `change` with its
 * `state`: `connecting`, `connected`, `broken`, or `unusable` when what the other page sent can't be used.
 */
export class PeerCall extends EventTarget {
  state = "connecting";
  /** Whether the browser plays the sound only after something was pressed. */
  soundBlocked = false;
  #peer;
  /** @type {RTCRtpSender | null} */
  #sender = null;
  #offers;
  #relay;
  /** @type {RTCIceCandidateInit[]} */
  #candidates = [];
  #sound = new Audio();
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} options
   * @param {number} options.number its number in the room
   * @param {RTCIceServer[]} options.iceServers
   * @param {MediaStream | null} options.stream what the other page gets to hear; null for an observer
   * @param {boolean} options.offers true at one end only, so that offers never cross
   * @param {(signal: Signal) => void} options.relay passes a signal on to the other page
   */
  constructor({ number, iceServers, stream, offers, relay }) {
    super();
    this.number = number;
    this.#offers = offers;
    this.#relay = relay;
    this.#peer = new RTCPeerConnection({ iceServers });
    if (stream) this.#sender = this.#peer.addTrack(stream.getAudioTracks()[0], stream);
    this.#peer.addEventListener("track", ({ track, streams: [stream] }) => {
      this.#sound.srcObject = stream ?? new MediaStream([track]);
      this.playSound();
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => candidate && this.#send({ candidate: candidate.toJSON() }));
    this.#peer.addEventListener("connectionstatechange", () => this.#follow(this.#peer.connectionState));
    if (offers) this.#offer({});
    this.#retryIn(UNCONNECTED_MS);
  }

  /** Play the other side's sound. */
  async playSound() {
    const before = this.soundBlocked;
    try {
      await this.#sound.play();
      this.soundBlocked = false;
    } catch {
      this.soundBlocked = this.#peer.signalingState !== "closed";
    }
    if (this.soundBlocked !== before) this.dispatchEvent(new Event("change"));
  }

  /**
   * Send another microphone in the same connection.
   *
   * @param {MediaStreamTrack | null} track
   */
  async replaceTrack(track) {
    await this.#sender?.replaceTrack(track);
  }

  /**
   * Use a signal of the other page. One that can't be used is left out, and the connection is offered again.
   *
   * @param {Signal} signal
   */
  async receiveSignal(signal) {
    try {
      await this.#apply(signal);
    } catch {
      if (this.#peer.signalingState === "closed" || this.state === "connected") return;
      this.state = "unusable";
      this.dispatchEvent(new Event("change"));
    }
  }

  /**
   * Apply a description, or a candidate, which may come before it.
   *
   * @param {Signal} signal
   */
  async #apply({ description, candidate }) {
    const peer = this.#peer;
    if (description) {
      await peer.setRemoteDescription(description);
      for (const waiting of this.#candidates.splice(0)) await this.#addCandidate(waiting);
      if (description.type !== "offer") return;
      await peer.setLocalDescription();
      this.#sendDescription();
    } else if (candidate) {
      if (peer.remoteDescription) await this.#addCandidate(candidate);
      else if (this.#candidates.length < MOST_CANDIDATES) this.#candidates.push(candidate);
    }
  }

  /**
   * Add a candidate; one that can't be used is left out, as the others may do.
   *
   * @param {RTCIceCandidateInit} candidate
   */
  #addCandidate(candidate) {
    return this.#peer.addIceCandidate(candidate).catch(() => {});
  }

  /** @param {object} signal */
  #send(signal) {
    this.#relay(/** @type {Signal} */ (signal));
  }

  #sendDescription() {
    this.#send({ description: this.#peer.localDescription?.toJSON() });
  }

  close() {
    clearTimeout(this.#timer);
    this.#peer.close();
    this.#sound.srcObject = null;
  }

  /**
   * Offer again after a time, and so on until it is connected.
   *
   * @param {number} delay_ms
   */
  #retryIn(delay_ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#peer.signalingState === "closed") return;
      if (this.#offers) this.#offer({ iceRestart: true });
      this.#retryIn(UNCONNECTED_MS);
    }, delay_ms);
  }

  /** @param {RTCOfferOptions} options */
  async #offer(options) {
    try {
      await this.#peer.setLocalDescription(await this.#peer.createOffer(options));
      this.#sendDescription();
    } catch {
      // Closed meanwhile, or in the midst of another one: the next retry offers again.
    }
  }

  /** @param {RTCPeerConnectionState} state */
  #follow(state) {
    if (state === "connected") {
      clearTimeout(this.#timer);
      this.state = "connected";
    } else if (state === "disconnected") this.#retryIn(BROKEN_MS);
    else if (state === "failed") {
      this.state = "broken";
      this.#retryIn(0);
    }
    this.dispatchEvent(new Event("change"));
  }
}
