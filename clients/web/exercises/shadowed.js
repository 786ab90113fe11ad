/** Figures of a talk beside those of the retelling, and the techniques that were noted. */

import { figure } from "../ui/format.js";
import { h, present } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { ChannelMeasures } from "../protocol.js" */
/** @typedef {{ measures: ChannelMeasures | null, techniques: string[] }} Shadowed a talk as it is known after it was heard */

const text = words.shadowing;

/** Speech of a talk from which its figures are told. */
export const LEAST_SPEECH_S = 30;

/** @type {{ name: "pace" | "pauses" | "longest" | "range", of: string, value: (measures: ChannelMeasures) => number | null }[]} */
const FIGURES = [
  { name: "pace", of: "pace_wpm", value: ({ pace_wpm }) => pace_wpm },
  { name: "pauses", of: "pause_total_s", value: ({ pause_total_s, speech_s }) => pause_total_s / Math.max(1, pause_total_s + speech_s) },
  { name: "longest", of: "longest_pause_s", value: ({ longest_pause_s }) => longest_pause_s },
  { name: "range", of: "f0_sd_st", value: ({ f0_sd_st }) => f0_sd_st },
];

/**
 * Return what a talk and its retelling come to; nothing where no talk was heard and nothing was noted.
 *
 * @param {Shadowed | null} talk
 * @param {ChannelMeasures} own
 * @param {boolean} noted whether its techniques are the note of the take
 */
export function shadowedOf(talk, own, noted) {
  if (!talk) return null;
  const { measures, techniques } = talk;
  return h(
    "div",
    { class: "shadowed" },
    measures ? comparison(measures, own) : null,
    techniques.length
      ? h(
          "section",
          { "aria-labelledby": "noted-title" },
          h("h3", { id: "noted-title" }, text.noted),
          h("ul", {}, techniques.map((technique) => h("li", {}, technique))),
          noted ? h("p", { class: "aside" }, text.notedInTake) : null,
        )
      : null,
  );
}

/**
 * @param {ChannelMeasures} talk
 * @param {ChannelMeasures} own
 */
function comparison(talk, own) {
  const head = [text.figure, text.theirs, text.yours].map((name) => h("th", { scope: "col" }, name));
  const rows = FIGURES.map(({ name, of, value }) => {
    const shown = (/** @type {ChannelMeasures} */ measures) => {
      const known = measures.unsure.includes(of) ? null : value(measures);
      if (known === null) return text.unknown;
      return name === "pauses" ? figure(known, "share") : figure(known, text.units[name]);
    };
    return h("tr", {}, h("th", { scope: "row" }, text.figures[name]), h("td", {}, shown(talk)), h("td", {}, shown(own)));
  });
  return h(
    "section",
    { "aria-labelledby": "compared-title" },
    h("h3", { id: "compared-title" }, text.compared),
    h("div", { class: "scrolled" }, h("table", { class: "made-of" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, ...present(rows)))),
    h("p", { class: "aside" }, text.comparedLead),
  );
}
