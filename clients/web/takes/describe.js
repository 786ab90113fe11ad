/** A take in a few words: its name, when it was, its one figure, and what was kept of it. */

import { clock, figure, moment } from "../ui/format.js";
import { words } from "../words/words.js";

/** @import { Take, TakeEntry, TakeFigure } from "../protocol.js" */

const text = words.takes;

/** @param {Pick<Take, "kind">} take */
export const kindOf = ({ kind }) => text.kinds[kind] ?? kind;

/**
 * The person's own name for a take, or else what was answered, or else what kind it is.
 *
 * @param {Pick<Take, "kind" | "title" | "question">} take
 */
export const nameOf = (take) => take.title || take.question || kindOf(take);

/** @param {TakeFigure} shown */
export function figureText({ name, value, unit }) {
  const said = name.endsWith("_s") ? clock(value) : figure(value, unit);
  return `${text.figures[name] ?? name.replaceAll("_", " ")} ${said}`;
}

/**
 * What a take in the list has; its sound only where there is a recording.
 *
 * @param {Pick<TakeEntry, "kept" | "sound">} entry
 */
export const keptOf = ({ kept, sound }) => text.kept({ ...kept, sound: kept.sound && sound });

/**
 * When it was, of what kind, and how long.
 *
 * @param {Pick<Take, "begun_at" | "kind" | "duration_s" | "title" | "question">} take
 */
export const about = (take) => [moment(take.begun_at), nameOf(take) === kindOf(take) ? "" : kindOf(take), clock(take.duration_s)].filter(Boolean).join(" · ");
