/** The sound of a call that runs in another tab or program: shared by the browser's own dialogue. */

import { Call } from "./call.js";
import { h } from "./dom.js";
import { headphones } from "./roomviews.js";
import { heading, row } from "./stage.js";
import { words } from "./words.js";

const text = words.beside;
const AGAIN_MS = 1000;

/** Raw: what processing would take out of it is what we want to hear. */
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/**
 * A shared sound, sent to the engine as the other side. Dispatches `ended` when it isn't shared any more.
 */
export class Beside extends EventTarget {
  #call = null;
  #closed = false;

  constructor(stream) {
    super();
    this.stream = stream;
    const [track] = stream.getAudioTracks();
    track?.addEventListener("ended", () => {
      this.#call?.close({ remove: true });
      if (!this.#closed) this.dispatchEvent(new Event("ended"));
    });
  }

  /** Whether this browser can share at all. */
  static get available() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  /** Ask which tab or screen; null when the person changed their mind. Its stream may have no sound. */
  static async share() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({
        video: true, // browsers share no sound without a picture
        audio: { ...SOUND, suppressLocalAudioPlayback: false },
        systemAudio: "include",
        selfBrowserSurface: "exclude",
      });
    } catch (error) {
      if (error.name === "NotAllowedError") return null;
      throw error;
    }
    for (const track of stream.getVideoTracks()) {
      track.stop();
      stream.removeTrack(track);
    }
    return new Beside(stream);
  }

  /** Whether there is a sound that is shared. */
  get live() {
    return this.stream.getAudioTracks().some(({ readyState }) => readyState === "live");
  }

  /** Send it to the engine, in the other seat; again whenever the connection is lost. */
  async send({ iceServers, seat }) {
    this.#call?.close();
    if (this.#closed || !this.live) return;
    const call = (this.#call = new Call({ stream: this.stream, iceServers }));
    const again = () => setTimeout(() => call === this.#call && this.send({ iceServers, seat }), AGAIN_MS);
    call.addEventListener("lost", again);
    try {
      await call.connect({ profile: "", cuesOff: [], token: null, seat });
    } catch {
      again(); // the page's own connection says what is wrong
    }
  }

  close() {
    this.#closed = true;
    this.#call?.close();
    this.#call = null;
    for (const track of this.stream.getTracks()) track.stop();
  }
}

/** What it is, and how to begin. */
export function beside(stage) {
  const can = Beside.available;
  return [
    heading(text.title),
    h("p", { class: "lead" }, can ? text.lead : text.cannot),
    can ? h("ol", { class: "facts-list steps" }, text.steps.map((step) => h("li", {}, step))) : null,
    can ? h("p", { class: "aside" }, text.told) : null,
    can ? headphones(stage) : null,
    row(stage.button(words.actions.back, "back", "secondary"), stage.button(text.alone, "alone", can ? "secondary" : "primary"), can ? stage.button(text.share, "listen") : null),
  ];
}
