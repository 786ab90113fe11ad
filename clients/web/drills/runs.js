/** Earlier runs of drills; kept in this browser only. */

/** @import { Card, DrillEnded } from "../protocol.js" */
/** @typedef {Pick<Card, "drill" | "level" | "formula" | "composure"> & { yield_s: number | null, resume_s: number | null, at: number }} Run */

const KEY = "sottovoce.drills";
const MOST_RUNS = 200;

/**
 * Return all runs, oldest first.
 *
 * @returns {Run[]}
 */
export function runs(storage = localStorage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // not ours, or of another version
  }
}

export function forgetRuns(storage = localStorage) {
  storage.removeItem(KEY);
}

/**
 * Return the runs that compare with a card: of the same drill and level, counted the same way.
 *
 * @param {Card} card
 */
export function comparableRuns({ drill, level, formula }, storage = localStorage) {
  const alike = (/** @type {Run} */ run) => run.drill === drill && run.level === level && run.formula === formula;
  return runs(storage).filter((run) => alike(run) && run.composure !== null);
}

/**
 * Keep a card, and return the earlier runs that compare.
 *
 * @param {Pick<DrillEnded, "card">} ended
 */
export function rememberRun({ card }, storage = localStorage) {
  const earlier = comparableRuns(card, storage);
  const { drill, level, formula, composure } = card;
  const run = { drill, level, formula, composure, ...medians(card), at: Date.now() };
  storage.setItem(KEY, JSON.stringify([...runs(storage), run].slice(-MOST_RUNS)));
  return earlier;
}

/**
 * Return the median times until the person yielded and until they resumed, over the events where that counts.
 *
 * @param {Card} card
 */
export function medians({ events }) {
  const median = (/** @type {"yield_s" | "resume_s"} */ name, /** @type {"floor" | "resume"} */ part) => {
    const found = [];
    for (const event of events) {
      const value = event[name];
      if (value !== null && event.parts[part] !== null) found.push(value);
    }
    found.sort((a, b) => a - b);
    return found.length ? found[Math.floor((found.length - 1) / 2)] : null;
  };
  return { yield_s: median("yield_s", "floor"), resume_s: median("resume_s", "resume") };
}
