/** The summary: what to keep and what to work on, the measures, the nudges along time. */

import { feedbackReceived, feedbackToGive } from "../calls/feedback.js";
import { cardParts, eventItem } from "../drills/card.js";
import { actionButton } from "../ui/controls.js";
import { byId, focused, h, present } from "../ui/elements.js";
import { clock, figure, title } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { saveFile } from "../ui/save.js";
import { words } from "../words/words.js";
import { plainAnswer, reviewedTake } from "../transcript/review.js";
import { measuresTable } from "./measures.js";

/** @import { Card, DrillEnded, Finding, Kept, Nudge, StepResult } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { Room } from "../calls/room.js" */
/** @import { ReviewWait } from "../session/review-wait.js" */
/** @import { Target } from "./measures.js" */
/** @import { KeptSummary, Part, SessionRecord, Taken } from "../session/record.js" */
/** @typedef {Pick<SessionRecord, "parts" | "cards" | "target" | "review" | "heard" | "advised" | "task"> & { summary: KeptSummary | null }} Summarised */
/** @typedef {{ awaited: boolean, taken: Taken | null }} Keep whether the session is still to be kept, and what was */

const text = words.summary;
const NOTHING_AWAITED = { review: false, advice: false, missed: "" };
const LEAST_LOST_S = 0.5;
const LEAST_MUTED_S = 1;

/**
 * Fill `#summary`.
 *
 * @param {Summarised} record
 * @param {(name: string) => void} act called for the buttons
 * @param {object} [more]
 * @param {Room | null} [more.room]
 * @param {Pick<ReviewWait, "review" | "advice" | "missed">} [more.wait] what is still to come
 * @param {Keep | null} [more.keep] whether it is kept; null where it can't be
 */
export function showSummary(record, act, { room = null, wait = NOTHING_AWAITED, keep = null } = {}) {
  const { summary, parts, cards, review, heard, advised, task } = record;
  if (!summary) return;
  const target = (/** @type {string} */ cue) => record.target(cue);
  const before = focused();
  const root = byId("summary");
  const nudges = summary.nudges.filter((nudge) => nudge.channel === 0);
  const findings = summary.findings[0] ?? [];
  const take = review && reviewedTake(review, findings, nudges, { advised, awaited: wait.advice });
  const button = (/** @type {"again" | "keep" | "save" | "remove"} */ name, /** @type {string} */ kind) =>
    actionButton(words.actions[name], name, kind, () => act(name));
  root.replaceChildren(
    ...present([
      h("h2", { class: "words", id: "summary-title", tabindex: "-1" }, text.title),
      h("p", { class: "aside" }, text.meta(clock(summary.duration_s), title(summary.profile))),
      room && howItEnded(room),
      summary.partial && away(text.partial),
      ...parts.map((part) => away(text.part[part.kind](clock(part.until_s)))),
      ...(take ? take.first : [summary.unmeasured ? h("p", { class: "lead" }, words.call.unmeasured) : !summary.partial && findingsList(findings)]),
      h("div", { class: "row" }, task && h("a", { class: "primary", href: "#programme" }, words.programme.todayLink), button("again", task ? "secondary" : "primary"), offersToKeep(keep, summary) && button("keep", "secondary"), button("save", "secondary"), button("remove", "secondary")),
      keep && ofKeeping(keep),
      ...(take ? take.answer : [wait.review ? reviewing() : (wait.missed || heard.words.length > 0) && plainAnswer(heard, nudges, wait.missed)]),
      ...(room ? exchange(room, act) : []),
      cards.length && drillCards(cards),
      ...ownMeasures(summary, parts, target),
      !summary.unmeasured && timeline(nudges, summary.duration_s, parts, findings.length > 0),
      ...(room ? theirMeasures(room, target) : []),
    ].map((child) => child || null)),
  );
  if (before && root.contains(before)) before.focus({ preventScroll: true });
}

/** @type {(keep: Keep | null, summary: KeptSummary) => boolean} */
const offersToKeep = (keep, { unmeasured }) => Boolean(keep && !keep.awaited && !keep.taken?.kept && !unmeasured);

/** @param {Keep} keep */
function ofKeeping({ awaited, taken }) {
  const { saving, kept, notKept, open } = words.takes;
  if (awaited) return h("p", { class: "aside" }, saving);
  if (!taken) return null;
  if (!taken.kept) return h("p", { class: "aside" }, notKept(taken.why));
  return h("p", { class: "aside" }, `${kept(taken.kept)}. `, h("a", { href: taken.id ? `#take=${encodeURIComponent(taken.id)}` : "#takes" }, open));
}

/** @param {string} said */
const away = (said) => h("p", { class: "notice" }, icon("away"), h("span", {}, said));

const reviewing = () => h("p", { class: "aside reviewing" }, words.transcript.reviewing);

/**
 * The measures of this person: of the last part, and of those before.
 *
 * @param {KeptSummary} summary
 * @param {Part[]} parts
 * @param {Target} target
 * @returns {Child[]}
 */
function ownMeasures({ measures: [mine] }, parts, target) {
  const earlier = parts.flatMap((part, i) => {
    const measures = part.summary?.measures[0];
    const name = text.part.until(clock(part.until_s));
    return measures ? [measuresTable({ id: `measures-${i}`, title: name, who: text.you, measures, target })] : [];
  });
  if (!mine) return earlier;
  return [
    measuresTable({ id: "measures", title: text.measures, who: text.you, measures: mine, target }),
    mine.lost_s >= LEAST_LOST_S && h("p", { class: "aside" }, text.lost(figure(mine.lost_s, ""))),
    mine.muted_s >= LEAST_MUTED_S && h("p", { class: "aside" }, text.muted(clock(mine.muted_s))),
    ...earlier,
  ];
}

// A call of two

/** @param {Room} room */
function howItEnded(room) {
  if (room.soundOnly || !(room.over || room.left)) return null;
  return h("p", { class: "aside" }, room.over ? room.overText : words.call.youLeft);
}

/**
 * What the two exchange after a call: measures, and the interviewer's feedback.
 *
 * @param {Room} room
 * @param {(name: string) => void} act
 * @returns {Child[]}
 */
function exchange(room, act) {
  if (room.soundOnly || !(room.over || room.left)) return [];
  const share = actionButton(room.sharing ? words.call.unshare : words.call.share, "share", "secondary", () => act("share"));
  return [
    h("div", { class: "row" }, share),
    room.sharing && h("p", { class: "aside" }, words.call.shares),
    ...(room.isInterviewer ? feedbackToGive(room) : []),
    room.feedback && feedbackReceived(room.feedback),
    room.feedbackPending && h("p", { class: "notice" }, h("span", {}, words.call.feedbackWaits(room.sharing))),
  ];
}

/**
 * What the partner shares.
 *
 * @param {Room} room
 * @param {Target} target
 * @returns {Child[]}
 */
function theirMeasures({ shared }, target) {
  if (!shared) return [];
  const { summary: { measures: [measures] }, results } = shared;
  return [
    measuresTable({ id: "their-measures", title: words.call.theirs, who: words.call.they, measures, target }),
    results.length ? handled(results) : null,
  ];
}

/**
 * How the partner handled what the interviewer played.
 *
 * @param {StepResult[]} results
 */
function handled(results) {
  return h(
    "section",
    { "aria-labelledby": "handled-title" },
    h("h3", { id: "handled-title" }, words.call.handled),
    h("ol", { class: "events" }, results.map(eventItem)),
  );
}

// Findings, drills, nudges

/**
 * The cards of the drills that were run.
 *
 * @param {DrillEnded[]} cards
 */
export function drillCards(cards) {
  const all = cards.map((ended) => {
    const [name, composure, , , , listened, ...rest] = cardParts(ended);
    return h("div", { class: "card" }, name, composure, listened, rest);
  });
  return h("section", { "aria-labelledby": "drills-title" }, h("h3", { id: "drills-title" }, words.drills.went), all);
}

/** @param {Finding[]} list */
export function findingsList(list) {
  if (!list.length) return h("p", { class: "lead" }, text.noFindings);
  const items = list.map(({ cue, good, text: said }) =>
    h(
      "li",
      { "data-tone": good ? "thanks" : "change" },
      h("span", { class: "disc" }, icon(cue)),
      h("div", {}, h("small", { class: "verdict" }, icon(good ? "good" : "work"), good ? text.good : text.work), h("p", {}, said)),
    ),
  );
  return h("section", { "aria-label": text.findings }, h("ol", { class: "findings" }, items));
}

/**
 * The nudges along time.
 *
 * @param {Nudge[]} nudges
 * @param {number} duration_s
 * @param {Part[]} parts
 * @param {boolean} enough whether enough was heard to say that none were needed
 */
export function timeline(nudges, duration_s, parts, enough) {
  const mark = (/** @type {number} */ time, /** @type {string} */ tone) => {
    const element = h("i", { "data-tone": tone });
    element.style.setProperty("--at", Math.min(1, time / Math.max(1, duration_s)).toFixed(4));
    return element;
  };
  const marks = [...nudges.map(({ at_s, tone }) => mark(at_s, tone)), ...parts.map(({ from_s }) => mark(from_s, "anew"))];
  const items = [
    ...nudges.map((nudge) => ({ time: nudge.at_s, item: nudgeItem(nudge) })),
    ...parts.map((part) => ({ time: part.from_s, item: partItem(part) })),
  ];
  items.sort((a, b) => a.time - b.time);
  const drawn = h("div", { class: "timeline", "aria-hidden": "true" }, h("div", {}, marks), h("small", {}, clock(0)), h("small", {}, clock(duration_s)));
  return h(
    "section",
    { "aria-labelledby": "timeline-title" },
    h("h3", { id: "timeline-title" }, text.timeline),
    items.length ? [drawn, h("ol", { class: "given" }, items.map(({ item }) => item))] : "",
    nudges.length ? "" : h("p", {}, enough ? text.noNudges : text.noneGiven),
  );
}

/** @param {Nudge} nudge */
function nudgeItem({ cue, text: said, at_s, why, tone }) {
  const line = h("summary", {}, h("time", {}, clock(at_s)), icon(cue), h("span", {}, said), h("small", {}, words.actions.why));
  return h("li", { "data-tone": tone }, h("details", {}, line, h("p", {}, why)));
}

/** @param {Part} part */
function partItem({ until_s, from_s, kind }) {
  return h("li", { class: "anew" }, h("time", {}, clock(from_s)), icon("away"), h("span", {}, text.part.mark[kind](figure(from_s - until_s, ""))));
}

/**
 * Return a card without the speaker's words.
 *
 * @param {Card} card
 * @returns {Card}
 */
function unquoted(card) {
  const { listened, mood } = card;
  return {
    ...card,
    listened: listened && { ...listened, quote: "", text: "" },
    mood: mood && { ...mood, moved: mood.moved.map((one) => ({ ...one, quote: "" })) },
  };
}

/**
 * Return a session as it is saved in a file.
 *
 * @param {SessionRecord} record
 * @param {{ kept: Kept, quoting: Set<string> } | null} [only] what may be in it, and cues whose reasons quote words; null
 *   for all
 */
export function savedSession({ data: { session, summary, review, parts, cues, cards } }, only = null) {
  const figures = only?.kept.figures ?? true;
  const spoken = only?.kept.words ?? true;
  const drills = cards.map(({ card }) => (spoken ? card : unquoted(card)));
  const given = summary?.nudges.map((nudge) => (spoken || !only?.quoting.has(nudge.cue) ? nudge : { ...nudge, why: "" }));
  const measured = figures ? { ...summary, nudges: given, parts, cues, drills } : { ...summary, measures: [], findings: [], nudges: [], parts: [], cues, drills: [] };
  return { program: words.name, session, saved_at: new Date().toISOString(), ...measured, ...(review && spoken ? { review } : {}), ...(only ? { kept: { ...only.kept, sound: false } } : {}) };
}

/**
 * Download the session as a JSON file.
 *
 * @param {SessionRecord} record
 */
export function saveSummary(record) {
  const saved = savedSession(record);
  const name = `sottovoce-${saved.saved_at.slice(0, 16).replace(/[:T]/g, "-")}.json`;
  saveFile(new Blob([JSON.stringify(saved, null, 2)], { type: "application/json" }), name);
}
