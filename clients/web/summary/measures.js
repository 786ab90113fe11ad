/** The table of measures in the summary: each against its target. */

import { cell } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { clock, figure } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";

/** @import { ChannelMeasures } from "../protocol.js" */
/** @typedef {(cue: string) => [number | null, number | null]} Target */
/** @typedef {number | null | undefined} Known */

/**
 * @typedef {object} Row
 * @property {keyof typeof text.rows} name
 * @property {(measures: ChannelMeasures) => Known} read
 * @property {(value: number, measures: ChannelMeasures, who: string) => string} format
 * @property {string} [cue] its comfortable range is the target
 * @property {string} [unit] of the target; `clock` and `share` are formatted as such
 * @property {keyof ChannelMeasures} [field] that `unsure` of the measures may name, where the value may be a guess
 * @property {(measures: ChannelMeasures) => Known} [error] how far the value may be off: outside by less is not judged
 * @property {boolean} [two] whether it takes two to measure
 */

const text = words.summary;

/** @type {Row[]} */
const ROWS = [
  { name: "pace", read: (m) => m.pace_wpm, format: (v) => text.about(figure(v, text.units.wpm)), cue: "pace", unit: text.units.wpm, field: "pace_wpm", error: (m) => m.pace_error_wpm },
  { name: "pitch", read: (m) => m.f0_sd_st, format: (v) => figure(v, text.units.st), cue: "pitch_range", unit: text.units.st, field: "f0_sd_st" },
  { name: "pauses", read: (m) => m.pause_count, format: (v, m) => text.pauses(v, figure(m.longest_pause_s, "s")) },
  { name: "stretch", read: (m) => m.longest_stretch_s, format: clock, cue: "check_in", unit: "clock" },
  { name: "share", read: (m) => m.talk_share, format: (v) => figure(v, "share"), cue: "talk_share", unit: "share", field: "talk_share", two: true },
  { name: "monologue", read: (m) => m.exchange?.longest_monologue_s, format: clock, two: true },
  { name: "gap", read: (m) => m.exchange?.response_gap_s, format: (v, m) => text.gap(figure(v, "s"), m.exchange?.slow_responses ?? 0), two: true },
  { name: "interruptions", read: (m) => m.interruptions, format: (v, m, who) => text.interruptions(who, v, m.exchange?.interruptions_suffered ?? 0), two: true },
  { name: "listening", read: (m) => m.backchannels, format: String, two: true },
  { name: "questions", read: (m) => m.exchange?.questions, format: String, two: true },
  { name: "fillers", read: (m) => m.fillers_per_min, format: (v) => figure(v, text.units.perMin), cue: "fillers", unit: text.units.perMin, field: "fillers_per_min" },
  { name: "creak", read: (m) => m.creak_share, format: (v) => figure(v, "share"), cue: "creak", unit: "share", field: "creak_share" },
  { name: "rises", read: (m) => (m.endings ? m.rises : null), format: (v, m) => text.rises(v, m.endings) },
];

/**
 * Return a table of measures under a title.
 *
 * @param {object} options
 * @param {string} options.id of the title
 * @param {string} options.title
 * @param {string} options.who whose they are
 * @param {ChannelMeasures} options.measures
 * @param {Target} options.target
 */
export function measuresTable({ id, title, who, measures, target }) {
  const rows = ROWS.filter(({ two }) => !two || measures.exchange).map((row) => measureRow(row, measures, target, who));
  const head = h("tr", {}, ...[text.measure, who, text.target].map((name) => h("th", { scope: "col" }, name)));
  return h(
    "section",
    { "aria-labelledby": id },
    h("h3", { id }, title),
    h("table", { role: "table" }, h("thead", {}, head), h("tbody", { role: "rowgroup" }, rows)),
  );
}

/**
 * Return what the table says of each measure, by its name; those that take two are left out where there was one.
 *
 * @param {ChannelMeasures} measures
 * @param {string} who whose they are
 * @returns {[string, string][]}
 */
export const measureTexts = (measures, who) =>
  ROWS.filter(({ two }) => !two || measures.exchange).map((row) => [text.rows[row.name], measureText(row, measures, who)]);

/**
 * @param {Row} row
 * @param {ChannelMeasures} measures
 * @param {string} who
 */
function measureText({ read, format, field }, measures, who) {
  const value = read(measures) ?? null;
  if (value === null) return text.none;
  const formatted = format(value, measures, who);
  return isGuess(field, measures) ? text.guess(formatted) : formatted;
}

/** @type {(field: Row["field"], measures: ChannelMeasures) => boolean} */
const isGuess = (field, measures) => Boolean(field && (measures.unsure ?? []).includes(field));

/**
 * @param {Row} row
 * @param {ChannelMeasures} measures
 * @param {Target} target
 * @param {string} who
 */
function measureRow(row, measures, target, who) {
  const { name, read, cue, unit = "", field, error } = row;
  const value = read(measures) ?? null;
  const [low, high] = cue ? target(cue) : [null, null];
  const beyond = value === null ? 0 : Math.max(0, (low ?? value) - value, value - (high ?? value));
  const inside = beyond === 0;
  const known = value !== null && !isGuess(field, measures) && (inside || beyond > (error?.(measures) ?? 0));
  const judged = known && (low !== null || high !== null);
  return h(
    "tr",
    { role: "row" }, // said again, as it is no table to a browser where its rows are laid out as blocks
    h("th", { scope: "row", role: "rowheader" }, text.rows[name], judged ? scale(value, low, high) : ""),
    h("td", { role: "cell" }, judged ? verdict(inside) : "", measureText(row, measures, who)),
    cell(text.target, text.range(low, high, unit)),
  );
}

/** @param {boolean} inside */
function verdict(inside) {
  const tone = inside ? "thanks" : "change";
  return h("span", { class: "judged", "data-tone": tone }, icon(inside ? "good" : "work"), h("span", { class: "unseen" }, inside ? text.inside : text.outside));
}

/**
 * Return the same mark as that of the pace instrument: the comfortable range and a dot.
 *
 * @param {number} value
 * @param {number | null} low
 * @param {number | null} high
 */
function scale(value, low, high) {
  const [from, to] = low !== null && high !== null ? [low - (high - low), high + (high - low)] : [0, 2 * (high ?? low ?? 1)];
  const share = (/** @type {number} */ x) => Math.min(1, Math.max(0, (x - from) / (to - from))).toFixed(3);
  const zone = h("i", { class: "zone" });
  const dot = h("b", { class: "dot" });
  zone.style.setProperty("--from", share(low ?? from));
  zone.style.setProperty("--to", share(high ?? to));
  dot.style.setProperty("--at", share(value));
  return h("span", { class: "scale", "aria-hidden": "true" }, zone, dot);
}
