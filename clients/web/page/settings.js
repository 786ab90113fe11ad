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
  cuesOff: /** @type {string[]} */ ([]),
  tick: false,
  vibrate: false,
  captions: false,
  words: false,
  /** Whether the person has agreed to words once; it isn't asked again. */
  wordsAgreed: false,
  wordsLine: false,
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
  fit({ profile, profiles, cues }) {
    const { values } = this;
    if (!profiles.some(({ name }) => name === values.profile)) values.profile = profile;
    values.cuesOff = values.cuesOff.filter((off) => cues.some(({ cue }) => cue === off));
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
   * @param {string} cue
   * @param {boolean} on
   */
  setCue(cue, on) {
    const others = this.values.cuesOff.filter((other) => other !== cue);
    this.changedCue = { cue, on };
    this.set("cuesOff", on ? others : [...others, cue]);
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
