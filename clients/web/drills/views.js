/** What the stage shows of a drill: the choice, the countdown, the drill as it goes, its card. */

import { heading, labelled, orb, row, select, toggle, withShortcut } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { cardParts } from "./card.js";
import { choosingInterview } from "./interview.js";
import { runs } from "./runs.js";

/** @import { Child } from "../ui/elements.js" */
/** @import { View, ViewTools } from "../page/view.js" */
/** @import { Drill } from "./drill.js" */

const text = words.drills;

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function choosing(view, tools) {
  const { drill, words: spoken } = view;
  if (drill.interview) return choosingInterview(view, tools);
  const { offer } = drill;
  if (!offer) return [orb(true)];
  return [
    heading(text.title),
    h("p", { class: "lead" }, text.lead),
    h("div", { class: "choosing" }, fields(drill, tools), facts(drill)),
    offer.hears ? h("p", { class: "aside" }, spoken.on ? text.hears : text.deaf) : null,
    row(tools.button(words.actions.back, "back", "secondary"), tools.button(words.actions.go, "go")),
    h("p", { class: "aside" }, text.headphones, runs().length ? [" ", tools.button(text.forget, "forget", "link")] : ""),
  ];
}

/** @type {(drill: Drill, tools: ViewTools) => HTMLElement} */
function fields(drill, tools) {
  const change = (/** @type {Partial<Drill>} */ choice) => {
    drill.choose(choice);
    tools.act("redraw");
  };
  const { settings } = tools;
  const drills = drill.offers.map(({ name, title }) => [name, title]);
  const levels = drill.offer.levels.map((name) => [name, text.levels[name]]);
  return h(
    "div",
    { class: "fields" },
    labelled("drill", text.which, select("drill", drills, drill.offer.name, (name) => change({ name }))),
    labelled("level", text.level, select("level", levels, drill.level, (level) => change({ level: /** @type {Drill["level"]} */ (level) }))),
    labelled("noises", text.noises, select("noises", Object.entries(text.loudness), String(drill.db), (db) => change({ db: Number(db) }))),
    toggle(words.settings.captions, "", settings.values.captions, (on) => settings.set("captions", on)),
  );
}

/** @param {Drill} drill */
function facts({ offer, level }) {
  const fact = (/** @type {string} */ name, /** @type {Child} */ value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  const steps = offer.will[level].map((line) => h("li", {}, line));
  return h(
    "dl",
    {},
    fact(text.trains, offer.trains),
    fact(text.use, `${offer.use_when} ${text.minutes(offer.minutes)}`),
    fact(text.will, h("ul", {}, steps)),
  );
}

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function preparing(_, tools) {
  return [orb(true), heading(text.preparing), tools.button(words.actions.cancel, "cancel", "secondary")];
}

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function countdown(_, tools) {
  return [h("p", { class: "count", "data-live": "", "aria-hidden": "true" }), tools.button(words.actions.cancel, "cancel", "secondary")];
}

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function drilling({ drill }, tools) {
  if (drill.interview) {
    const begins = drill.asks ? [] : [h("p", { class: "lead" }, words.interview.begins)];
    return [h("div", { class: "small" }, orb()), ...begins, row(stopButton(tools))];
  }
  const softer = withShortcut(tools.button(words.actions.softer, "softer", "secondary"), "−", "-");
  return [h("div", { class: "small" }, orb()), row(softer, stopButton(tools))];
}

/**
 * Return the button that ends a drill at any moment.
 *
 * @param {ViewTools} tools
 * @param {string} [kind]
 */
export function stopButton(tools, kind = "primary") {
  return withShortcut(tools.button(words.actions.stop, "stop", kind), "Esc", "Escape");
}

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function card({ drill }, tools) {
  return drill.ended ? [...cardParts(drill.ended, drill.earlier), whatNext(drill, tools, words.actions.repeat)] : [];
}

/**
 * A drill that the connection's end cut short, with nothing to show.
 *
 * @type {(view: View, tools: ViewTools) => Child[]}
 */
export function broken({ drill }, tools) {
  const title = drill.interview ? words.interview.broken : text.broken;
  return [heading(title), h("p", { class: "lead" }, text.brokenLead), whatNext(drill, tools, words.actions.begin)];
}

/**
 * @param {Drill} drill
 * @param {ViewTools} tools
 * @param {string} again
 */
function whatNext(drill, tools, again) {
  return row(
    tools.button(again, "again"),
    tools.button(drill.interview ? words.interview.another : words.actions.another, "another", "secondary"),
    tools.button(words.actions.finish, "end", "secondary"),
  );
}
