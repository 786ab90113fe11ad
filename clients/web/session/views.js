/** What the stage shows of a session: before it, connecting, nudges and their reasons, and what may go wrong meanwhile. */

import { stopButton } from "../drills/views.js";
import { wordsLine } from "../transcript/switch.js";
import { heading, orb, row } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { clock, figure, milliseconds, title } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";
import { fillMicrophones } from "./microphone-select.js";

/** @import { Delays } from "../protocol.js" */
/** @import { View, ViewTools } from "../page/view.js" */
/** @import { Child } from "../ui/elements.js" */
/** @typedef {(view: View, tools: ViewTools) => Child[]} StageView */

/** Parts of a delay below this would be shown as 0. */
const LEAST_MS = 0.05;

/** @type {StageView} */
export function ready(view, tools) {
  const granted = view.permission === "granted";
  const [first, second] = words.ready.lines;
  const lines = [first, view.profile === "interview" ? words.interview.offer : second];
  return [
    h("div", { class: "mark" }, orb(true)),
    heading(words.ready.title),
    h("p", { class: "lead" }, lines.map((line) => h("span", {}, line))),
    h("div", { class: "microphone" }, icon("microphone"), microphoneSelect(tools), granted ? null : tools.button(words.ready.tryIt, "try", "quiet")),
    granted ? microphoneLevel() : null,
    row(
      tools.button(words.actions.start, "start"),
      tools.button(words.actions.interview, "interview", "secondary"),
      tools.button(words.actions.drills, "drills", "secondary"),
      tools.button(words.actions.invite, "invite", "secondary"),
      tools.button(words.actions.coach, "coach", "secondary"),
    ),
    h(
      "p",
      { class: "aside choices-made" },
      h("span", {}, words.ready.profile(title(view.profile)), " ", tools.button(words.ready.change, "settings", "link")),
      wordsLine(view.words, tools.button),
    ),
    view.planned ? h("a", { class: "quiet-link", href: "#programme" }, words.programme.links[view.planned]) : null,
    view.hasLast ? tools.button(words.ready.last, "review", "link") : null,
  ];
}

/** @param {ViewTools} tools */
function microphoneSelect({ settings }) {
  const select = h("select", { id: "microphone", "aria-label": words.ready.microphone });
  select.addEventListener("change", () => settings.set("deviceId", select.value));
  fillMicrophones(select, settings.values.deviceId);
  return select;
}

function microphoneLevel() {
  const meter = h("div", { class: "meter life", role: "img", "aria-label": words.ready.level });
  return h("div", { class: "hear" }, meter, h("small", { class: "hint" }, words.ready.notYet));
}

/** @type {StageView} */
export function connecting(_, tools) {
  return [orb(true), heading(words.connecting.title), h("p", { class: "lead late", "data-live": "" }), tools.button(words.actions.cancel, "cancel", "secondary")];
}

/** @type {() => Child[]} */
export const listening = () => [h("h2", { class: "unseen" }, words.listening.alive), orb()];

/** @type {StageView} */
export function nudge({ nudge: given, gloss, drill }, tools) {
  if (!given) return [];
  return [
    h("div", { class: "sign" }, icon(given.cue)),
    heading(given.text),
    gloss && h("p", { class: "gloss" }, gloss),
    row(tools.button(words.actions.why, "why", "secondary"), drill.running && stopButton(tools, "secondary")),
  ];
}

/** @type {StageView} */
export function why({ nudge: given, drill }, tools) {
  if (!given) return [];
  const { evidence, delay_ms, delays } = given;
  const facts = [
    [words.why.measured, figure(evidence.value, evidence.unit)],
    [words.why.limit, figure(evidence.threshold, evidence.unit)],
    [words.why.span, evidence.window_s.map(clock).join(" – ")],
    [words.why.confidence, `${Math.round(evidence.confidence * 100)} %`],
    ...((delay_ms ?? null) === null ? [] : [[words.why.delay, milliseconds(delay_ms ?? 0)]]),
  ];
  return [
    h("h2", { class: "asked", "data-tone": given.tone }, h("span", { class: "disc" }, icon(given.cue)), given.text),
    h("p", { class: "lead" }, given.why),
    h("dl", { class: "facts" }, facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    delays ? h("p", { class: "delay-parts" }, words.why.spent(delayParts(delays))) : null,
    row(tools.button(words.actions.close, "close", "secondary"), drill.running && stopButton(tools, "secondary")),
  ];
}

/**
 * Return what of a delay went where, in the order of its way.
 *
 * @param {Delays} delays
 */
function delayParts(delays) {
  const names = /** @type {(keyof typeof words.why.delayParts)[]} */ (Object.keys(words.why.delayParts));
  return names.filter((name) => delays[name] >= LEAST_MS).map((name) => `${words.why.delayParts[name]} ${milliseconds(delays[name])}`);
}

/** @type {StageView} */
export function lost(_, tools) {
  return [
    h("div", { class: "sign" }, icon("away")),
    heading(words.lost.title),
    h("p", { class: "lead", "data-live": "" }),
    h("p", { class: "aside" }, words.lost.kept),
    tools.button(words.actions.tryNow, "retry"),
  ];
}

/** @type {StageView} */
export function unplugged(_, tools) {
  const { title: head, text } = words.problems.unplugged;
  return [h("div", { class: "sign" }, icon("no_microphone")), heading(head), h("p", { class: "lead" }, String(text)), tools.button(words.actions.chooseMicrophone, "settings")];
}
