/** Figures, times and names as people read them. */

/**
 * Seconds as a clock: 75.2 is "1:15".
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * A value with its unit, as short as it can be.
 *
 * @param {number} value
 * @param {string} unit
 */
export function figure(value, unit) {
  if (unit === "share") return `${Math.round(value * 100)} %`;
  const short = Math.abs(value) >= 20 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
  return `${short} ${unit}`.trim();
}

/**
 * A time given in milliseconds, finer where it is short.
 *
 * @param {number} time_ms
 */
export const milliseconds = (time_ms) =>
  time_ms >= 999.5 ? `${(time_ms / 1000).toFixed(1)}\u00a0s` : `${time_ms.toFixed(time_ms < 9.95 ? 1 : 0)}\u00a0ms`;

/**
 * A profile's name for a person.
 *
 * @param {string | null} name
 */
export function title(name) {
  return name ? capital(name).replaceAll("_", " ") : "";
}

/**
 * A day and time; the year only where it is another one.
 *
 * @param {string} at with its zone
 */
export function moment(at) {
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return date.toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...(sameYear ? {} : { year: "numeric" }) });
}

/**
 * A local time as a field of a form has it, to the minute: "2026-05-04T08:30".
 *
 * @param {Date} date
 */
export function localTime(date) {
  const local = new Date(date.getTime() - 60_000 * date.getTimezoneOffset());
  return local.toISOString().slice(0, 16);
}

/** @param {string} text */
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
