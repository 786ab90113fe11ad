/** Advice of the server's language model on a take, where the speaker agreed to send their words to it. */

import { h } from "../ui/elements.js";
import { words as texts } from "../words/words.js";
import { quoted } from "./runs.js";

/** @import { Advice, Advised, Word } from "../protocol.js" */
/** @import { Quotes } from "./quotes.js" */

const text = texts.transcript.assistant;

/**
 * Return the section of the advice, or of why there is none; nothing where nobody was asked.
 *
 * @param {Pick<Advised, "advice" | "why"> | null} advised
 * @param {boolean} awaited whether the model is still being asked
 * @param {Word[]} words
 * @param {Quotes} quotes
 */
export function adviceSection(advised, awaited, words, quotes) {
  if (!advised) return awaited ? h("p", { class: "aside reviewing" }, text.asking) : null;
  const { advice, why } = advised;
  return h(
    "section",
    { class: "advice", "aria-labelledby": "advice-title" },
    h("h3", { id: "advice-title" }, text.title),
    advice ? adviceParts(advice, words, quotes) : h("p", { class: "aside" }, why),
  );
}

/**
 * @param {Advice} advice
 * @param {Word[]} words
 * @param {Quotes} quotes
 */
function adviceParts({ advice, example, quotes: spans, follow_ups: followUps, host, model, cut }, words, quotes) {
  return [
    h("p", { class: "aside" }, text.by(model, host), cut ? ` ${text.cut}` : ""),
    h("p", {}, advice),
    spans.length ? h("div", { class: "quotes" }, spans.map((span) => quotes.button(quoted(words, span), span))) : "",
    example ? h("p", {}, h("small", {}, text.example), " ", h("q", {}, example)) : "",
    followUps.length ? [h("p", {}, text.followUps), h("ul", {}, followUps.map((question) => h("li", {}, question)))] : [],
  ].flat();
}
