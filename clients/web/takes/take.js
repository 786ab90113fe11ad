/** One take: its summary, the words and the sound where they were kept, and what can be done with it. */

import { cardParts } from "../drills/card.js";
import { addressOf } from "../page/address.js";
import { reportControls } from "../page/report.js";
import { measuresTable } from "../summary/measures.js";
import { findingsList, timeline } from "../summary/summary.js";
import { nameOf as partName } from "../transcript/answer.js";
import { figures, reviewedTake } from "../transcript/review.js";
import { actionButton, labelled, placeTitle, select, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { clock, figure, title } from "../ui/format.js";
import { words } from "../words/words.js";
import { exportAddress, getTake, listStories, listTakes, ofTake, soundAddress } from "./api.js";
import { about, nameOf } from "./describe.js";
import { editForm } from "./edit.js";
import { Replay } from "./replay.js";

/** @import { FoundPart, Take, TakeEntry } from "../protocol.js" */
/** @import { Configuration } from "../page/config.js" */
/** @import { Target } from "../summary/measures.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { Page, PlaceView } from "../page/view.js" */

const text = words.takes;

/** @type {PlaceView} */
export async function takeView({ ids: [id = ""] }, page, visit) {
  const { config, takes } = page;
  const [take, { takes: others }, stories] = await Promise.all([getTake(id), listTakes(), listStories()]);
  const story = stories.find(({ name }) => name === take.story);
  const { review, sound, kept } = take;
  const drawn = review && reviewedTake(review, take.findings, take.nudges, { advised: null, awaited: false });
  const replay = sound ? new Replay(sound, soundAddress(take.id)) : null;
  const answer = drawn?.answer[0];
  if (replay && answer instanceof Element) replay.follow(answer, review?.words ?? []);
  if (replay) visit.onLeave(() => replay.stop());
  const has = text.kept({ ...kept, words: review !== null, sound: sound !== null });
  return [
    wayBack("#takes", text.back),
    placeTitle(nameOf(take)),
    h("p", { class: "aside" }, text.meta([about(take), title(take.profile), has])),
    take.tags.length ? h("p", { class: "tags" }, h("span", { class: "unseen" }, text.tagged, " "), take.tags.map((tag) => h("span", {}, tag))) : null,
    take.note ? h("p", { class: "own-note" }, take.note) : null,
    take.question && take.question !== nameOf(take) && !review ? h("p", { class: "lead" }, words.transcript.question(take.question)) : null,
    story ? h("p", {}, `${words.stories.of} `, h("a", { href: addressOf("story", story.name) }, story.title)) : null,
    ...(drawn ? drawn.first : [take.findings.length ? findingsList(take.findings) : null]),
    actions(take, page, () => takes.remove(id)),
    replay?.element,
    ...(drawn ? drawn.answer : [take.word_measures && figures(take.word_measures), partsHeard(take.parts)]),
    take.exercise ? h("p", { class: "lead" }, `${text.score}: ${take.exercise.score === null ? words.summary.none : figure(take.exercise.score, "")}`) : null,
    take.card ? h("section", { class: "card", "aria-label": words.drills.went }, ...cardChildren(take.card)) : null,
    ...measured(take, config),
    kept.figures ? timeline(take.nudges, take.duration_s, [], take.findings.length > 0) : null,
    compareWith(take, others),
    editForm(take, stories, (change) => takes.change(id, change)),
  ];
}

/** @type {(card: NonNullable<Take["card"]>) => (Node | string)[]} */
const cardChildren = (card) => /** @type {(Node | string)[]} */ (cardParts({ card, stopped: false }, null).filter(Boolean));

/**
 * @param {Take} take
 * @param {Page} page
 * @param {() => void} remove
 */
function actions({ id }, page, remove) {
  return h(
    "div",
    { class: "row" },
    ...reportControls(page, ofTake(id), `take-${id}`),
    h("a", { class: "secondary", href: exportAddress(id), download: true }, text.export),
    actionButton(text.remove, "take_remove", "secondary", remove),
  );
}

/**
 * The table of measures, against the targets that its profile has today.
 *
 * @param {Take} take
 * @param {Configuration} config
 * @returns {Child[]}
 */
function measured({ measures, profile }, config) {
  if (!measures) return [];
  const known = config.profiles.find(({ name }) => name === profile);
  /** @type {Target} */
  const target = (cue) => known?.cues.find((state) => state.cue === cue)?.aim ?? [null, null];
  return [
    measuresTable({ id: "measures", title: words.summary.measures, who: words.summary.you, measures, target }),
    known ? null : h("p", { class: "aside" }, text.notTargets),
  ];
}

/**
 * The parts of an answer whose words were not kept.
 *
 * @param {FoundPart[]} parts
 */
function partsHeard(parts) {
  const named = parts.filter(({ part }) => partName(part));
  if (!named.length) return null;
  const items = named.map((part) =>
    h("div", {}, h("dt", {}, partName(part.part)), h("dd", {}, text.part(part, `${clock(part.start_s)} – ${clock(part.end_s)}`))),
  );
  return h("section", { "aria-labelledby": "parts-title" }, h("h3", { id: "parts-title" }, text.parts), h("dl", { class: "figures" }, items));
}

/**
 * @param {Take} take
 * @param {TakeEntry[]} others
 */
function compareWith({ id }, others) {
  const list = others.filter((other) => other.id !== id);
  if (!list.length) return null;
  let chosen = list[0].id;
  const options = list.map((other) => [other.id, `${nameOf(other)}, ${about(other)}`]);
  const control = select("compare-with", options, chosen, (value) => (chosen = value));
  const go = actionButton(text.compare, "compare", "secondary", () => location.assign(addressOf("compare", id, chosen)));
  return h("div", { class: "link-row compare-with" }, labelled("compare-with", text.compareWith, control), go);
}
