/** A talk that the person listens to: a recording, or the sound of a tab. The engine measures it, and keeps nothing. */

import { Problem } from "../page/problem.js";
import { EngineConnection } from "../session/connection.js";

/** @import { ChannelMeasures, ToClient } from "../protocol.js" */

const SUMMARY_MS = 8000;

/**
 * One talk, from the moment that it is heard until its figures are known. Dispatches `over` when the recording, or what
 * the tab shares, has come to its end, and `lost` when the engine no longer hears it.
 */
export class HeardTalk extends EventTarget {
  #stream;
  #stop;
  /** @type {EngineConnection | null} */
  #connection = null;
  /** @type {Promise<ChannelMeasures | null> | null} */
  #figures = null;

  /**
   * @param {MediaStream} stream
   * @param {() => void} stop gives back what plays it
   */
  constructor(stream, stop) {
    super();
    this.#stream = stream;
    this.#stop = stop;
    stream.getAudioTracks()[0].addEventListener("ended", () => this.dispatchEvent(new Event("over")));
  }

  /**
   * Play a recording to the person and to the engine. Throws a Problem when the browser can't play it.
   *
   * @param {File} file
   */
  static async ofFile(file) {
    const address = URL.createObjectURL(file);
    const player = new Audio(address);
    const context = new AudioContext();
    const stop = () => {
      player.pause();
      context.close();
      URL.revokeObjectURL(address);
    };
    const played = context.createMediaElementSource(player);
    const heard = context.createMediaStreamDestination();
    played.connect(context.destination);
    played.connect(heard);
    try {
      await player.play();
    } catch {
      stop();
      throw new Problem("unplayable");
    }
    const talk = new HeardTalk(heard.stream, stop);
    player.addEventListener("ended", () => talk.dispatchEvent(new Event("over")));
    return talk;
  }

  /**
   * Hear what a tab shares.
   *
   * @param {MediaStream} stream
   */
  static ofTab(stream) {
    return new HeardTalk(stream, () => stream.getTracks().forEach((track) => track.stop()));
  }

  /**
   * Let the engine hear it. Throws a Problem.
   *
   * @param {RTCIceServer[]} iceServers
   */
  async begin(iceServers) {
    const connection = (this.#connection = new EngineConnection({ stream: this.#stream, iceServers }));
    this.#figures = new Promise((resolve) => {
      connection.addEventListener("message", (event) => {
        const message = /** @type {CustomEvent<ToClient>} */ (event).detail;
        if (message.type === "summary") resolve(message.measures[0]);
      });
      connection.addEventListener("closed", () => resolve(null));
    });
    connection.addEventListener("lost", () => this.dispatchEvent(new Event("lost")));
    await connection.connect({ profile: "", cuesOff: [], token: null, keep: false });
  }

  /** Stop it, and return its figures; null where the engine couldn't tell. */
  async end() {
    const connection = this.#connection;
    if (!connection?.send({ type: "end" })) {
      this.close();
      return null;
    }
    const late = setTimeout(() => connection.close({ remove: true }), SUMMARY_MS);
    const figures = await this.#figures;
    clearTimeout(late);
    this.close();
    return figures;
  }

  close() {
    this.#connection?.close({ remove: true });
    this.#connection = null;
    this.#stop();
  }
}
