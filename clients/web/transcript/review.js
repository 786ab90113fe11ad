/** The take of a session with words: one thing to try, what went well, the answer, and what was noticed about it. */

import { h } from "../ui/elements.js";
import { clock } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words as texts } from "../words/words.js";
import { adviceSection } from "./advice.js";
import { answerText } from "./answer.js";
import { Quotes } from "./quotes.js";
import { quoted } from "./runs.js";

/** @import { Advised, AnswerReview, Finding, Mark, Nudge, ReviewFinding, Word, WordMeasures, WordPace } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { Spoken } from "./runs.js" */

const text = texts.transcript;

/** How many things that went well are told before the answer. */
const MOST_GOOD = 2;
/** How many notes are shown at once; the others are a press away. */
const MOST_NOTICED = 5;

/**
 * @typedef {object} Take
 * @property {Child[]} first what to try next, and what went well
 * @property {Child[]} answer the answer, and what was noticed about it
 */

/**
 * Return the parts of the take for a session whose answer was reviewed.
 *
 * @param {AnswerReview} review
 * @param {Finding[]} delivery findings about how it was said
 * @param {Nudge[]} nudges
 * @param {{ advised: Pick<Advised, "advice" | "why"> | null, awaited: boolean }} more of the server's language model
 * @returns {Take}
 */
export function reviewedTake(review, delivery, nudges, { advised, awaited }) {
  const root = h("section", { class: "answer", "aria-labelledby": "answer-title" });
  const quotes = new Quotes(root);
  const well = review.findings.filter(({ good, sure }) => good && sure).slice(0, MOST_GOOD);
  const wellSaid = delivery.filter(({ good }) => good).slice(0, MOST_GOOD - well.length);
  const toTry = delivery.find(({ good }) => !good);
  const next = review.try_next || toTry?.text || "";
  const rest = review.findings.filter((finding) => !well.includes(finding));
  const restSaid = delivery.filter((finding) => !wellSaid.includes(finding) && (review.try_next || finding !== toTry));
  root.append(
    ...answerHead(review.question),
    ...children(answerText(review, nudges)),
    ...children([notes(review.marks, review.words, quotes)]),
    h("p", { class: "aside" }, text.source(review.source)),
  );
  return {
    first: [nextThing(next), wentWell(well, wellSaid, review.words, quotes)],
    answer: [root, adviceSection(advised, awaited, review.words, quotes), noticed(rest, restSaid, review.words, quotes), figures(review.measures)],
  };
}

/**
 * Return the words of a session without a review.
 *
 * @param {Pick<Spoken, "words" | "unknown">} heard
 * @param {Nudge[]} nudges
 * @param {string} why there is no review
 */
export function plainAnswer(heard, nudges, why) {
  const root = h("section", { class: "answer", "aria-labelledby": "answer-title" });
  root.append(...answerHead(""), h("p", { class: "aside" }, why || text.brokeOff, " ", heard.words.length ? text.plain : ""), ...children(answerText({ ...heard, parts: [], marks: [] }, nudges)));
  return root;
}

/** @param {Child[]} list */
const children = (list) => /** @type {(Node | string)[]} */ (list.filter(Boolean));

/** @param {string} question */
function answerHead(question) {
  const head = h("h3", { id: "answer-title" }, question ? text.title : text.said);
  return question ? [head, h("p", { class: "to" }, text.question(question))] : [head];
}

/** @param {string} said */
function nextThing(said) {
  return said ? h("p", { class: "next" }, h("small", {}, text.next), h("span", {}, said)) : null;
}

/**
 * @param {ReviewFinding[]} well
 * @param {Finding[]} wellSaid
 * @param {Word[]} words
 * @param {Quotes} quotes
 */
function wentWell(well, wellSaid, words, quotes) {
  if (!well.length && !wellSaid.length) return null;
  const item = (/** @type {string} */ said, /** @type {HTMLElement[]} */ buttons) =>
    h("li", { "data-tone": "thanks" }, icon("good"), h("div", {}, h("p", {}, said), quoteRow(buttons)));
  const items = [
    ...well.map((finding) => item(finding.text, quoteButtons(finding, words, quotes))),
    ...wellSaid.map((finding) => item(finding.text, [])),
  ];
  return h("section", { class: "well", "aria-labelledby": "well-title" }, h("h3", { id: "well-title" }, text.well), h("ol", {}, items));
}

/**
 * What else was found, each with what it rests on.
 *
 * @param {ReviewFinding[]} findings
 * @param {Finding[]} delivery
 * @param {Word[]} words
 * @param {Quotes} quotes
 */
function noticed(findings, delivery, words, quotes) {
  const items = findings.map((finding) => {
    const { good, sure, text: said } = finding;
    const plain = !sure || good === null;
    const verdict = !sure ? text.notSure : plain ? text.neutral : good ? text.good : text.work;
    const drawing = plain ? "note" : good ? "good" : "work";
    return findingItem(toneOf(plain ? null : good), verdict, drawing, said, quoteButtons(finding, words, quotes));
  });
  const said = delivery.map(({ cue, good, text: sentence }) => findingItem(toneOf(good), good ? text.good : text.work, cue, sentence, []));
  if (!items.length && !said.length) return null;
  const all = [...items, ...said];
  const rest = all.splice(MOST_NOTICED);
  return h(
    "section",
    { "aria-labelledby": "noticed-title" },
    h("h3", { id: "noticed-title" }, text.noticed),
    h("ol", { class: "noticed" }, all),
    rest.length ? h("details", { class: "mark-notes" }, h("summary", {}, text.more(rest.length)), h("ol", { class: "noticed" }, rest)) : "",
  );
}

/** @param {boolean | null} good */
const toneOf = (good) => (good === null ? "" : good ? "thanks" : "change");

/**
 * @param {ReviewFinding} finding
 * @param {Word[]} words
 * @param {Quotes} quotes
 */
const quoteButtons = ({ quotes: spans }, words, quotes) => spans.map((span) => quotes.button(quoted(words, span), span));

/** @param {HTMLElement[]} buttons */
const quoteRow = (buttons) => (buttons.length ? h("div", { class: "quotes" }, buttons) : "");

/**
 * @param {string} tone
 * @param {string} verdict
 * @param {string} drawing
 * @param {string} said
 * @param {HTMLElement[]} buttons
 */
function findingItem(tone, verdict, drawing, said, buttons) {
  return h(
    "li",
    { "data-tone": tone },
    icon(drawing),
    h("div", {}, h("small", {}, verdict), h("p", {}, said), quoteRow(buttons)),
  );
}

/**
 * What the marks say beside their kind.
 *
 * @param {Mark[]} marks
 * @param {Word[]} words
 * @param {Quotes} quotes
 */
function notes(marks, words, quotes) {
  const noted = marks.filter(({ note }) => note);
  if (!noted.length) return null;
  const items = noted.map((mark) => h("li", {}, quotes.button(quoted(words, mark), mark), h("span", {}, mark.note)));
  return h("details", { class: "mark-notes" }, h("summary", {}, `${text.notes} (${noted.length})`), h("ol", {}, items));
}

/**
 * @param {WordPace} pace
 * @returns {[string, string, string][]}
 */
function paceRow({ better, by_words: byWords, by_syllables: bySyllables, sure }) {
  const [value, other] = better === "words" ? [byWords, bySyllables] : [bySyllables, byWords];
  return value === null ? [] : [[text.measures.pace, text.pace(value, better, sure), text.paceBy(better, other)]];
}

/**
 * Return the figures of an answer's words: the name of each, its value, and how it was counted where that matters.
 *
 * @param {WordMeasures} measures
 * @returns {[string, string, string][]}
 */
export function wordFigures({ words, words_per_min: byWords, pace, fillers, restarts, hedges, we, i, figures: given, questions, terms, terms_explained, headline_s }) {
  if (!words) return [];
  /** @type {[string, string][]} */
  const rows = [
    [text.measures.fillers, text.range(fillers.least, fillers.most)],
    [text.measures.restarts, String(restarts)],
    [text.measures.hedges, String(hedges)],
    ...(headline_s === null ? [] : [/** @type {[string, string]} */ ([text.measures.headline_s, clock(headline_s)])]),
    [text.measures.figures, String(given)],
    [text.measures.questions, String(questions)],
    [text.measures.terms, text.explained(terms, terms_explained)],
    [text.measures.voices, text.voices(we, i)],
  ];
  return [
    [text.measures.words, String(words), ""],
    ...paceRow(pace ?? { better: "words", by_words: byWords, by_syllables: null, sure: true }),
    ...rows.map(([name, value]) => /** @type {[string, string, string]} */ ([name, value, ""])),
  ];
}

/** @param {WordMeasures} measures */
export function figures(measures) {
  const rows = wordFigures(measures);
  if (!rows.length) return null;
  const unsure = measures.fillers.least !== measures.fillers.most;
  return h(
    "section",
    { "aria-labelledby": "figures-title" },
    h("h3", { id: "figures-title" }, text.figures),
    h("dl", { class: "figures" }, rows.map(([name, value, by]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, by ? h("small", {}, ` ${by}`) : "")))),
    unsure ? h("p", { class: "aside" }, text.rangeWhy) : "",
  );
}
