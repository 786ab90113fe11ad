/** The answer as a list of paragraphs of runs: words that look alike, pauses, what was not heard, and nudges. Nothing here draws. */

/** @import { AnswerPart, AnswerReview, Mark, Nudge, UnknownSpan, Word } from "../protocol.js" */

/**
 * @typedef {{ kind: "words", start: number, end: number, marks: Mark[], pale: boolean }} WordRun places of words, end exclusive
 * @typedef {{ kind: "pause", length_s: number }} PauseRun
 * @typedef {{ kind: "unknown", length_s: number, why: UnknownSpan["why"] }} UnknownRun
 * @typedef {{ kind: "nudge", nudge: Nudge }} NudgeRun
 * @typedef {WordRun | PauseRun | UnknownRun | NudgeRun} Run
 * @typedef {{ part: AnswerPart | null, start_s: number, runs: Run[] }} Paragraph
 * @typedef {Pick<AnswerReview, "words" | "unknown" | "parts" | "marks">} Spoken
 */

/** Silence between two words from which on it is drawn. */
const LEAST_PAUSE_S = 0.5;
/** Pause after a sentence from which on a paragraph ends. */
const PARAGRAPH_PAUSE_S = 1.2;
/** Words from which on a paragraph ends with the sentence. */
const LONG_WORDS = 60;
/** Confidence below which a word is drawn paler. */
export const UNSURE = 0.5;

/**
 * @param {Spoken} spoken
 * @param {Nudge[]} [nudges]
 * @returns {Paragraph[]}
 */
export function paragraphs(spoken, nudges = []) {
  const { words } = spoken;
  const partOf = strongest(words.length, spoken.parts);
  const marksOf = covering(words.length, spoken.marks);
  const between = new Between(spoken, nudges);
  /** @type {Paragraph[]} */
  const all = [];
  /** @type {Paragraph | undefined} */
  let paragraph;
  let size = 0;
  words.forEach((word, i) => {
    const before = between.until(word.start_s, words[i - 1]?.end_s);
    const pause = before.reduce((sum, run) => sum + (run.kind === "pause" ? run.length_s : 0), 0);
    const sentence = i > 0 && /[.?!]["”’)]?$/.test(words[i - 1].text);
    const ends = sentence && (pause >= PARAGRAPH_PAUSE_S || size >= LONG_WORDS);
    paragraph?.runs.push(...before);
    if (!paragraph || ends || partOf[i] !== paragraph.part) {
      const first = paragraph ? [] : before;
      paragraph = { part: partOf[i], start_s: word.start_s, runs: first };
      size = 0;
      all.push(paragraph);
    }
    size += 1;
    add(paragraph.runs, i, marksOf[i], word.confidence < UNSURE);
  });
  const rest = between.until(Infinity, words[words.length - 1]?.end_s);
  if (paragraph) paragraph.runs.push(...rest);
  else if (rest.length) all.push({ part: null, start_s: 0, runs: rest });
  return all;
}

/**
 * Add a word to the run before it, or to one of its own.
 *
 * @param {Run[]} runs
 * @param {number} place
 * @param {Mark[]} marks
 * @param {boolean} pale
 */
function add(runs, place, marks, pale) {
  const last = runs[runs.length - 1];
  const same = last?.kind === "words" && last.pale === pale && last.marks.length === marks.length && marks.every((mark) => last.marks.includes(mark));
  if (same) last.end = place + 1;
  else runs.push({ kind: "words", start: place, end: place + 1, marks, pale });
}

/**
 * The part of each word: where two overlap, the one that is surer.
 *
 * @param {number} count
 * @param {AnswerPart[]} parts
 */
function strongest(count, parts) {
  /** @type {(AnswerPart | null)[]} */
  const found = new Array(count).fill(null);
  for (const part of [...parts].sort((a, b) => a.confidence - b.confidence)) found.fill(part, part.start, part.end);
  return found;
}

/**
 * The marks on each word.
 *
 * @param {number} count
 * @param {Mark[]} marks
 */
function covering(count, marks) {
  /** @type {Mark[][]} */
  const found = Array.from({ length: count }, () => []);
  for (const mark of marks) for (let i = mark.start; i < Math.min(count, mark.end); i++) found[i].push(mark);
  return found;
}

/** What comes between words, each once, in order of time. */
class Between {
  #unknown;
  #nudges;

  /**
   * @param {Spoken} spoken
   * @param {Nudge[]} nudges
   */
  constructor({ unknown }, nudges) {
    this.#unknown = [...unknown].sort((a, b) => a.start_s - b.start_s);
    this.#nudges = [...nudges].sort((a, b) => a.at_s - b.at_s);
  }

  /**
   * Return what comes before a word that starts at `start_s`; the word before it ended at `end_s`.
   *
   * @param {number} start_s
   * @param {number | undefined} end_s
   * @returns {Run[]}
   */
  until(start_s, end_s) {
    /** @type {Run[]} */
    const runs = [];
    let unknown_s = 0;
    while (this.#unknown.length && this.#unknown[0].start_s < start_s) {
      const { start_s: from, end_s: to, why } = /** @type {UnknownSpan} */ (this.#unknown.shift());
      unknown_s += to - from;
      runs.push({ kind: "unknown", length_s: to - from, why });
    }
    const silent_s = end_s === undefined ? 0 : start_s - end_s - unknown_s;
    if (silent_s >= LEAST_PAUSE_S && Number.isFinite(silent_s)) runs.unshift({ kind: "pause", length_s: silent_s });
    while (this.#nudges.length && this.#nudges[0].at_s <= start_s) {
      runs.push({ kind: "nudge", nudge: /** @type {Nudge} */ (this.#nudges.shift()) });
    }
    return runs;
  }
}

/**
 * The words of a span as one text, shortened in the middle.
 *
 * @param {Word[]} words
 * @param {{ start: number, end: number }} span
 * @param {number} [most] words shown
 */
export function quoted(words, { start, end }, most = 12) {
  const texts = words.slice(start, end).map(({ text }) => text);
  const half = Math.floor(most / 2);
  const shown = texts.length > most ? [...texts.slice(0, half), "…", ...texts.slice(-half)] : texts;
  return `“${shown.join(" ").replace(/[,;:]$/, "")}”`;
}
