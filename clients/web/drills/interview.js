/** An interview with a voice: what the person chooses of it, and its card. It goes on as a drill does. */

import { read } from "../page/record-api.js";
import { heading, labelled, row, select, toggle } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { capital, clock } from "../ui/format.js";
import { wordsLine } from "../transcript/switch.js";
import { words } from "../words/words.js";

/** @import { Child } from "../ui/elements.js" */
/** @import { View, ViewTools } from "../page/view.js" */
/** @import { Card, InterviewAnswer, PrepareInterview, Stories } from "../protocol.js" */
/** @import { Drill } from "./drill.js" */

const text = words.interview;

/** Name of the drill that an interview is. */
export const INTERVIEW = "interview";

const STYLES = ["adaptability", "influence without authority", "customer obsession", "extreme ownership", "ethics"];
const LENGTHS = ["q1", "q2", "q3", "q5", "q8", "m5", "m10", "m20"];

/** Texts of questions are sent up to so many characters: a message has a limit. */
const MOST_TEXT = 3000;

/**
 * What is chosen: `length` is `q` with a number of questions, or `m` with minutes; `style` is "" for any.
 *
 * @typedef {{ style: string, length: string, patience: "short" | "normal" | "long", stories: boolean }} InterviewChoice
 */

/** @returns {InterviewChoice} */
export const usualInterview = () => ({ style: "", length: "q3", patience: "normal", stories: false });

/**
 * Return the questions that the person's stories answer.
 *
 * @returns {Promise<string[]>}
 */
export async function storyQuestions() {
  const { stories } = await /** @type {Promise<Stories>} */ (read("record/stories"));
  return [...new Set(stories.flatMap(({ story }) => story.answers))];
}

/**
 * Return the message that has an interview prepared.
 *
 * @param {InterviewChoice} choice
 * @param {Card["level"]} level
 * @param {string[]} answered questions that the person's stories answer
 * @returns {PrepareInterview}
 */
export function preparing({ style, length, patience, stories }, level, answered) {
  const count = Number(length.slice(1));
  const size = length.startsWith("m") ? { minutes: count } : { questions: count };
  return {
    type: "prepare_interview",
    style: /** @type {PrepareInterview["style"]} */ (style || null),
    ...size,
    level,
    patience,
    prefer: stories ? within(answered, MOST_TEXT) : [],
  };
}

/**
 * Return the first texts that have so many characters together.
 *
 * @param {string[]} texts
 * @param {number} most
 */
function within(texts, most) {
  let left = most;
  return texts.filter((one) => (left -= new TextEncoder().encode(JSON.stringify(one)).length) > 0);
}

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function choosingInterview({ drill, words: spoken }, tools) {
  return [
    heading(text.title),
    h("p", { class: "lead" }, text.lead),
    h("div", { class: "choosing" }, fields(drill, tools), facts(spoken, tools)),
    row(tools.button(words.actions.back, "back", "secondary"), tools.button(words.actions.go, "go")),
    h("p", { class: "aside" }, words.drills.headphones),
  ];
}

/** @type {(drill: Drill, tools: ViewTools) => HTMLElement} */
function fields(drill, tools) {
  const choice = drill.interview ?? usualInterview();
  const change = (/** @type {Partial<InterviewChoice>} */ changed) => {
    drill.interview = { ...choice, ...drill.interview, ...changed };
  };
  const lengths = LENGTHS.map((length) => [length, (length.startsWith("m") ? text.minutes : text.questions)(Number(length.slice(1)))]);
  const styles = [["", text.mixed], ...STYLES.map((style) => [style, capital(style)])];
  const { settings } = tools;
  return h(
    "div",
    { class: "fields" },
    labelled("style", text.style, select("style", styles, choice.style, (style) => change({ style }))),
    labelled("length", text.length, select("length", lengths, choice.length, (length) => change({ length }))),
    labelled("level", text.level, select("level", Object.entries(words.drills.levels), drill.level, (level) => (drill.level = /** @type {Card["level"]} */ (level)))),
    labelled(
      "patience",
      text.patience,
      select("patience", Object.entries(text.patiences), choice.patience, (patience) => change({ patience: /** @type {InterviewChoice["patience"]} */ (patience) })),
    ),
    drill.answered.length ? toggle(text.stories, text.storiesHint(drill.answered.length), choice.stories, (stories) => change({ stories })) : null,
    toggle(words.settings.captions, "", settings.values.captions, (on) => settings.set("captions", on)),
  );
}

/** @type {(spoken: View["words"], tools: ViewTools) => HTMLElement} */
function facts(spoken, tools) {
  return h(
    "div",
    { class: "fields" },
    h("dl", {}, h("div", {}, h("dt", {}, text.will), h("dd", {}, h("ul", {}, text.steps.map((step) => h("li", {}, step)))))),
    h("p", { class: "aside" }, wordsLine(spoken, tools.button)),
    h("p", { class: "aside" }, spoken.on && spoken.can !== false ? text.wordsOn : text.needsWords),
  );
}

/**
 * Return the parts of an interview's card, in the places of a drill's.
 *
 * @param {Card} card
 * @param {boolean} stopped
 */
export function interviewParts({ answers, level, title, try_next: next }, stopped) {
  const followUps = answers.reduce((count, { follow_ups: those }) => count + those.length, 0);
  return [
    h("h2", { class: "asked" }, words.drills.card(title, level)),
    h("p", { class: "aside" }, answers.length ? text.answered(answers.length, followUps) : text.nothing),
    null,
    null,
    stopped ? h("p", { class: "aside" }, words.drills.stopped) : null,
    null,
    h("p", { class: "next" }, h("small", {}, words.drills.next), h("span", {}, next)),
    h("ol", { class: "events" }, answers.map(answerItem)),
  ];
}

/** @param {InterviewAnswer} answer */
function answerItem({ question, follow_ups: followUps, start_s: start, text: heard, try_next: next }) {
  return h(
    "li",
    {},
    h("time", {}, start === null ? "" : clock(start)),
    h(
      "div",
      {},
      h("p", {}, question),
      followUps.map(({ say }) => h("p", { class: "aside" }, text.followedUp(say))),
      h("p", { class: "aside" }, heard),
      next ? h("p", { class: "aside" }, next) : null,
    ),
  );
}
