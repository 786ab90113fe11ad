/** The programme behind the server's JSON API: plans, the gap table, the comparison, series for charts. */

import { ask, read, zone } from "../page/record-api.js";

/** @import { GapTable, Plan, Progress, Validation } from "../protocol.js" */
/** @typedef {"done" | "skipped" | "swapped"} MarkWhat */

/** @type {(name: string, more?: Record<string, string>) => string} */
const addressOf = (name, more = {}) => `record/programme/${name}?${new URLSearchParams({ zone: zone(), ...more })}`;

/** @returns {Promise<Plan>} */
export const getToday = () => read(addressOf("today"));

/** @returns {Promise<Plan>} */
export const getTomorrow = () => read(addressOf("tomorrow"));

/** @returns {Promise<Plan>} */
export const getWeek = () => read(addressOf("week"));

/** @returns {Promise<GapTable>} */
export const getGaps = () => read(addressOf("gaps"));

/** @returns {Promise<Validation>} */
export const getValidation = () => read(addressOf("validation"));

/** Weeks that all charts together show. */
const WEEKS = 26;

/** @returns {Promise<Progress>} */
export const getProgress = () => read(addressOf("progress", { weeks: String(WEEKS) }));

/**
 * Return one chart, over all time.
 *
 * @param {"skill" | "measure"} kind
 * @param {string} name
 * @returns {Promise<Progress>}
 */
export const getSeries = (kind, name) => read(addressOf("progress", { [kind]: name }));

/**
 * Note what became of an item of a day's plan; null takes that back.
 *
 * @param {string} day
 * @param {string} item
 * @param {MarkWhat | null} what
 */
export function mark(day, item, what) {
  const address = `record/programme/marks/${day}/${encodeURIComponent(item)}`;
  return what ? ask("PUT", address, { what }) : ask("DELETE", address);
}

/**
 * Set the person's own target of a skill; null for the programme's.
 *
 * @param {string} skill
 * @param {number | null} figure
 */
export function setTarget(skill, figure) {
  const address = `record/programme/targets/${encodeURIComponent(skill)}`;
  return figure === null ? ask("DELETE", address) : ask("PUT", address, { figure });
}

/**
 * Address of the calendar file.
 *
 * @param {string} at time of day such as 18:00
 */
export const remindersAddress = (at) => addressOf("reminders.ics", { at });
