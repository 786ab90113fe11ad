/** The calls from browser to browser that a room asks for. */

import { PeerCall } from "./peer-call.js";

/** @import { Signal } from "../protocol.js" */

/** Holds a PeerCall for each wanted place; dispatches `change` when the state of one changes. */
export class Peers extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  /** @type {RTCIceServer[]} */
  iceServers = [];
  /** @type {Map<number, PeerCall>} */
  #calls = new Map();

  /**
   * Make the calls that are wanted and close all others.
   *
   * @param {Map<number, number>} wanted the number of each call, by the place of the other page
   * @param {object} options
   * @param {boolean} options.sends whether the others hear this microphone
   * @param {(place: number) => boolean} options.offers whether this page makes the offer
   * @param {(place: number, number: number, signal: Signal) => void} options.relay
   */
  update(wanted, { sends, offers, relay }) {
    if (sends && !this.stream) return;
    for (const [place, call] of this.#calls) {
      if (wanted.get(place) === call.number) continue;
      call.close();
      this.#calls.delete(place);
    }
    for (const [place, number] of wanted) {
      if (this.#calls.has(place)) continue;
      const call = new PeerCall({
        number,
        iceServers: this.iceServers,
        stream: sends ? this.stream : null,
        offers: offers(place),
        relay: (signal) => relay(place, number, signal),
      });
      call.addEventListener("change", () => this.dispatchEvent(new Event("change")));
      this.#calls.set(place, call);
    }
  }

  /**
   * Return `none`, or the state of the call with a place.
   *
   * @param {number} place
   */
  stateOf(place) {
    return this.#calls.get(place)?.state ?? "none";
  }

  /**
   * Pass a signal to the call that it is for.
   *
   * @param {number} place
   * @param {number} number
   * @param {Signal} signal
   */
  async receiveSignal(place, number, signal) {
    const call = this.#calls.get(place);
    if (call?.number === number) await call.receiveSignal(signal);
  }

  /**
   * Send another microphone in the same calls.
   *
   * @param {MediaStreamTrack | null} track
   */
  async replaceTrack(track) {
    await Promise.all([...this.#calls.values()].map((call) => call.replaceTrack(track)));
  }

  /** Whether the browser plays the sound only after something was pressed. */
  get soundBlocked() {
    return [...this.#calls.values()].some(({ soundBlocked }) => soundBlocked);
  }

  playSound() {
    for (const call of this.#calls.values()) call.playSound();
  }

  close() {
    for (const call of this.#calls.values()) call.close();
    this.#calls.clear();
  }
}
