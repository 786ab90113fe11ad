/** The answer as it was spoken: words with their marks, the parts in the margin, pauses, and what was not heard. */

import { h, present } from "../ui/elements.js";
import { capital, clock } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words as texts } from "../words/words.js";
import { paragraphs, UNSURE } from "./runs.js";

/** @import { AnswerPart, Mark, Nudge, Word } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */
/** @import { Paragraph, Run, Spoken, WordRun } from "./runs.js" */

const text = texts.transcript;

/** Longest gap that is drawn, in seconds: longer ones say how long they were. */
const LONGEST_GAP_S = 4;
/** Pause from which on its length is written on it. */
const NAMED_PAUSE_S = 1;
/** Confidence below which the name of a part has a question mark. */
const PART_SURE = 0.6;
/** Looks of parts: as many as a framework has. */
const LOOKS = 4;

/** The order of the kinds in the legend, and which look wins where several lie on a word. */
const KINDS = /** @type {Mark["kind"][]} */ (["filler", "restart", "term", "figure", "hedge", "question", "check_in"]);

/**
 * Return the answer's text and its legend.
 *
 * @param {Spoken} spoken
 * @param {Nudge[]} nudges
 * @returns {Child[]}
 */
export function answerText(spoken, nudges) {
  const { words } = spoken;
  const parts = spoken.parts.filter(({ part }) => nameOf(part));
  if (!words.length && !spoken.unknown.length) return [h("p", {}, text.nothing)];
  const looks = [...new Set(parts.map(({ part }) => part))];
  const look = (/** @type {AnswerPart | null} */ part) => (part ? String(looks.indexOf(part.part) % LOOKS) : null);
  const all = paragraphs({ ...spoken, parts }, nudges);
  const labelled = parts.length > 0;
  const items = all.map((paragraph, i) => paragraphItem(paragraph, words, look(paragraph.part), labelled && all[i - 1]?.part !== paragraph.part));
  return [
    h("p", { class: "aside" }, [text.heard, words.some(({ confidence }) => confidence < UNSURE) ? text.paler : ""].filter(Boolean).join(" ")),
    legend(spoken.marks),
    h("ol", { class: labelled ? "spoken labelled" : "spoken" }, items),
  ];
}

/**
 * Return the name of a part of an answer; "" where it isn't shown.
 *
 * @param {string} part
 */
export const nameOf = (part) => text.parts[part] ?? capital(part).replaceAll("_", " ");

/** @param {AnswerPart} part */
function partName({ part, confidence }) {
  const name = nameOf(part);
  const sure = confidence >= PART_SURE;
  return h("b", {}, name, ...(sure ? [] : [h("span", { "aria-hidden": "true" }, "?"), h("span", { class: "unseen" }, text.partUnsure)]));
}

/**
 * @param {Paragraph} paragraph
 * @param {Word[]} words
 * @param {string | null} look
 * @param {boolean} begins whether a part begins here
 */
function paragraphItem({ part, start_s, runs }, words, look, begins) {
  const name = part && begins ? partName(part) : null;
  return h(
    "li",
    { "data-part": look },
    h("div", { class: "margin" }, name, h("time", {}, clock(start_s))),
    h("p", {}, runs.flatMap((run) => drawRun(run, words))),
  );
}

/**
 * @param {Run} run
 * @param {Word[]} words
 * @returns {Child[]}
 */
function drawRun(run, words) {
  if (run.kind === "words") return drawWords(run, words);
  if (run.kind === "pause") return [drawPause(run.length_s), " "];
  if (run.kind === "unknown") {
    const length = run.length_s.toFixed(run.length_s < 10 ? 1 : 0);
    return [h("span", { class: "unheard" }, h("span", {}, text.unknown(length, text.missing[run.why]))), " "];
  }
  const { cue, text: said, tone } = run.nudge;
  return [h("span", { class: "told", "data-tone": tone }, icon(cue), h("span", { class: "unseen" }, `(${text.nudged("")}`), said, h("span", { class: "unseen" }, ")")), " "];
}

/** @param {number} length_s */
function drawPause(length_s) {
  const length = length_s.toFixed(1);
  const gap = h(
    "span",
    { class: "gap" },
    h("span", { class: "unseen" }, `(${text.pause(length)})`),
    length_s >= NAMED_PAUSE_S ? h("small", { "aria-hidden": "true" }, `${length} s`) : "",
  );
  gap.style.setProperty("--length", Math.min(LONGEST_GAP_S, length_s).toFixed(2));
  return gap;
}

/**
 * @param {WordRun} run
 * @param {Word[]} words
 * @returns {Child[]}
 */
function drawWords({ start, end, marks, pale }, words) {
  const each = words.slice(start, end).flatMap((word, i) => [i ? " " : "", h("span", { "data-word": start + i }, word.text)]);
  if (!marks.length && !pale) return [...each, " "];
  const kinds = KINDS.filter((kind) => marks.some((mark) => mark.kind === kind));
  const notes = marks.map(({ note }) => note).filter(Boolean);
  const said = [...kinds.map((kind) => text.marks[kind]), pale ? text.unsure : ""].filter(Boolean).join(", ");
  const classes = [...kinds, pale ? "pale" : ""].filter(Boolean).join(" ");
  return [
    h("span", { class: classes, title: notes.join(" ") || null }, ...each),
    h("span", { class: "unseen" }, ` (${said})`),
    " ",
  ];
}

/**
 * Explain the marks that there are, each drawn as in the text.
 *
 * @param {Mark[]} marks
 */
function legend(marks) {
  const kinds = KINDS.filter((kind) => marks.some((mark) => mark.kind === kind));
  if (!kinds.length) return null;
  const count = (/** @type {Mark["kind"]} */ kind) => marks.filter((mark) => mark.kind === kind).length;
  const items = kinds.map((kind) => h("li", {}, h("span", { class: kind }, text.marks[kind]), h("small", {}, ` ${count(kind)}`)));
  return h("ul", { class: "legend-marks", "aria-label": text.legend }, ...present(items));
}
