/** The card of a drill: what happened, and how the person handled it. */

import { h } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { words } from "../words/words.js";
import { INTERVIEW, interviewParts } from "./interview.js";
import { medians } from "./runs.js";

/** @import { DrillEnded, MoodResult, Moved, StepResult } from "../protocol.js" */
/** @import { Run } from "./runs.js" */

const text = words.drills;

/** Composure from which on an event went well. */
export const WELL = 7;

/** Name of what an interviewer made happen in a call: of no difficulty. */
const CONDUCTED = "conducted";

/** @param {number | null} value */
const rounded = (value) => (value === null ? "–" : value.toFixed(1));

/**
 * Return the parts of a card, for the stage and the summary.
 *
 * @param {Pick<DrillEnded, "card" | "stopped">} ended
 * @param {Run[] | null} [earlier] null where it is not compared
 */
export function cardParts({ card, stopped }, earlier = []) {
  if (card.drill === INTERVIEW) return interviewParts(card, stopped);
  const { composure } = card;
  const level = text.levels[card.level];
  const { yield_s: yields, resume_s: resumes } = medians(card);
  return [
    h("h2", { class: "asked" }, card.drill === CONDUCTED ? card.title : text.card(card.title, level)),
    h(
      "p",
      { class: "composure", "data-tone": composure === null ? "" : composure >= WELL ? "thanks" : "change" },
      composure === null ? h("span", {}, card.listened?.heard ? text.unscored : text.unknown) : [h("b", {}, rounded(composure)), " ", h("small", {}, `${text.of}, ${text.composure.toLowerCase()}`)],
    ),
    composure === null || !earlier ? null : h("p", { class: "aside" }, compared(earlier, level)),
    yields === null && resumes === null ? null : h("p", { class: "aside" }, text.median(yields, resumes)),
    stopped ? h("p", { class: "aside" }, text.stopped) : null,
    card.listened?.text ? h("p", { class: "aside" }, card.listened.text) : null,
    ...(card.mood ? moodParts(card.mood) : []),
    card.fault ? h("p", { class: "aside" }, h("b", {}, text.fault), " ", card.fault) : null,
    h("p", { class: "next" }, h("small", {}, text.next), h("span", {}, card.try_next)),
    h("ol", { class: "events" }, card.events.map(eventItem)),
    h("details", { class: "formula" }, h("summary", {}, text.formula), h("p", {}, text.formulaText)),
  ];
}

/**
 * Return what moved the other side, with the words at their place, and what would have.
 *
 * @param {MoodResult} mood
 */
function moodParts({ text: how, moved, would }) {
  const item = (/** @type {Moved} */ one) =>
    h("li", { "data-better": String(one.better) }, h("time", {}, clock(one.start_s)), h("div", {}, one.quote ? h("q", {}, one.quote) : null, h("p", { class: one.quote ? "aside" : "" }, one.text)));
  return [
    h("p", { class: "mood" }, how),
    moved.length ? h("h3", {}, text.moved) : null,
    moved.length ? h("ol", { class: "events moved" }, moved.map(item)) : null,
    would.length ? h("h3", {}, text.would) : null,
    would.length ? h("ul", { class: "would" }, would.map((hint) => h("li", {}, hint))) : null,
  ];
}

/**
 * @param {Run[]} earlier
 * @param {string} level
 */
function compared(earlier, level) {
  const known = earlier.map(({ composure }) => composure ?? 0);
  if (!known.length) return text.firstRun(level);
  return text.earlier(rounded(known[known.length - 1]), rounded(Math.max(...known)), known.length, level);
}

/**
 * Return the list item of one event and how it was handled.
 *
 * @param {StepResult} event
 */
export function eventItem(event) {
  const { composure, parts } = event;
  const names = /** @type {(keyof typeof text.parts)[]} */ (Object.keys(text.parts));
  const shares = names.filter((name) => parts[name] !== null).map((name) => `${text.parts[name]} ${Math.round((parts[name] ?? 0) * 100)}\u00A0%`);
  const judged = composure !== null;
  return h(
    "li",
    {},
    h("time", {}, clock(event.start_s)),
    h(
      "div",
      {},
      h("p", {}, event.happened),
      judged ? h("p", { class: "aside" }, event.changed) : null,
      event.try_next ? h("p", { class: "aside" }, event.try_next) : null,
      judged ? h("small", {}, shares.join(" · ")) : null,
    ),
    h("b", { "aria-label": judged ? `${text.composure} ${rounded(composure)}` : null }, judged ? rounded(composure) : ""),
  );
}
