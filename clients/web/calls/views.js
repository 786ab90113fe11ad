/** What the stage shows of calls: making one, agreeing to it, waiting, observing, and sharing the sound of another call. */

import { wordsSwitch } from "../transcript/switch.js";
import { heading, orb, row, toggle } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { invitation } from "./invitation.js";
import { SharedSound } from "./shared-sound.js";

/** @import { View, ViewTools } from "../page/view.js" */
/** @import { Child } from "../ui/elements.js" */
/** @typedef {(view: View, tools: ViewTools) => Child[]} StageView */

const text = words.call;

/** @type {StageView} */
export function inviting(_, tools) {
  return [
    heading(text.title),
    h("p", { class: "lead" }, text.lead),
    row(
      tools.button(text.free, "talk_freely"),
      tools.button(text.interviewer, "as_interviewer", "secondary"),
      tools.button(text.candidate, "as_candidate", "secondary"),
    ),
    tools.button(words.actions.back, "back", "quiet"),
  ];
}

/** @type {StageView} */
export function consent({ room, words: spoken }, tools) {
  const other = room?.other;
  const candidate = room?.me?.role === "candidate";
  return [
    heading(text.consent),
    h("p", { class: "lead" }, text.here(other ? text.roles[other.role] : null)),
    h("ul", { class: "facts-list" }, text.facts(candidate).map((fact) => h("li", {}, fact))),
    h("div", { class: "switches" }, toggle(text.analysed, "", true, undefined, "analysed"), wordsSwitch(spoken, tools.act), headphones(tools), candidate ? captions(tools) : null),
    row(tools.button(words.actions.back, "back", "secondary"), tools.button(text.agree, "agree")),
  ];
}

/**
 * The switch for who wears headphones: nothing comes back by the microphone, and the browser needn't take anything out.
 *
 * @param {ViewTools} tools
 */
function headphones({ settings }) {
  return toggle(text.headphones, "", !settings.values.echoCancellation, (on) => settings.set("echoCancellation", !on), "headphones");
}

/**
 * The switch for who can't hear, or not well, what an interviewer plays.
 *
 * @param {ViewTools} tools
 */
const captions = ({ settings }) => toggle(words.settings.captions, "", settings.values.captions, (on) => settings.set("captions", on));

/** @type {StageView} */
export function waiting({ room }, tools) {
  if (!room?.state) return [orb(true)];
  const host = room.state.you === 0 && !room.other;
  return [
    heading(host ? text.waiting.host : text.waiting.guest),
    h("p", { class: "lead" }, text.waitingLead),
    ...(host ? invitation(room, tools) : []),
    tools.button(words.actions.leave, "back", "quiet"),
  ];
}

/**
 * For an observer, who hears the two or waits until both have agreed.
 *
 * @type {StageView}
 */
export function observing({ room }, tools) {
  const leave = tools.button(words.actions.leave, "back", "quiet");
  if (!room?.observation?.call) return [heading(text.asking), h("p", { class: "lead" }, text.askingLead), leave];
  const reached = [0, 1].filter((place) => room.peers.stateOf(place) === "connected").length;
  return [
    orb(),
    heading(text.observing),
    h("p", { class: "lead" }, text.observingLead),
    h("p", { class: "aside", "data-peers": reached }, text.reached[reached]),
    room.peers.soundBlocked ? tools.button(text.turnOnSound, "turn_on_sound") : null,
    leave,
  ];
}

/** @type {StageView} */
export function talking() {
  return [orb(), heading(words.status.talking), h("p", { class: "lead" }, text.notAnalysed)];
}

/** @type {StageView} */
export function sharing(_, tools) {
  const back = tools.button(words.actions.back, "back", "secondary");
  if (!SharedSound.available) {
    return [heading(words.coaching.title), h("p", { class: "lead" }, words.coaching.cannot), row(back, tools.button(words.coaching.alone, "alone"))];
  }
  return [
    heading(words.coaching.title),
    h("p", { class: "lead" }, words.coaching.lead),
    h("ol", { class: "facts-list steps" }, words.coaching.steps.map((step) => h("li", {}, step))),
    h("p", { class: "aside" }, words.coaching.told),
    headphones(tools),
    row(back, tools.button(words.coaching.alone, "alone", "secondary"), tools.button(words.coaching.share, "coach_call")),
  ];
}

/**
 * What a stage must be drawn again for.
 *
 * @param {View["room"]} room
 */
export function roomLook(room) {
  if (!room) return "";
  const { other, observation, peers, state } = room;
  const observed = room.isObserver ? [observation?.accepted, observation?.call, peers.stateOf(0), peers.stateOf(1), peers.soundBlocked] : "";
  return [state?.you, other?.role, other?.here, other?.left, (state?.call ?? 0) > 0, room.analysed, room.over, observed].join(" ");
}
