/** The microphone: asking for it, choosing it, and how loud it is. */

import { Problem, microphoneProblem } from "./problem.js";

const FLOOR_DBFS = -75;
const SILENT_AFTER_MS = 5000;

/**
 * One open microphone at a time. Dispatches `gone` when the device goes away by itself, and
 * `silent` or `heard` when digital silence lasts or ends.
 */
export class Microphone extends EventTarget {
  stream = null;
  #analyser = null;
  #context = null;
  #source = null;
  #samples = new Float32Array(1024);
  #heardAt = 0;
  #silent = false;
  #muted = false;
  #toldMuted = false;

  get track() {
    return this.stream?.getAudioTracks()[0] ?? null;
  }

  get live() {
    return this.track?.readyState === "live";
  }

  /** Throws the Problem of an address or a browser that can't have one at all. */
  static check() {
    if (!window.isSecureContext) throw new Problem("insecure");
    if (!navigator.mediaDevices || !window.RTCPeerConnection) throw new Problem("browser");
  }

  /** Whether the browser gives the microphone: `granted`, `denied` or `prompt`; `changed` hears of changes. */
  static async permission(changed) {
    try {
      const status = await navigator.permissions.query({ name: "microphone" });
      status.addEventListener("change", () => changed(status.state));
      return status.state;
    } catch {
      return "prompt"; // browsers that don't know this permission ask when it is needed
    }
  }

  /** Microphones by name; empty names until the browser has given permission. */
  static async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return devices.filter((device) => device.kind === "audioinput" && device.deviceId);
  }

  /** Open the chosen device; the one before is let go. Throws a Problem. */
  async open({ deviceId, echoCancellation, noiseSuppression, autoGainControl }) {
    const audio = { channelCount: 1, echoCancellation, noiseSuppression, autoGainControl };
    if (deviceId) audio.deviceId = { exact: deviceId };
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio, video: false });
    } catch (error) {
      throw microphoneProblem(error);
    }
    this.close();
    this.stream = stream;
    const track = this.track;
    track.enabled = !this.#muted;
    track.addEventListener("ended", () => {
      if (this.track === track) this.dispatchEvent(new Event("gone"));
    });
    for (const kind of ["mute", "unmute"]) track.addEventListener(kind, () => this.track === track && this.#tellMute());
    this.#tellMute();
    this.#listen();
    return stream;
  }

  /** Let nothing be heard, and go on with the same device; `silent` isn't told meanwhile. */
  mute(muted) {
    this.#muted = muted;
    if (this.track) this.track.enabled = !muted;
    this.#heardAt = performance.now();
    this.#tellMute();
  }

  /** Whether {@link mute} lets nothing be heard. */
  get off() {
    return this.#muted;
  }

  /** Whether nothing can be heard of it, as far as the page or the browser knows: `muted` tells of changes. */
  get muted() {
    return this.#muted || (this.track?.muted ?? false);
  }

  #tellMute() {
    if (this.muted === this.#toldMuted) return;
    this.#toldMuted = this.muted;
    this.dispatchEvent(new Event("muted"));
  }

  close() {
    const tracks = this.stream?.getTracks() ?? [];
    this.stream = null;
    for (const track of tracks) track.stop();
    this.#source?.disconnect();
    this.#source = null;
  }

  #listen() {
    this.#context ??= new AudioContext();
    // Chrome starts it suspended until the page is used, unless a microphone is open already.
    if (this.#context.state === "suspended") this.#context.resume();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#source = this.#context.createMediaStreamSource(this.stream);
    this.#source.connect(this.#analyser);
    this.#heardAt = performance.now();
    this.#hears(true);
  }

  #hears(hears) {
    if (hears !== this.#silent) return;
    this.#silent = !hears;
    this.dispatchEvent(new Event(hears ? "heard" : "silent"));
  }

  /** Level of the last 20 ms in dB re full scale; call it regularly, it also notices silence. */
  level() {
    if (!this.live || this.#context?.state !== "running") return -Infinity;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const dbfs = 10 * Math.log10(sum / this.#samples.length + 1e-12);
    const now = performance.now();
    if (dbfs > FLOOR_DBFS) this.#heardAt = now;
    this.#hears(this.#muted || now - this.#heardAt <= SILENT_AFTER_MS);
    return dbfs;
  }

  /** A soft tick through the speakers, 40 ms long. */
  tick() {
    const context = (this.#context ??= new AudioContext());
    const gain = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context, { frequency: 660 });
    const now = context.currentTime;
    gain.gain.linearRampToValueAtTime(0.08, now + 0.005);
    gain.gain.exponentialRampToValueAtTime(0.0005, now + 0.04);
    tone.connect(gain).connect(context.destination);
    tone.start(now);
    tone.stop(now + 0.05);
  }
}
