/** What is around the stage: the top line, a notice, the last nudge, and what each state shows. */

import { at, h, mark, write } from "./dom.js";
import { Float } from "./float.js";
import { icon } from "./icons.js";
import { INSTRUMENTS } from "./machine.js";
import { clock, words } from "./words.js";

/** Notices of something that another microphone would not help. */
const NOT_THE_MICROPHONE = new Set(["unheard", "noSound", "soundEnded", "overloaded", "restarted", "moved", "echo"]);

/** States in which the stage has a drill's Stop. */
const STOPPABLE = new Set(["drilling", "nudge", "why"]);

/** States in which it matters whether one can be heard. */
const MUTABLE = new Set(["listening", "nudge", "why", "drilling"]);

export class Layout {
  constructor(act) {
    this.act = act;
    write(at("end"), words.actions.end);
    write(at("trace-title"), words.trace.title);
    mark(at("trace"), "aria-label", words.trace.picture);
    mark(at("captions"), "aria-label", words.captions.title);
    mark(at("instruments"), "aria-label", words.instruments.title);
    at("settings-button").append(icon("settings"));
    at("float-button").append(icon("float"));
    at("float-button").hidden = !Float.available;
    for (const name of ["end", "settings", "float"]) {
      at(name === "end" ? name : `${name}-button`).addEventListener("click", () => act(name));
    }
    name(at("settings-button"), words.actions.settings);
    this.floating(false);
  }

  show({ state, muted, nudge, drill, notices, question, captions, last, room, at_s: time }) {
    const inCall = INSTRUMENTS.has(state);
    mark(document.body, "data-state", state);
    at("stage").hidden = state === "finished";
    at("summary").hidden = state !== "finished";
    for (const id of ["instruments", "trace-figure"]) at(id).hidden = !inCall;
    at("bar").hidden = !inCall && state !== "talking";
    // A drill has one way out, Stop, where the stage has it.
    at("end").hidden = drill.running && STOPPABLE.has(state);
    // Not `disabled`, which would lose the focus before the summary can take it.
    mark(at("end"), "aria-disabled", String(state === "finishing"));
    const kept = state === "finished" && room?.state ? words.privacy.shared : words.privacy[state];
    write(at("privacy"), kept ?? words.privacy.otherwise);
    document.title = state === "nudge" ? `${nudge.text} · ${words.name}` : words.name;
    this.status(state, time, muted);
    at("asked").hidden = !question;
    if (question) {
      write(at("asked-by"), question.by);
      write(at("asked-text"), question.text);
    }
    at("captions").hidden = !captions;
    this.#notices(notices);
    this.#last(state === "listening" ? last : null);
  }

  status(state, time, muted) {
    const said = muted && MUTABLE.has(state) ? words.status.muted : words.status[state];
    const ticking = INSTRUMENTS.has(state) && state !== "lost" && time > 0;
    write(at("status"), said + (ticking ? ` ${clock(time)}` : ""));
  }

  /** Explain the hatching while there is any. */
  lost(lossy) {
    write(at("trace-title"), lossy ? words.trace.lossy : words.trace.title);
  }

  floating(open) {
    name(at("float-button"), open ? words.actions.unfloat : words.actions.float);
    mark(at("float-button"), "aria-pressed", String(open));
  }

  /** The control that had the focus has gone: give it to the main one of the new state. */
  focusMain() {
    const places = ["#summary [tabindex]", "#stage .primary", "#stage .secondary", "#last button", "#end"];
    const found = places.map((place) => document.querySelector(place));
    found.find((element) => element?.checkVisibility())?.focus({ preventScroll: true });
  }

  /** The nudge given last, with its Why?, once it has left the stage. */
  #last(said) {
    const key = said ? String(said.id) : "";
    const box = at("last");
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    if (!said) return box.replaceChildren();
    const ask = { type: "button", class: "quiet", "aria-label": words.why.whyLast(said.text), onclick: () => this.act("why") };
    box.replaceChildren(
      icon(said.cue),
      h("span", {}, said.text),
      h("small", {}, clock(said.at_s)),
      h("button", ask, words.actions.why),
    );
  }

  /** All that there are: none waits until another one has gone. */
  #notices(kinds) {
    const box = at("notice");
    const key = kinds.join(" ");
    if (box.dataset.kinds === key) return;
    box.dataset.kinds = key;
    box.hidden = !key;
    box.replaceChildren(...kinds.map((kind) => this.#notice(kind)));
  }

  #notice(kind) {
    const choose = { type: "button", class: "quiet", onclick: () => this.act("settings") };
    const button = NOT_THE_MICROPHONE.has(kind) ? null : h("button", choose, words.actions.chooseMicrophone);
    return h("div", { class: "notice" }, icon("attention"), h("span", {}, words.notices[kind]), button);
  }
}

function name(button, label) {
  mark(button, "aria-label", label);
  button.title = label;
}
