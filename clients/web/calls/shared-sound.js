/** The sound of a call in another tab or program, which the browser's own dialog shares. */

import { EngineConnection } from "../session/connection.js";

const RETRY_MS = 1000;

/** Raw: processing would take out what the engine measures. */
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** A shared sound, sent to the engine as the other side of a call. Dispatches `ended` when it is no longer shared. */
export class SharedSound extends EventTarget {
  /** @type {EngineConnection | null} */
  #connection = null;
  #stream;
  #closed = false;

  /** @param {MediaStream} stream */
  constructor(stream) {
    super();
    this.#stream = stream;
    const [track] = stream.getAudioTracks();
    track?.addEventListener("ended", () => {
      this.#connection?.close({ remove: true });
      if (!this.#closed) this.dispatchEvent(new Event("ended"));
    });
  }

  /** Whether this browser can share at all. */
  static get available() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  /** Ask for the sound of a call; null when the person changed their mind. It may come without sound. */
  static async request() {
    const stream = await SharedSound.pick();
    return stream && new SharedSound(stream);
  }

  /** Ask which tab or screen; null when the person changed their mind. The stream may come without sound. */
  static async pick() {
    /** @type {any} */
    const wanted = {
      video: true, // browsers share no sound without a picture
      audio: { ...SOUND, suppressLocalAudioPlayback: false },
      systemAudio: "include",
      selfBrowserSurface: "exclude",
    };
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia(wanted);
    } catch (error) {
      if (error.name === "NotAllowedError") return null;
      throw error;
    }
    for (const track of stream.getVideoTracks()) {
      track.stop();
      stream.removeTrack(track);
    }
    return stream;
  }

  /** Whether there is a sound that is shared. */
  get live() {
    return this.#stream.getAudioTracks().some(({ readyState }) => readyState === "live");
  }

  /**
   * Send it to the engine in the other seat, and again whenever the connection is lost.
   *
   * @param {{ iceServers: RTCIceServer[], seat: string | undefined }} options
   */
  async send({ iceServers, seat }) {
    this.#connection?.close();
    if (this.#closed || !this.live) return;
    const connection = (this.#connection = new EngineConnection({ stream: this.#stream, iceServers }));
    const again = () => setTimeout(() => connection === this.#connection && this.send({ iceServers, seat }), RETRY_MS);
    connection.addEventListener("lost", again);
    try {
      await connection.connect({ profile: "", cuesOff: [], token: null, seat });
    } catch {
      again(); // the page's own connection says what is wrong
    }
  }

  close() {
    this.#closed = true;
    this.#connection?.close();
    this.#connection = null;
    for (const track of this.#stream.getTracks()) track.stop();
  }
}
