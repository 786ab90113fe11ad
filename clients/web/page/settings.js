/** What the person chose, kept in the browser. */

/** @import { Configuration } from "./config.js" */

const KEY = "sottovoce.settings";

/**
 * Cues that were kept under another name.
 *
 * @type {Record<string, string>}
 */
const RENAMED = { voice: "creak" };

const DEFAULTS = {
  deviceId: "",
  echoCancellation: true,
  noiseSuppression: false,
  autoGainControl: false,
  profile: "",
  /** Cues that are told although the profile has them off, and those that aren't although it has them on. */
  cuesOn: /** @type {string[]} */ ([]),
  cuesOff: /** @type {string[]} */ ([]),
  tick: false,
  vibrate: false,
  captions: false,
  words: false,
  /** Whether the person has agreed to words once; it isn't asked again. */
  wordsAgreed: false,
  wordsLine: false,
  /** Whether the page says when it is time to practise, and at what time of day. */
  remind: false,
  remindAt: "18:00",
};

/** @typedef {typeof DEFAULTS} Values */

/** The settings, saved at each change. Dispatches `change`; `detail` is the name of what changed. */
export class Settings extends EventTarget {
  /** @type {Values} */
  values;
  /** The cue that was switched last. */
  changedCue = { cue: "", on: true };
  #storage;

  constructor(storage = localStorage) {
    super();
    this.#storage = storage;
    this.values = { ...DEFAULTS, ...read(storage) };
  }

  /**
   * Leave out what this server doesn't have: the choices may be from another one.
   *
   * @param {Configuration} config
   */
  fit({ profile, profiles }) {
    const { values } = this;
    const known = (/** @type {string} */ name) => profiles.some(({ cues }) => cues.some(({ cue }) => cue === name));
    if (!profiles.some(({ name }) => name === values.profile)) values.profile = profile;
    values.cuesOn = values.cuesOn.filter(known);
    values.cuesOff = values.cuesOff.filter(known);
  }

  /**
   * @template {keyof Values} Name
   * @param {Name} name
   * @param {Values[Name]} value
   */
  set(name, value) {
    this.values[name] = value;
    const kept = Object.fromEntries(Object.entries(this.values).filter(([key]) => Object.hasOwn(DEFAULTS, key)));
    this.#storage.setItem(KEY, JSON.stringify(kept));
    this.dispatchEvent(new CustomEvent("change", { detail: name }));
  }

  /**
   * Switch a cue; `usual` is how the profile has it, which needs no choice of the person.
   *
   * @param {string} cue
   * @param {boolean} on
   * @param {boolean} usual
   */
  setCue(cue, on, usual) {
    const without = (/** @type {string[]} */ cues) => cues.filter((other) => other !== cue);
    const { cuesOn, cuesOff } = this.values;
    this.values.cuesOn = on && !usual ? [...without(cuesOn), cue] : without(cuesOn);
    this.changedCue = { cue, on };
    this.set("cuesOff", !on && usual ? [...without(cuesOff), cue] : without(cuesOff));
  }

  /**
   * Return whether a cue is told.
   *
   * @param {string} cue
   * @param {boolean} usual how the profile has it
   */
  isOn(cue, usual) {
    return this.values.cuesOn.includes(cue) || (usual && !this.values.cuesOff.includes(cue));
  }
}

/**
 * @param {Storage} storage
 * @returns {Partial<Values>}
 */
function read(storage) {
  try {
    /** @type {Partial<Values>} */
    const kept = JSON.parse(storage.getItem(KEY) ?? "{}") ?? {};
    if (kept.cuesOff?.some((cue) => cue in RENAMED)) {
      kept.cuesOff = kept.cuesOff.map((cue) => RENAMED[cue] ?? cue);
      storage.setItem(KEY, JSON.stringify(kept));
    }
    return kept;
  } catch {
    return {}; // not ours, or of another version: the defaults do
  }
}
