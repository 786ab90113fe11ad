/** The person's microphone in the page: opening it, muting it, and what to do when it goes away. */

import { Problem } from "../page/problem.js";
import { LIVE, MUTED } from "../page/states.js";
import { announce } from "../ui/announce.js";
import { words } from "../words/words.js";
import { Microphone } from "./microphone.js";

/** @import { Feature, Page } from "../page/view.js" */
/** @import { InputSettings } from "./microphone.js" */

/** Settings that take effect when the microphone is opened again. */
const REOPEN = new Set(["deviceId", "echoCancellation", "noiseSuppression", "autoGainControl"]);

/** @implements {Feature} */
export class Input {
  microphone = new Microphone();
  permission = "prompt";
  #page;
  #showSilent;

  /**
   * @param {Page} page
   * @param {(silent: boolean) => void} showSilent
   */
  constructor(page, showSilent) {
    this.#page = page;
    this.#showSilent = showSilent;
    this.microphone.addEventListener("gone", () => this.#gone());
    this.microphone.addEventListener("silent", () => this.#silent(true));
    this.microphone.addEventListener("heard", () => this.#silent(false));
    this.microphone.addEventListener("muted", () => this.#page.session.connection?.tellMuted(this.microphone.muted));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#devicesChanged());
  }

  actions = {
    try: () => this.tryOut(),
  };

  entering = {
    inviting: () => this.microphone.close(),
    sharing: () => this.microphone.close(),
    unplugged: () => announce(words.problems.unplugged.title, { urgent: true }),
  };

  /** Ask the browser whether it gives the microphone, and follow changes. */
  async askPermission() {
    this.permission = await Microphone.permission((permission) => this.#permitted(permission));
  }

  /** Open the microphone; throws when the person or the machine refuses. */
  async open() {
    await this.microphone.open(this.#page.settings.values);
    this.permission = "granted";
  }

  /** Open the microphone before the start, so that its level can be seen. */
  async tryOut() {
    const { visit } = this.#page;
    try {
      await this.open();
    } catch (error) {
      if (visit.current) this.#page.fail(error);
    }
    this.#page.show();
  }

  /**
   * Mute the microphone, or no more, while the session goes on.
   *
   * @param {boolean} muted
   */
  mute(muted) {
    this.microphone.switchOff(muted);
    if (muted) this.#page.notices.dropSilence();
  }

  /** Whether the page itself has muted the microphone in this state. */
  get mutedByPage() {
    return MUTED.has(this.#page.machine.state) || this.#page.exercises.mutes;
  }

  /**
   * Take a changed setting into use.
   *
   * @param {string} name
   */
  async settingChanged(name) {
    const { machine, settings } = this.#page;
    if (REOPEN.has(name) && (this.microphone.live || machine.state === "unplugged")) await this.#reopen(settings.values);
  }

  /** @param {boolean} silent */
  #silent(silent) {
    const { machine, notices } = this.#page;
    this.#showSilent(silent);
    if (LIVE.has(machine.state)) notices.set("muted", silent);
    else if (silent) announce(words.ready.silent);
  }

  async #gone() {
    const { machine, settings } = this.#page;
    if (machine.state === "ready") return this.#reopen({ ...settings.values, deviceId: "" });
    if (machine.send("unplug")) await this.#devicesChanged();
  }

  /** A device came or went: open it again when the page waits for one. */
  async #devicesChanged() {
    const { machine, settings } = this.#page;
    if (machine.state === "unplugged") return this.#reopen({ ...settings.values, deviceId: "" });
    if (machine.state === "trouble" && this.#problem === "none" && (await Microphone.list()).length) this.#mended();
  }

  /** @param {string} permission the person's answer in the browser's own settings */
  #permitted(permission) {
    this.permission = permission;
    if (permission === "granted" && this.#problem === "refused") this.#mended();
  }

  /** Id of what went wrong last, if anything did. */
  get #problem() {
    return this.#page.problem?.id;
  }

  /** The microphone can be had again: back to where it is asked for. */
  #mended() {
    this.#page.machine.send(this.#page.calls.room ? "seated" : "back");
  }

  /** @param {InputSettings} wanted */
  async #reopen(wanted) {
    const { calls, machine, notices, session } = this.#page;
    try {
      await this.microphone.open(wanted);
      notices.set("reopen", false);
    } catch (error) {
      if (machine.state === "unplugged") return undefined; // still none: the stage says so already
      if (LIVE.has(machine.state)) return notices.set("reopen", true);
      return this.#page.fail(error);
    }
    if (LIVE.has(machine.state)) await session.connection?.replaceTrack(this.microphone.track);
    await calls.room?.peers.replaceTrack(this.microphone.track);
    machine.send("plug");
    return this.#page.show();
  }

  /** Show what the browser has refused already. */
  showRefusal() {
    this.#page.fail(new Problem("refused"));
  }
}
