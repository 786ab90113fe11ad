/** Texts of exercises: what they are, the steps, the score, the analogy bank. */

/** @type {(count: number, one: string, many: string) => string} */
const counted = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

export const exercises = {
  back: "Programme",
  begin: "Begin",
  again: "Again",
  next: "Next",
  done: "Done",
  markDone: "Mark as done",
  markedDone: "Marked as done for today.",
  /** @param {number} minutes */
  minutes: (minutes) => counted(minutes, "minute", "minutes"),
  /** @param {string[]} skills */
  trains: (skills) => `Trains: ${skills.join(", ").toLowerCase()}.`,
  steps: "How it goes",
  /** @type {(seconds: number) => string} */
  seconds: (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 6) / 10} min`),
  /** @param {number} rounds */
  rounds: (rounds) => `${rounds} rounds in all.`,
  /** @type {Record<string, string>} */
  does: { speak: "You speak", think: "You think, the microphone is off", listen: "You listen, the microphone is off" },
  /** @param {string[]} figures */
  scored: (figures) => `The score is made of: ${figures.join(", ")}.`,
  needsWords: "Most of its score needs your words.",
  drill: "It is a drill: you need headphones.",
  friend: "You need somebody to practise with: choose “Practise with a friend” on the first screen.",
  first: "To the first screen",
  /** @type {(place: number, of: number) => string} */
  place: (place, of) => `Step ${place} of ${of}`,
  table: "Table to look at",
  program: "Program to read",
  left: "Time left",
  finished: "That was it",
  counting: "One moment, your score is being worked out …",
  missed: "There is no score: the connection ended before it came.",
  /** @param {string} score */
  score: (score) => `${score} of 10`,
  tryNext: "Try next",
  made: "What it is made of",
  figure: "Figure",
  yours: "Yours",
  target: "Target",
  share: "Share",
  reached: "reached",
  notKnown: "not heard",
  /** @param {number} percent */
  percent: (percent) => `${percent} %`,
  yes: "yes",
  no: "no",
  answers: "What there was to see",
  history: "Your scores",
  noHistory: "You haven't done it yet.",
  historyTable: "As a table",
  when: "When",
  scoreColumn: "Score",
  noScore: "no score",
  /** @type {(count: number, best: string) => string} */
  chart: (count, best) => `${counted(count, "score", "scores")} from the oldest to the newest, best ${best} of 10`,
  wholeTake: "Look at the whole take",
  notKept: "Nothing of it is kept. Keep figures, and the next score stands beside this one.",
  keep: "Choose what is kept",

  bank: "Your analogies",
  bankLead: "Write down the ones that work, rate them, and use them again.",
  bankEmpty: "There is none yet.",
  thing: "What it explains",
  like: "What it is like",
  write: "Write it down",
  written: "Written down.",
  used: "I used it again",
  /** @param {number} times */
  usedTimes: (times) => (times ? `used ${times === 1 ? "once" : `${times} times`}` : "not used yet"),
  rating: "How well it works",
  unrated: "not rated",
  /** @type {Record<string, string>} */
  ratings: { 1: "1, hardly", 2: "2", 3: "3, so so", 4: "4", 5: "5, very well" },
  remove: "Delete",
  removeTitle: "Delete this analogy?",
  removeLead: "It is gone for good.",
  removed: "Deleted.",
  changed: "Changed.",
  bankIncomplete: "Say what it explains, and what that is like.",
};
