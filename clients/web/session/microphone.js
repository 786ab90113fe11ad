/** The microphone: asking for it, choosing it, and its level. */

import { Problem, asProblem } from "../page/problem.js";

/** @typedef {{ deviceId: string, echoCancellation: boolean, noiseSuppression: boolean, autoGainControl: boolean }} InputSettings */

const FLOOR_DBFS = -75;
const SILENT_AFTER_MS = 5000;

/**
 * One open microphone at a time. Dispatches `gone` when the device goes away by itself, `silent` and `heard` when digital
 * silence lasts and ends, and `muted` when {@link muted} changes.
 */
export class Microphone extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #samples = new Float32Array(1024);
  #heardAt = 0;
  #silent = false;
  #off = false;
  #toldMuted = false;
  /** How often it was closed. */
  #closings = 0;

  get track() {
    return this.stream?.getAudioTracks()[0] ?? null;
  }

  get live() {
    return this.track?.readyState === "live";
  }

  /** Throw the Problem of an address or a browser that can't have a microphone at all. */
  static check() {
    if (!window.isSecureContext) throw new Problem("insecure");
    if (!navigator.mediaDevices || !window.RTCPeerConnection) throw new Problem("browser");
  }

  /**
   * Return whether the browser gives the microphone: `granted`, `denied` or `prompt`; `changed` is called at changes.
   *
   * @param {(permission: string) => void} changed
   */
  static async permission(changed) {
    try {
      const status = await navigator.permissions.query({ name: "microphone" });
      status.addEventListener("change", () => changed(status.state));
      return status.state;
    } catch {
      return "prompt"; // browsers that don't know this permission ask when it is needed
    }
  }

  /** Return the microphones; their names are empty until the browser has given permission. */
  static async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return devices.filter((device) => device.kind === "audioinput" && device.deviceId);
  }

  /**
   * Open the chosen device and close the one before; where it is closed meanwhile, it stays so. Throws a Problem.
   *
   * @param {InputSettings} settings
   */
  async open({ deviceId, echoCancellation, noiseSuppression, autoGainControl }) {
    /** @type {MediaTrackConstraints} */
    const audio = { channelCount: 1, echoCancellation, noiseSuppression, autoGainControl };
    if (deviceId) audio.deviceId = { exact: deviceId };
    const closings = this.#closings;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio, video: false });
    } catch (error) {
      throw asProblem(error);
    }
    if (closings !== this.#closings) return stop(stream);
    this.#release();
    this.stream = stream;
    const [track] = stream.getAudioTracks();
    track.enabled = !this.#off;
    track.addEventListener("ended", () => {
      if (this.track === track) this.dispatchEvent(new Event("gone"));
    });
    for (const kind of ["mute", "unmute"]) track.addEventListener(kind, () => this.track === track && this.#tellMuted());
    this.#tellMuted();
    this.#measure(stream);
    return undefined;
  }

  /**
   * Switch the sound of the device off or on; `silent` isn't dispatched while it is off.
   *
   * @param {boolean} off
   */
  switchOff(off) {
    this.#off = off;
    if (this.track) this.track.enabled = !off;
    this.#heardAt = performance.now();
    this.#tellMuted();
  }

  /** Whether {@link switchOff} has switched the sound off. */
  get off() {
    return this.#off;
  }

  /** Whether nothing can be heard of it, as far as the page or the browser knows. */
  get muted() {
    return this.#off || (this.track?.muted ?? false);
  }

  #tellMuted() {
    if (this.muted === this.#toldMuted) return;
    this.#toldMuted = this.muted;
    this.dispatchEvent(new Event("muted"));
  }

  /** Close it, and let one that is being opened stay closed. */
  close() {
    this.#closings += 1;
    this.#release();
  }

  #release() {
    const { stream } = this;
    this.stream = null;
    if (stream) stop(stream);
    this.#source?.disconnect();
    this.#source = null;
  }

  /** @param {MediaStream} stream */
  #measure(stream) {
    this.#context ??= new AudioContext();
    // Chrome starts it suspended until the page is used, unless a microphone is open already.
    if (this.#context.state === "suspended") this.#context.resume();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
    this.#heardAt = performance.now();
    this.#setSilent(false);
  }

  /** @param {boolean} silent */
  #setSilent(silent) {
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.dispatchEvent(new Event(silent ? "silent" : "heard"));
  }

  /** Return the level of the last 20 ms in dB re full scale. Call it regularly: it also notices silence. */
  level() {
    if (!this.live || !this.#analyser || this.#context?.state !== "running") return -Infinity;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const dbfs = 10 * Math.log10(sum / this.#samples.length + 1e-12);
    const now = performance.now();
    if (dbfs > FLOOR_DBFS) this.#heardAt = now;
    this.#setSilent(!this.#off && now - this.#heardAt > SILENT_AFTER_MS);
    return dbfs;
  }

  /** Play a soft tick through the speakers, 40 ms long. */
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

/** @param {MediaStream} stream */
const stop = (stream) => stream.getTracks().forEach((track) => track.stop());
