/** Texts of the summary. */

import { clock, figure } from "../ui/format.js";

/** @param {number} count */
const times = (count) => (count === 1 ? "once" : `${count} times`);

/**
 * A target: a range, or one end of it.
 *
 * @param {number | null} low
 * @param {number | null} high
 * @param {string} unit `clock` and `share` are formatted as such
 */
function range(low, high, unit) {
  const [name, format] = FORMATS[unit] ?? [unit, (value) => figure(value, "")];
  if (low !== null && high !== null) return `${format(low)} to ${format(high)} ${name}`.trim();
  if (high !== null) return `at most ${format(high)} ${name}`.trim();
  if (low !== null) return `at least ${format(low)} ${name}`.trim();
  return "–";
}

/** For units that are written otherwise: what stands after the figures, and the figures. @type {Record<string, [string, (value: number) => string]>} */
const FORMATS = { clock: ["", clock], share: ["%", (value) => String(Math.round(100 * value))] };

export const summary = {
  title: "How it went",
  meta: (/** @type {string} */ time, /** @type {string} */ profile) => `${time} of practice, ${profile}`,
  partial: "The session broke off, so its measures are missing. These nudges were given.",
  lost: (/** @type {string} */ seconds) => `${seconds} s of sound never arrived and are not counted.`,
  muted: (/** @type {string} */ time) => `You were muted for ${time}, which isn't counted.`,
  findings: "What to keep, what to work on",
  noFindings: "We heard too little to say more. A minute of talk is enough.",
  good: "Keep",
  work: "Work on",
  measures: "Measures",
  measure: "Measure",
  you: "You",
  target: "Target",
  none: "Too little heard",
  guess: (/** @type {string} */ value) => `${value}, a guess`,
  inside: "within",
  outside: "outside",
  part: {
    restarted: (/** @type {string} */ until) => `The server restarted at ${until}. What it had measured was lost: these are the measures after that, and the nudges of the whole session.`,
    moved: (/** @type {string} */ until) => `You were moved to another server at ${until}, and measures began again. These are the measures after that; those until then are below.`,
    until: (/** @type {string} */ until) => `Measures until ${until}`,
    mark: {
      restarted: (/** @type {string} */ seconds) => `The server restarted here, ${seconds} s went unheard; measures begin again`,
      moved: (/** @type {string} */ seconds) => `Moved to another server here, ${seconds} s went unheard; measures begin again`,
    },
  },
  timeline: "Nudges",
  noNudges: "None: you were within your targets all along.",
  noneGiven: "None.",
  saved: "Saved to your downloads.",
  deleted: "Deleted. Nothing of it is left on the page or the server.",
  /** @type {Record<string, string>} */
  rows: {
    pace: "Pace",
    pitch: "Pitch variety",
    pauses: "Pauses",
    stretch: "Longest time without a break",
    share: "Share of the talk",
    monologue: "Longest monologue",
    gap: "Time before answering",
    interruptions: "Interruptions",
    listening: "“Mm-hm” while listening",
    questions: "Questions (judged by intonation)",
    fillers: "Filled pauses",
    creak: "Creaky voice",
    rises: "Rising endings",
  },
  about: (/** @type {string} */ figure) => `about ${figure}`,
  units: { wpm: "words/min", st: "semitones", perMin: "a minute" },
  pauses: (/** @type {number} */ count, /** @type {string} */ longest) => (count ? `${count}, longest ${longest}` : "None"),
  gap: (/** @type {string} */ time, /** @type {number} */ slow) => `${time}${slow ? `, ${slow} over 2 s` : ""}`,
  interruptions: (/** @type {string} */ who, /** @type {number} */ made, /** @type {number} */ suffered) =>
    `${who} interrupted ${times(made)}, were interrupted ${times(suffered)}`,
  rises: (/** @type {number} */ count, /** @type {number} */ endings) => `${count} of ${endings}`,
  range,
};
