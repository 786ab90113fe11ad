/** What the person chose, kept in the browser, and the dialog to choose it in. */

import { at, h } from "./dom.js";
import { icon } from "./icons.js";
import { Microphone } from "./microphone.js";
import { words } from "./words.js";

const KEY = "sottovoce.settings";

/** Cues that were kept under another name. */
const RENAMED = { voice: "creak" };

const DEFAULTS = {
  deviceId: "",
  echoCancellation: true,
  noiseSuppression: false,
  autoGainControl: false,
  profile: "",
  cuesOff: [],
  tick: false,
  vibrate: false,
  captions: false,
};

const PROCESSING = [
  ["echoCancellation", "echoHint"],
  ["noiseSuppression", "noiseHint"],
  ["autoGainControl", "gainHint"],
];

/** The settings, saved at each change. Dispatches `change` with the name of what changed. */
export class Settings extends EventTarget {
  constructor(storage = localStorage) {
    super();
    this.storage = storage;
    Object.assign(this, DEFAULTS, read(storage));
  }

  /** Leave out what this server doesn't have: the choices may be from another one. */
  fit({ profile, profiles, cues }) {
    if (!profiles.some(({ name }) => name === this.profile)) this.profile = profile;
    this.cuesOff = this.cuesOff.filter((off) => cues.some(({ cue }) => cue === off));
  }

  set(name, value) {
    this[name] = value;
    const kept = Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, this[key]]));
    this.storage.setItem(KEY, JSON.stringify(kept));
    this.dispatchEvent(new CustomEvent("change", { detail: name }));
  }

  setCue(cue, on) {
    const others = this.cuesOff.filter((other) => other !== cue);
    this.changedCue = { cue, on };
    this.set("cuesOff", on ? others : [...others, cue]);
  }
}

function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY)) ?? {};
    if (kept.cuesOff?.some((cue) => cue in RENAMED)) {
      kept.cuesOff = kept.cuesOff.map((cue) => RENAMED[cue] ?? cue);
      storage.setItem(KEY, JSON.stringify(kept));
    }
    return kept;
  } catch {
    return {}; // not ours, or of another version: the defaults do
  }
}

/** Put the microphones into a `<select>`, the chosen one selected. */
export async function fillMicrophones(select, settings) {
  const devices = (await Microphone.list()).filter((device) => device.deviceId !== "default");
  const named = devices.filter((device) => device.label);
  const first = named.length ? words.ready.anyMicrophone : words.ready.unnamed;
  const options = named.map((device) => h("option", { value: device.deviceId }, device.label));
  select.replaceChildren(h("option", { value: "" }, first), ...options);
  const known = named.some((device) => device.deviceId === settings.deviceId);
  select.value = known ? settings.deviceId : "";
  select.disabled = named.length === 0;
}

/** The dialog behind the settings button. */
export class SettingsDialog {
  #dialog = at("settings");
  #microphones = h("select", { id: "settings-microphone" });
  #profiles = h("div", { class: "choices" });
  #cues = h("div", { class: "switches" });

  constructor(settings, config) {
    this.settings = settings;
    this.config = config;
    this.#microphones.addEventListener("change", () => settings.set("deviceId", this.#microphones.value));
    const close = h("button", { class: "round", type: "submit", "aria-label": words.actions.close }, icon("close"));
    this.#dialog.replaceChildren(
      h(
        "form",
        { method: "dialog" },
        h("header", {}, h("h2", { id: "settings-title" }, words.settings.title), close),
        group(words.settings.profile, this.#profiles),
        h("div", { class: "group" }, h("label", { class: "legend", for: "settings-microphone" }, words.settings.microphone), this.#microphones),
        group(words.settings.processing, this.#processing()),
        group(words.settings.cues, this.#cues),
        group(words.settings.feel, this.#feel()),
      ),
    );
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  /** `cues` are those of the running session, or null before one. */
  open(cues) {
    fillMicrophones(this.#microphones, this.settings);
    this.#fillProfiles(cues !== null);
    this.#fillCues(cues ?? this.config.cues);
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  #processing() {
    const rows = PROCESSING.map(([name, hint]) =>
      toggle(words.settings[name], words.settings[hint], this.settings[name], (on) => this.settings.set(name, on)),
    );
    return h("div", { class: "switches" }, rows);
  }

  #feel() {
    const names = "vibrate" in navigator ? ["tick", "vibrate", "captions"] : ["tick", "captions"];
    const rows = names.map((name) =>
      toggle(words.settings[name], name === "captions" ? words.settings.captionsHint : "", this.settings[name], (on) => this.settings.set(name, on)),
    );
    return h("div", { class: "switches" }, rows);
  }

  #fillProfiles(inCall) {
    const rows = this.config.profiles.map(({ name, description }) => {
      const input = h("input", { type: "radio", name: "profile", value: name, checked: name === this.settings.profile });
      input.addEventListener("change", () => this.settings.set("profile", name));
      return h("label", { class: "choice" }, input, h("span", {}, h("b", {}, title(name)), h("small", {}, description)));
    });
    this.#profiles.replaceChildren(...rows, inCall ? h("small", {}, words.settings.later) : "");
  }

  #fillCues(cues) {
    const rows = cues.map(({ cue, label }) => {
      const on = !this.settings.cuesOff.includes(cue);
      return toggle([icon(cue), label], "", on, (now) => this.settings.setCue(cue, now));
    });
    this.#cues.replaceChildren(...rows);
  }
}

/** A profile's name for a person. */
export function title(name) {
  return name ? name[0].toUpperCase() + name.slice(1).replaceAll("_", " ") : "";
}

function group(name, ...children) {
  return h("fieldset", { class: "group" }, h("legend", { class: "legend" }, name), ...children);
}

/** A switch; `change` is called with what it is set to. */
export function toggle(label, hint, on, change) {
  const input = h("input", { type: "checkbox", role: "switch", checked: on });
  input.addEventListener("change", () => change(input.checked));
  const text = h("span", {}, h("b", {}, label), hint ? h("small", {}, hint) : "");
  return h("label", { class: "switch" }, text, input);
}
