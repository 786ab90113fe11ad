/** The dialog behind the settings button. */

import { fillMicrophones } from "../session/microphone-select.js";
import { wordsSwitch } from "../transcript/switch.js";
import { toggle } from "../ui/controls.js";
import { byId, h } from "../ui/elements.js";
import { title } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";

/** @import { CueState } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { Configuration } from "../page/config.js" */
/** @import { Settings } from "../page/settings.js" */
/** @import { Transcript } from "../transcript/transcript.js" */

const text = words.settings;

export class SettingsDialog {
  #dialog = byId("settings", HTMLDialogElement);
  #microphones = h("select", { id: "settings-microphone" });
  #profiles = h("div", { class: "choices" });
  #cues = h("div", { class: "switches" });
  #words = h("div", { class: "switches" });
  #settings;
  #config;
  #transcript;

  /**
   * @param {Settings} settings
   * @param {Configuration} config
   * @param {Transcript} transcript
   */
  constructor(settings, config, transcript) {
    this.#settings = settings;
    this.#config = config;
    this.#transcript = transcript;
    this.#microphones.addEventListener("change", () => settings.set("deviceId", this.#microphones.value));
    const close = h("button", { class: "round", type: "submit", "aria-label": words.actions.close }, icon("close"));
    this.#dialog.replaceChildren(
      h(
        "form",
        { method: "dialog" },
        h("header", {}, h("h2", { id: "settings-title" }, text.title), close),
        group(text.profile, this.#profiles),
        h("div", { class: "group" }, h("label", { class: "legend", for: "settings-microphone" }, text.microphone), this.#microphones),
        group(text.processing, h("div", { class: "switches" }, this.#processing())),
        group(words.transcript.name, this.#words),
        group(text.cues, this.#cues),
        group(text.feel, h("div", { class: "switches" }, this.#feel())),
      ),
    );
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  /**
   * Open the dialog; `session` is the running one, or null before one.
   *
   * @param {{ cues: CueState[], profile: string | null } | null} session
   */
  open(session) {
    fillMicrophones(this.#microphones, this.#settings.values.deviceId);
    this.#fillProfiles(session !== null);
    if (session) this.#fillCues(session.cues, session.profile);
    else this.#fillChosenCues();
    this.#fillWords();
    this.#dialog.showModal();
  }

  #processing() {
    return [
      this.#switch("echoCancellation", text.echoHint),
      this.#switch("noiseSuppression", text.noiseHint),
      this.#switch("autoGainControl", text.gainHint),
    ];
  }

  #feel() {
    const vibrates = "vibrate" in navigator;
    return [this.#switch("tick"), vibrates ? this.#switch("vibrate") : "", this.#switch("captions", text.captionsHint)];
  }

  /**
   * @param {"echoCancellation" | "noiseSuppression" | "autoGainControl" | "tick" | "vibrate" | "captions"} name
   * @param {string} [hint]
   */
  #switch(name, hint = "") {
    return toggle(text[name], hint, this.#settings.values[name], (on) => this.#settings.set(name, on));
  }

  /** @param {boolean} inSession */
  #fillProfiles(inSession) {
    const rows = this.#config.profiles.map(({ name, description }) => {
      const input = h("input", { type: "radio", name: "profile", value: name, checked: name === this.#settings.values.profile });
      input.addEventListener("change", () => {
        this.#settings.set("profile", name);
        if (!inSession) this.#fillChosenCues();
      });
      return h("label", { class: "choice" }, input, h("span", {}, h("b", {}, title(name)), h("small", {}, description)));
    });
    this.#profiles.replaceChildren(...rows, inSession ? h("small", {}, text.later) : "");
  }

  #fillWords() {
    const { line, lineHint, assistant } = words.transcript;
    const { on: chosen, host, agreed } = this.#transcript.view;
    const advice = toggle(assistant.agree(host), assistant.hint, agreed, (on) => this.#transcript.agreeToAdvice(on));
    this.#words.replaceChildren(
      wordsSwitch(this.#transcript.view, () => this.#transcript.toggle()),
      toggle(line, lineHint, this.#settings.values.wordsLine, (on) => this.#settings.set("wordsLine", on)),
      host && chosen ? advice : "",
    );
  }

  /** Show the cues of the profile that is chosen. */
  #fillChosenCues() {
    const { profile } = this.#settings.values;
    this.#fillCues(this.#cuesOf(profile), profile);
  }

  /** @param {string | null} profile */
  #cuesOf(profile) {
    return this.#config.profiles.find(({ name }) => name === profile)?.cues ?? [];
  }

  /**
   * Show cues: those that the profile has off are off, unless the person has chosen otherwise.
   *
   * @param {CueState[]} cues
   * @param {string | null} profile
   */
  #fillCues(cues, profile) {
    const usual = new Map(this.#cuesOf(profile).map(({ cue, on }) => [cue, on]));
    const rows = cues.map(({ cue, label, on, needs_words: needsWords }) => {
      const hint = needsWords ? words.transcript.needed : "";
      const change = (/** @type {boolean} */ now) => this.#settings.setCue(cue, now, usual.get(cue) ?? on);
      return toggle([icon(cue), label], hint, this.#settings.isOn(cue, usual.get(cue) ?? on), change);
    });
    this.#cues.replaceChildren(...rows);
  }
}

/**
 * @param {string} name
 * @param {...Child} children
 */
function group(name, ...children) {
  return h("fieldset", { class: "group" }, h("legend", { class: "legend" }, name), ...children);
}
