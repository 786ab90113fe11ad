/** What a call of two looks like: on the stage before and after, and the panel under the stage. */

import { announce } from "./announce.js";
import { h } from "./dom.js";
import { toggle } from "./settings.js";
import { heading, orb, row } from "./stage.js";
import { words } from "./words.js";

const text = words.room;
const IN_CALL = new Set(["waiting", "talking", "connecting", "listening", "nudge", "why", "unplugged", "lost"]);

// The stage

export function inviting(stage) {
  return [
    heading(text.title),
    h("p", { class: "lead" }, text.lead),
    row(stage.button(text.free, "free"), stage.button(text.interviewer, "interviewer", "secondary"), stage.button(text.candidate, "candidate", "secondary")),
    stage.button(words.actions.back, "back", "quiet"),
  ];
}

export function consent(stage, { room }) {
  const other = room?.other;
  const box = h("input", { type: "checkbox", role: "switch", id: "analysed", checked: true });
  return [
    heading(text.consent),
    h("p", { class: "lead" }, text.who(text.roles[other?.role] ?? "", Boolean(other))),
    h("ul", { class: "facts-list" }, text.facts(room?.me?.role === "candidate").map((fact) => h("li", {}, fact))),
    h("div", { class: "switches" }, h("label", { class: "switch" }, h("span", {}, h("b", {}, text.analysed)), box), headphones(stage), room?.me?.role === "candidate" ? captions(stage) : null),
    row(stage.button(words.actions.back, "back", "secondary"), stage.button(text.agree, "agree")),
  ];
}

/** With headphones on nothing comes back by the microphone, and the browser needn't take anything out of it. */
export function headphones(stage) {
  const box = h("input", { type: "checkbox", role: "switch", id: "headphones", checked: !stage.settings.echoCancellation });
  box.addEventListener("change", () => stage.settings.set("echoCancellation", !box.checked));
  return h("label", { class: "switch" }, h("span", {}, h("b", {}, text.headphones)), box);
}

/** For who can't hear, or not well, what an interviewer plays. */
const captions = ({ settings }) => toggle(words.settings.captions, "", settings.captions, (on) => settings.set("captions", on));

export function waiting(stage, { room }) {
  if (!room?.state) return [orb(true)];
  const host = room.state.you === 0 && !room.other;
  const field = h("input", { type: "text", readonly: true, value: room.link, "aria-label": text.link, id: "link" });
  field.addEventListener("focus", () => field.select());
  return [
    heading(text.waiting[host ? 0 : 1]),
    h("p", { class: "lead" }, text.waitingLead),
    host ? h("div", { class: "link-row" }, field, stage.button(text.copy, "copy", "secondary")) : null,
    host && !room.reaches ? h("p", { class: "aside", id: "reach" }, text.thisMachineOnly) : null,
    stage.button(words.actions.leave, "back", "quiet"),
  ];
}

/** One who only listens, or waits for both to say yes. */
export function observing(stage, { room }) {
  const leave = stage.button(words.actions.leave, "back", "quiet");
  if (!room?.watched?.call) return [heading(text.asking), h("p", { class: "lead" }, text.askingLead), leave];
  const reached = [0, 1].filter((place) => room.voiceOf(place) === "connected").length;
  return [
    orb(),
    heading(text.observing),
    h("p", { class: "lead" }, text.observingLead),
    h("p", { class: "aside", "data-voices": reached }, text.reached[reached]),
    room.held ? stage.button(text.hearken, "hearken") : null,
    leave,
  ];
}

export function talking() {
  return [orb(), heading(words.status.talking), h("p", { class: "lead" }, text.notAnalysed)];
}

// The panel under the stage

/** Whether both are there and it is shown. */
export const inCall = (room, state) => Boolean(room?.state && IN_CALL.has(state) && (room.calling || room.other?.left));

/** Draw who is in the call, and what one can do about it; hidden where there is no call. */
export function drawRoom(root, room, state, act) {
  const shown = inCall(room, state);
  root.hidden = !shown;
  const { other } = room ?? {};
  const look = shown ? [room.voice, room.playing, other?.left, other?.here, other?.analysed, room.analysed, room.conducts, room.happened, JSON.stringify(room.state.observers)].join(" ") : "";
  if (root.dataset.look === look) return;
  root.dataset.look = look;
  if (!shown) {
    root.dataset.how = "";
    return root.replaceChildren();
  }
  const role = text.roles[other.role];
  const away = other.here ? text.voice[room.voice](role) : text.away(role, Math.round(room.state.away_s));
  const how = other.left ? text.left(role) : away;
  const button = (label, name) => h("button", { type: "button", class: "quiet", "data-act": name, onclick: () => act(name) }, label);
  const focused = document.activeElement;
  if (root.dataset.how !== how) announce((root.dataset.how = how));
  root.replaceChildren(
    h("p", { "data-voice": room.voice }, how),
    room.playing ? h("div", { class: "row" }, h("button", { type: "button", class: "primary", "data-act": "silence", "aria-keyshortcuts": "Escape", onclick: () => act("silence") }, text.silence)) : "",
    h("div", { class: "row about" }, other.left ? "" : h("p", { class: "aside" }, text.listened(role, other.analysed)), button(room.analysed ? text.leaveAnalysis : text.joinAnalysis, "analysis")),
    ...room.state.observers.map((one) => observer(one, room)),
    room.conducts && !other.left ? room.form("conduct", conducting) : "",
    room.conducts && room.happened ? h("p", { class: "aside" }, room.happened) : "",
  );
  if (root.contains(focused)) focused.focus({ preventScroll: true });
}

/** Somebody who listens, or asks to. */
function observer({ place, accepted, here }, room) {
  const [mine, theirs] = [accepted[room.state.you], accepted[1 - room.state.you]];
  const button = (label, on) => h("button", { type: "button", class: "quiet", onclick: () => room.admit(place, on) }, label);
  return h(
    "div",
    { class: "row", role: "group", "aria-label": text.observer },
    h("span", {}, mine ? (theirs ? text.listens(here) : text.agreed) : text.asks),
    mine ? button(text.dismiss, false) : [button(text.admit, true), button(text.refuse, false)],
  );
}

function conducting(room) {
  const question = h("input", { type: "text", id: "question", maxlength: 300 });
  const options = (names) => Object.entries(names).map(([name, said]) => h("option", { value: name }, said));
  const voices = h("optgroup", { label: text.voices }, options(text.steps));
  const noises = h("optgroup", { label: text.noises }, options(text.sounds));
  const what = h("select", { id: "what" }, voices, noises);
  const who = h("select", { id: "who", "aria-label": text.speaker }, options(text.people));
  what.addEventListener("change", () => (who.hidden = !Object.hasOwn(text.steps, what.value))); // a noise is nobody's
  const ask = (event) => {
    event.preventDefault();
    if (question.value.trim()) room.ask(question.value.trim());
    question.value = "";
  };
  const trigger = (event) => {
    event.preventDefault();
    const spoken = Object.hasOwn(text.steps, what.value);
    room.trigger(spoken ? { do: what.value, role: who.value } : { do: "distraction", sound: what.value });
  };
  return h(
    "div",
    { class: "conduct" },
    h("form", { onsubmit: ask }, h("label", { class: "legend", for: "question" }, text.askLabel), h("div", { class: "link-row" }, question, h("button", { class: "secondary" }, text.ask))),
    h("form", { onsubmit: trigger }, h("label", { class: "legend", for: "what" }, text.triggerLabel), h("div", { class: "link-row" }, who, what, h("button", { class: "secondary" }, text.trigger))),
  );
}
