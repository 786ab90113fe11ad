/** Texts of drills, their cards, and captions. */

/** @import { Card } from "../protocol.js" */

/**
 * Seconds of a drill in words: 0.04 s would be shown as none, and nobody is shown a negative time.
 *
 * @param {number} after
 */
const yielded = (after) => (after < 0.05 ? "stopped at once" : `stopped after ${after.toFixed(1)} s`);

/** @param {number} after */
const resumed = (after) =>
  Math.abs(after) < 0.05 ? "resumed as they finished" : `resumed ${Math.abs(after).toFixed(1)} s ${after < 0 ? "before" : "after"} they finished`;

export const drills = {
  title: "Choose a drill",
  lead: "Someone interrupts, challenges or distracts you. Afterwards you see how you handled it.",
  which: "Drill",
  level: "Difficulty",
  /** @type {Record<Card["level"], string>} */
  levels: { gentle: "Gentle", medium: "Medium", hard: "Hard" },
  noises: "Noises",
  /** By how much softer they are, in dB. */
  loudness: { 0: "Full", "-6": "Softer", "-12": "Much softer", "-60": "None" },
  trains: "Trains",
  use: "When to use it",
  will: "What it does",
  minutes: (/** @type {number} */ minutes) => `It takes up to ${minutes} minutes.`,
  headphones: "Best with headphones: the microphone then hears only you.",
  preparing: "Getting the voices ready…",
  talkAbout: "Talk about this",
  softer: (/** @type {number} */ db) => (db <= -60 ? "Noises are off." : `Noises are ${-db} dB softer.`),
  handledWell: "Nicely handled",
  card: (/** @type {string} */ title, /** @type {string} */ level) => `${title}, ${level.toLowerCase()}`,
  composure: "Composure",
  of: "of 10",
  unknown: "Too little to judge",
  unscored: "Nothing to score",
  next: "Try next",
  stopped: "You ended it early.",
  program: "The program, line by line",
  fault: "The fault:",
  moved: "What moved them",
  would: "What would have moved them",
  deaf: "This person can’t hear words: they go by how you speak. With Words on, what you say moves them.",
  hears: "This person hears what you say: it moves them.",
  formula: "How this is counted",
  formulaText:
    "10 × (a quarter for what each event asks for: yielding, holding the floor, keeping silent or talking on; a quarter for resuming once they have finished; half for speaking as before, the 10 seconds after against your own 30 seconds before, as far as you did what was asked). Where something isn't known, the rest counts for more. The whole is the mean of the events.",
  /** @type {Record<"floor" | "resume" | "steadiness", string>} */
  parts: { floor: "Yielding", resume: "Resuming", steadiness: "Steadiness" },
  earlier: (/** @type {string} */ last, /** @type {string} */ best, /** @type {number} */ count, /** @type {string} */ level) =>
    `Last time ${last} (best ${best}, ${count} ${count === 1 ? "run" : "runs"} at level ${level.toLowerCase()}).`,
  firstRun: (/** @type {string} */ level) => `Your first run of this drill at level ${level.toLowerCase()}.`,
  median: (/** @type {number | null} */ yields, /** @type {number | null} */ resumes) =>
    `You ${[yields === null ? "" : yielded(yields), resumes === null ? "" : resumed(resumes)].filter(Boolean).join(" and ")}.`,
  forget: "Forget earlier runs",
  forgotten: "Earlier runs are forgotten.",
  none: "The drills could not be listed.",
  went: "Drills",
  broken: "The drill was interrupted",
  brokenLead: "The connection broke off. You are not being listened to: begin again when you are ready.",
  /** @type {Record<string, string>} */
  people: { teammate: "A teammate", client: "A client", executive: "An executive", colleague: "A colleague", policymaker: "A policymaker", interviewer: "The interviewer" },
};

export const captions = {
  title: "Captions",
  says: (/** @type {string} */ who, /** @type {string} */ line, /** @type {boolean} */ broken) => `${who}: “${line}”${broken ? " [on a bad line]" : ""}`,
  sounds: (/** @type {string} */ sound) => `[${sound}]`,
  mood: (/** @type {string} */ mood) => `[now ${mood}]`,
};
