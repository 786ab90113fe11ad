/** A voice from browser to browser: one WebRTC connection (RFC 9429), whose signalling the engine passes on. */

const BROKEN_MS = 4000;
const UNCONNECTED_MS = 6000;
const MOST_CANDIDATES = 64; // that wait for their description

/**
 * One connection to another page. `stream` is what it is given to hear, null for one who only listens; `offers` is true
 * at one end alone, so that offers never meet; `relay(data)` passes something on. Dispatches `change` with its `state`:
 * `connecting`, `connected`, `broken`, or `unusable` when what the other page passed on can't be. As long as there is
 * no way, another is looked for.
 */
export class Voice extends EventTarget {
  state = "connecting";
  held = false;
  #peer;
  #sender = null;
  #offers;
  #relay;
  #candidates = [];
  #sound = new Audio();
  #timer = null;

  constructor({ call, iceServers, stream, offers, relay }) {
    super();
    this.call = call;
    this.#offers = offers;
    this.#relay = relay;
    this.#peer = new RTCPeerConnection({ iceServers });
    if (stream) this.#sender = this.#peer.addTrack(stream.getAudioTracks()[0], stream);
    this.#peer.addEventListener("track", ({ track, streams: [heard] }) => {
      this.#sound.srcObject = heard ?? new MediaStream([track]);
      this.play();
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => candidate && relay({ candidate: candidate.toJSON() }));
    this.#peer.addEventListener("connectionstatechange", () => this.#connected(this.#peer.connectionState));
    if (offers) this.#offer({});
    this.#again(UNCONNECTED_MS);
  }

  /** Let it be heard; `held` says that the browser wants something to be pressed before. */
  async play() {
    const before = this.held;
    try {
      await this.#sound.play();
      this.held = false;
    } catch {
      this.held = this.#peer.signalingState !== "closed";
    }
    if (this.held !== before) this.dispatchEvent(new Event("change"));
  }

  async replace(track) {
    await this.#sender?.replaceTrack(track);
  }

  /** Take what the other page passed on; what can't be used is left out, and another way is looked for. */
  async hear(signal) {
    try {
      await this.#take(signal);
    } catch {
      if (this.#peer.signalingState === "closed" || this.state === "connected") return;
      this.state = "unusable";
      this.dispatchEvent(new Event("change"));
    }
  }

  /** A description, or a candidate, which may come before it. */
  async #take({ description, candidate }) {
    const peer = this.#peer;
    if (description) {
      await peer.setRemoteDescription(description);
      for (const waiting of this.#candidates.splice(0)) await this.#add(waiting);
      if (description.type !== "offer") return;
      await peer.setLocalDescription();
      this.#relay({ description: peer.localDescription.toJSON() });
    } else if (candidate) {
      if (peer.remoteDescription) await this.#add(candidate);
      else if (this.#candidates.length < MOST_CANDIDATES) this.#candidates.push(candidate);
    }
  }

  /** One that is none is left out: the others may do. */
  #add(candidate) {
    return this.#peer.addIceCandidate(candidate).catch(() => {});
  }

  close() {
    clearTimeout(this.#timer);
    this.#peer.close();
    this.#sound.srcObject = null;
  }

  #again(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#peer.signalingState === "closed") return;
      if (this.#offers) this.#offer({ iceRestart: true });
      this.#again(UNCONNECTED_MS);
    }, milliseconds);
  }

  async #offer(options) {
    try {
      await this.#peer.setLocalDescription(await this.#peer.createOffer(options));
      this.#relay({ description: this.#peer.localDescription.toJSON() });
    } catch {
      // Closed meanwhile, or in the midst of another one: `#again` offers anew.
    }
  }

  #connected(state) {
    if (state === "connected") {
      clearTimeout(this.#timer);
      this.state = "connected";
    } else if (state === "disconnected") this.#again(BROKEN_MS);
    else if (state === "failed") {
      this.state = "broken";
      this.#again(0);
    }
    this.dispatchEvent(new Event("change"));
  }
}
