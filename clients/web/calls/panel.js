/** The panel under the stage: who is in the call, and what one can do about it. */

import { IN_CALL } from "../page/states.js";
import { announce } from "../ui/announce.js";
import { actionButton } from "../ui/controls.js";
import { focused, h, present } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { Observer, Person, Room as RoomState } from "../protocol.js" */
/** @import { Room } from "./room.js" */

const text = words.call;

/**
 * Return whether both are there and the panel is shown.
 *
 * @param {Room | null} room
 * @param {string} state
 * @returns {room is Room}
 */
export function isInCall(room, state) {
  return Boolean(room?.state && IN_CALL.has(state) && (room.calling || room.other?.left));
}

/**
 * Draw the panel; it is hidden where there is no call.
 *
 * @param {HTMLElement} root
 * @param {Room | null} room
 * @param {string} state
 * @param {(name: string) => void} act
 */
export function drawPanel(root, room, state, act) {
  const inCall = isInCall(room, state) && room.state && room.other ? { room, other: room.other, state: room.state } : null;
  root.hidden = !inCall;
  const look = inCall ? lookOf(inCall.room, inCall.other) : "";
  if (root.dataset.look === look) return;
  root.dataset.look = look;
  if (!inCall) {
    root.dataset.how = "";
    root.replaceChildren();
    return;
  }
  const how = howItStands(inCall);
  const before = focused();
  if (root.dataset.how !== how) announce((root.dataset.how = how));
  root.replaceChildren(...present(panel(inCall, how, act)));
  if (before && root.contains(before)) before.focus({ preventScroll: true });
}

/** @typedef {{ room: Room, other: Person, state: RoomState }} InCall */

/** @type {(room: Room, other: Person) => string} */
function lookOf(room, other) {
  const { peerState, playing, analysed, isInterviewer, outcome, state } = room;
  return [peerState, playing, other.left, other.here, other.analysed, other.words, analysed, isInterviewer, outcome, JSON.stringify(state?.observers)].join(" ");
}

/** @param {InCall} call */
function howItStands({ room, other, state }) {
  const role = text.roles[other.role];
  if (other.left) return text.left(role);
  return other.here ? text.peer[room.peerState](role) : text.away(role, Math.round(state.away_s));
}

/**
 * @param {InCall} call
 * @param {string} how
 * @param {(name: string) => void} act
 */
function panel({ room, other, state }, how, act) {
  const silence = actionButton(text.silence, "silence", "primary", () => act("silence"));
  silence.setAttribute("aria-keyshortcuts", "Escape");
  const analysis = actionButton(room.analysed ? text.leaveAnalysis : text.joinAnalysis, "analysis", "quiet", () => act("analysis"));
  return [
    h("p", { "data-peer": room.peerState }, how),
    room.playing && h("div", { class: "row" }, silence),
    h("div", { class: "row about" }, other.left ? "" : h("p", { class: "aside" }, text.otherAnalysed(text.roles[other.role], other.analysed)), analysis),
    other.words && !other.left && h("p", { class: "aside" }, words.transcript.partner),
    ...state.observers.map((observer) => observerRow(observer, room, state.you)),
    room.isInterviewer && !other.left && room.formOnce("conduct", interviewerForms),
    room.isInterviewer && room.outcome && h("p", { class: "aside" }, room.outcome),
  ];
}

/**
 * Somebody who observes, or asks to.
 *
 * @param {Observer} observer
 * @param {Room} room
 * @param {number} you
 */
function observerRow({ place, accepted, here }, room, you) {
  const [mine, theirs] = [accepted[you], accepted[1 - you]];
  const button = (/** @type {string} */ label, /** @type {boolean} */ on) => {
    const press = () => room.send({ type: "admit", place, on });
    return h("button", { type: "button", class: "quiet", onclick: press }, label);
  };
  return h(
    "div",
    { class: "row", role: "group", "aria-label": text.observer },
    h("span", {}, mine ? (theirs ? text.observes(here) : text.agreed) : text.asks),
    mine ? button(text.dismiss, false) : [button(text.admit, true), button(text.refuse, false)],
  );
}

/**
 * What the interviewer can ask and play.
 *
 * @param {Room} room
 */
function interviewerForms(room) {
  return h("div", { class: "conduct" }, askForm(room), triggerForm(room));
}

/** @param {Room} room */
function askForm(room) {
  const question = h("input", { type: "text", id: "question", maxlength: 300 });
  const ask = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (question.value.trim()) room.ask(question.value.trim());
    question.value = "";
  };
  const label = h("label", { class: "legend", for: "question" }, text.askLabel);
  return h("form", { onsubmit: ask }, label, h("div", { class: "link-row" }, question, h("button", { class: "secondary" }, text.ask)));
}

/** @param {Room} room */
function triggerForm(room) {
  const options = (/** @type {Record<string, string>} */ names) => Object.entries(names).map(([name, label]) => h("option", { value: name }, label));
  const voices = h("optgroup", { label: text.voices }, options(text.steps));
  const noises = h("optgroup", { label: text.noises }, options(text.sounds));
  const what = h("select", { id: "what" }, voices, noises);
  const who = h("select", { id: "who", "aria-label": text.speaker }, options(text.people));
  const isSpoken = () => Object.hasOwn(text.steps, what.value);
  what.addEventListener("change", () => (who.hidden = !isSpoken())); // a noise is nobody's
  const trigger = (/** @type {Event} */ event) => {
    event.preventDefault();
    /** @type {any} */
    const wanted = isSpoken() ? { do: what.value, role: who.value } : { do: "distraction", sound: what.value };
    room.send({ type: "trigger", ...wanted });
  };
  const label = h("label", { class: "legend", for: "what" }, text.triggerLabel);
  return h("form", { onsubmit: trigger }, label, h("div", { class: "link-row" }, who, what, h("button", { class: "secondary" }, text.trigger)));
}
