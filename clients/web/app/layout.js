/** What is around the stage: the top line, notices, the last nudge, and the regions that a state shows. */

import { showBeside } from "../drills/shown.js";
import { LIVE, MEASURED, SHOWS_MUTE, STOPPABLE } from "../page/states.js";
import { wordsMark } from "../transcript/transcript.js";
import { byId, h, setAttribute, setText } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";
import { FloatingWindow } from "./floating.js";
import { REGIONS, VIEWS } from "./views.js";

/** @import { Nudge } from "../protocol.js" */
/** @import { View, WordsView } from "../page/view.js" */

/**
 * @typedef {object} Around
 * @property {string[]} notices
 * @property {{ by: string, text: string } | null} topic what to talk about, and who asks
 * @property {boolean} captions whether there is something to be read along
 * @property {Nudge | undefined} last
 * @property {number} at_s
 */

/** Notices of something that another microphone would not help. */
const NOT_THE_MICROPHONE = new Set(["unheard", "noSound", "soundEnded", "overloaded", "restarted", "moved", "echo"]);

export class Layout {
  #act;
  /** Whether the drill that goes on is an interview. */
  #interview = false;

  /** @param {(name: string) => void} act called for the buttons */
  constructor(act) {
    this.#act = act;
    setText(byId("end"), words.actions.end);
    setText(byId("trace-title"), words.trace.title);
    setAttribute(byId("trace"), "aria-label", words.trace.picture);
    setAttribute(byId("captions"), "aria-label", words.captions.title);
    setAttribute(byId("instruments"), "aria-label", words.instruments.title);
    byId("settings-button").append(icon("settings"));
    byId("float-button").append(icon("float"));
    byId("float-button").hidden = !FloatingWindow.available;
    for (const [id, name] of [["end", "end"], ["settings-button", "settings"], ["float-button", "float"]]) {
      byId(id).addEventListener("click", () => act(name));
    }
    setName(byId("settings-button"), words.actions.settings);
    this.setFloating(false);
  }

  /**
   * @param {View} view
   * @param {Around} around
   */
  show({ state, muted, nudge, drill, room, words: spoken, kept, place, taken }, { notices, topic, captions, last, at_s }) {
    const { regions } = VIEWS[state];
    setAttribute(document.body, "data-state", state);
    for (const id of REGIONS) byId(id).hidden = !regions.includes(id);
    // A drill has one way out, Stop, where the stage has it.
    byId("end").hidden = drill.running && STOPPABLE.has(state);
    // Not `disabled`, which would lose the focus before the summary can take it.
    setAttribute(byId("end"), "aria-disabled", String(state === "finishing"));
    const shared = state === "finished" && room?.state;
    const analysed = spoken.mode === "off" || spoken.mode === "unavailable" ? words.privacy.otherwise : words.transcript.privacy;
    const otherwise = kept ? words.keeping.privacy(kept) : analysed;
    setText(byId("privacy"), shared ? words.privacy.shared : state === "finished" && taken ? words.privacy.kept : (words.privacy[state] ?? otherwise));
    const named = { nudge: nudge?.text, place }[state];
    document.title = named ? `${named} · ${words.name}` : words.name;
    this.#interview = drill.interview !== null;
    this.setStatus(state, at_s, muted);
    byId("asked").hidden = !topic;
    if (topic) {
      setText(byId("asked-by"), topic.by);
      setText(byId("asked-text"), topic.text);
    }
    showBeside(topic ? drill.shown : null);
    byId("captions").hidden = !captions;
    this.#showWords(LIVE.has(state) ? spoken : null);
    this.#showNotices(notices);
    this.#showLast(state === "listening" ? last : undefined);
  }

  /**
   * @param {string} state
   * @param {number} at_s
   * @param {boolean} muted
   */
  setStatus(state, at_s, muted) {
    const shown = state === "drilling" && this.#interview ? words.interview.status : words.status[state];
    const status = muted && SHOWS_MUTE.has(state) ? words.status.muted : shown;
    const ticks = MEASURED.has(state) && state !== "lost" && at_s > 0;
    setText(byId("status"), status + (ticks ? ` ${clock(at_s)}` : ""));
  }

  /**
   * Show how much of the time for an answer is left, as a thin line; it is quiet about who goes on longer.
   *
   * @param {number} at_s
   * @param {number} minutes for the answer; 0 for no limit
   */
  setLeft(at_s, minutes) {
    const line = byId("asked-left");
    line.hidden = !minutes;
    if (minutes) line.style.setProperty("--left", Math.max(0, 1 - at_s / (60 * minutes)).toFixed(3));
  }

  /**
   * Show while a session goes on that words are on.
   *
   * @param {WordsView | null} spoken
   */
  #showWords(spoken) {
    const mark = byId("words-mark");
    const said = spoken ? wordsMark(spoken) : [];
    mark.hidden = !said.length;
    mark.dataset.mode = spoken?.mode ?? "";
    mark.replaceChildren(...said);
  }

  /**
   * Explain the hatching while there is any.
   *
   * @param {boolean} lossy
   */
  setLossy(lossy) {
    setText(byId("trace-title"), lossy ? words.trace.lossy : words.trace.title);
  }

  /** @param {boolean} open */
  setFloating(open) {
    setName(byId("float-button"), open ? words.actions.unfloat : words.actions.float);
    setAttribute(byId("float-button"), "aria-pressed", String(open));
  }

  /** Give the focus, whose control has gone, to the main control of the new state. */
  focusMain() {
    const places = ["#exercise .primary", "#summary [tabindex]", "#place [tabindex]", "#stage .primary", "#stage .secondary", "#last button", "#end"];
    const found = places.map((place) => /** @type {HTMLElement | null} */ (document.querySelector(place)));
    found.find((element) => element?.checkVisibility())?.focus({ preventScroll: true });
  }

  /**
   * Show the nudge given last, with its Why?, once it has left the stage.
   *
   * @param {Nudge | undefined} nudge
   */
  #showLast(nudge) {
    const key = nudge ? String(nudge.id) : "";
    const box = byId("last");
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    if (!nudge) return box.replaceChildren();
    const ask = { type: "button", class: "quiet", "aria-label": words.why.whyLast(nudge.text), onclick: () => this.#act("why") };
    return box.replaceChildren(
      icon(nudge.cue),
      h("span", {}, nudge.text),
      h("small", {}, clock(nudge.at_s)),
      h("button", ask, words.actions.why),
    );
  }

  /**
   * Show all notices: none waits until another one has gone.
   *
   * @param {string[]} kinds
   */
  #showNotices(kinds) {
    const box = byId("notice");
    const key = kinds.join(" ");
    if (box.dataset.kinds === key) return;
    box.dataset.kinds = key;
    box.hidden = !key;
    box.replaceChildren(...kinds.map((kind) => this.#notice(kind)));
  }

  /** @param {string} kind */
  #notice(kind) {
    const choose = { type: "button", class: "quiet", onclick: () => this.#act("settings") };
    const button = NOT_THE_MICROPHONE.has(kind) ? null : h("button", choose, words.actions.chooseMicrophone);
    return h("div", { class: "notice" }, icon("attention"), h("span", {}, words.notices[kind]), button);
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} label
 */
function setName(button, label) {
  setAttribute(button, "aria-label", label);
  button.title = label;
}
