/** Words as they come during a session, kept until the review of the answer replaces them. */

/** @import { UnknownSpan, Word, Words, WordsCorrected, WordsMissed } from "../protocol.js" */

/** @typedef {{ words: Word[], unknown: UnknownSpan[] }} HeardWords */

/** @returns {HeardWords} */
export const noWords = () => ({ words: [], unknown: [] });

/**
 * Return what is known once a message has been noted; one that comes twice changes nothing.
 *
 * @param {HeardWords} heard
 * @param {Words | WordsCorrected | WordsMissed} message
 * @returns {HeardWords}
 */
export function withWords({ words, unknown }, message) {
  const { start_s, end_s } = message;
  if (message.type === "words_missed") {
    const others = unknown.filter((span) => span.start_s !== start_s);
    return { words, unknown: inOrder([...others, { start_s, end_s, why: message.why }]) };
  }
  // What was said to be in that span is replaced; a word belongs where its middle is.
  const outside = words.filter((word) => {
    const middle_s = (word.start_s + word.end_s) / 2;
    return middle_s < start_s || middle_s > end_s;
  });
  const left = message.type === "words" ? unknown : unknown.filter((span) => span.start_s < start_s || span.end_s > end_s);
  return { words: inOrder([...outside, ...message.words]), unknown: left };
}

/**
 * Return words or spans at later times.
 *
 * @template {{ start_s: number, end_s: number }} Span
 * @param {Span[]} spans
 * @param {number} by_s
 * @returns {Span[]}
 */
export const later = (spans, by_s) => spans.map((span) => ({ ...span, start_s: span.start_s + by_s, end_s: span.end_s + by_s }));

/**
 * @template {{ start_s: number }} Span
 * @param {Span[]} spans
 */
const inOrder = (spans) => spans.sort((a, b) => a.start_s - b.start_s);
