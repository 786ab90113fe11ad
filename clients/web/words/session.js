/** Texts of a session of one: before it, while it goes on, and why a nudge was given. */

export const ready = {
  title: "Ready when you are",
  lines: ["Speak as you would in the real call.", "When a word or two would help, they appear here."],
  microphone: "Microphone",
  unnamed: "Asked for when you start",
  anyMicrophone: "Default microphone",
  tryIt: "Try it",
  level: "Microphone level",
  heard: "We hear you.",
  notYet: "Say a few words: the bar moves.",
  silent: "We hear nothing: is it muted?",
  profile: (/** @type {string} */ name) => `For: ${name}`,
  change: "Change",
  last: "Your last summary",
  question: "Answer",
};

export const connecting = {
  title: "Connecting…",
  /** @type {Record<string, string>} */
  steps: {
    microphone: "Your browser is asking whether we may use the microphone. Choose Allow.",
    server: "Waiting for the server to answer.",
    network: "Looking for a way through your network.",
    engine: "Waiting for the server to begin.",
  },
};

export const listening = { alive: "Listening. It stays quiet while all is well." };

export const lost = {
  title: "Reconnecting",
  countdown: (/** @type {number} */ seconds) => `We keep trying for ${seconds} s.`,
  kept: "What you were told so far is kept in this tab.",
};

export const finishing = { title: "Putting your summary together…" };

/**
 * What a nudge asks for, in other words, by its cue: shown the first time in a session.
 *
 * @type {Record<string, string>}
 */
export const glosses = { ending: "End lower", creak: "Fuller breath", fillers: "Pause, no “um”" };

export const why = {
  whyLast: (/** @type {string} */ text) => `Why “${text}”?`,
  measured: "Measured",
  limit: "Limit",
  span: "Time",
  confidence: "Confidence",
  delay: "Delay",
  spent: (/** @type {string[]} */ parts) => (parts.length ? `Of that: ${parts.join(", ")}` : ""),
  /** By the name of each part in a nudge's `delays`, in the order of its way. */
  delayParts: {
    held_ms: "waiting for its moment",
    reorder_ms: "putting sound in order",
    decode_ms: "decoding",
    ears_ms: "measuring",
    policy_ms: "deciding",
    server_ms: "everything else",
  },
};

export const instruments = {
  title: "Instruments",
  pace: "Pace",
  pause: "Talk and pause",
  pitch: "Pitch range",
  unknown: "not enough heard yet",
  slow: "Unhurried",
  easy: "Comfortable",
  fast: "Quick",
  flat: "Flat",
  even: "Even",
  lively: "Lively",
  wpm: (/** @type {number} */ value) => `about ${Math.round(value)} words/min`,
  talking: (/** @type {string} */ time) => `Talking ${time}`,
  silent: (/** @type {number} */ seconds) => `Silent ${seconds.toFixed(1)} s`,
  waiting: "Waiting for you",
  checkIn: (/** @type {string} */ time) => `check in by ${time}`,
  checkInAgain: (/** @type {string} */ time) => `again by ${time}`,
  wrapUp: (/** @type {string} */ time) => `wrap up by ${time}`,
  muted: "Muted",
  semitones: (/** @type {number} */ value) => `${value.toFixed(1)} semitones`,
};

export const trace = {
  title: "Your pitch, last 15 seconds",
  picture: "Line drawing of your pitch over the last 15 seconds, around your usual pitch.",
  lossy: "Your pitch; hatched: sound that never arrived",
  delay: (/** @type {number} */ delay_ms) => `Processing delay ${Math.round(delay_ms)} ms`,
};
