/** Texts of words: the switch, what is said while they are on, and the answer afterwards. */

/** @import { Mark, UnknownSpan, WordPace, WordsState } from "../protocol.js" */

/** @param {number} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export const transcript = {
  name: "Words",
  own: "Show me what I said afterwards",
  consent: {
    title: "See what you said afterwards?",
    lead: "With words on, a recogniser on this server writes down what you say, and a nudge may come from it, too.",
    facts: [
      "Afterwards you see what you said: fillers and parts marked, and one thing to try.",
      "The server forgets your words when you finish, unless you let it keep them, and gives them to no one but you.",
      "They stay in this tab until you delete them or close it.",
      "Only English is understood, with mistakes: more of them with some accents, and with noise.",
    ],
    yes: "Turn on words",
    no: "Not now",
  },
  hint: "Writes down what you say, on this server, and shows your answer afterwards.",
  cannot: "This server can't recognise words.",
  needed: "Needs words on.",
  line: "Show my last words while I speak",
  lineHint: "A quiet line under the instruments.",
  off: "Words: off.",
  on: "Words: on.",
  unavailable: "Words: not on this server.",
  turnOn: "Turn on",
  turnOff: "Turn off",
  turnOnLabel: "Turn on words",
  turnOffLabel: "Turn off words",
  /**
   * What the mark says, by mode: in short, and the rest where there is room.
   *
   * @type {Partial<Record<WordsState["mode"], { short: string, more: string }>>}
   */
  modes: {
    live: { short: "Words on", more: "heard on this server" },
    phrase: { short: "Words on", more: "heard on this server a phrase at a time" },
    afterwards: { short: "Words on", more: "written down after you finish, on this server" },
  },
  notKept: "not kept",
  keptAfterwards: "kept when you finish",
  privacy: "Sound and words are analysed in memory on this server, not stored.",

  partner: "Your partner's own words are heard on this server, for them only. You never see them, and they never see yours.",

  // The server's language model

  assistant: {
    agree: (/** @type {string} */ host) => `Ask ${host} for advice afterwards`,
    hint: "When you finish, what you said and the question are sent there as text. For this session only.",
    mark: (/** @type {string} */ host) => `, sent to ${host} at the end`,
    asking: "Asking for advice…",
    title: "Advice from a language model",
    by: (/** @type {string} */ model, /** @type {string} */ host) => `By ${model} at ${host}: may be wrong.`,
    cut: "It was sent only the first part of what you said.",
    example: "For example:",
    followUps: "You may be asked next:",
  },

  // The answer

  next: "One thing to try next",
  well: "What went well",
  title: "Your answer",
  said: "What you said",
  question: (/** @type {string} */ question) => `To the question: ${question}`,
  heard: "Machine heard: may be wrong.",
  paler: "Paler words are less sure.",
  brokeOff: "The session broke off before your words were looked at.",
  plain: "These are the words as they came.",
  nothing: "No words were heard.",
  reviewing: "Writing down your answer…",
  arrived: "Your answer is here.",
  missed: "The connection broke before the review of your words came.",
  legend: "Marks",
  /** @type {Record<Mark["kind"], string>} */
  marks: {
    filler: "filler",
    restart: "restart",
    term: "term",
    hedge: "hedge",
    figure: "figure",
    question: "question",
    check_in: "check-in",
  },
  /** Parts of an answer; one without a name isn't drawn. @type {Record<string, string>} */
  parts: {
    problem: "Problem",
    evidence: "Evidence",
    proposal: "Proposal",
    situation: "Situation",
    task: "Task",
    action: "Action",
    result: "Result",
    context: "Context",
    struggle: "Struggle",
    turning_point: "Turning point",
    new_practice: "New practice",
    paraphrase: "Task in own words",
    clarifying_question: "Clarifying question",
    assumption: "Assumption",
    headline: "Headline",
    check_in: "Check-in",
    filler_talk: "",
    other: "",
  },
  partUnsure: ", not sure",
  unsure: "less sure",
  pause: (/** @type {string} */ seconds) => `pause, ${seconds} seconds`,
  /** @type {Record<UnknownSpan["why"], string>} */
  missing: { lost: "sound lost", busy: "server busy", failed: "recogniser failed", unclear: "too unclear" },
  unknown: (/** @type {string} */ seconds, /** @type {string} */ why) => `not heard here, ${seconds} s: ${why}`,
  nudged: (/** @type {string} */ text) => `nudge: ${text}`,
  noticed: "What we noticed",
  more: (/** @type {number} */ count) => `More notes (${count})`,
  good: "Keep",
  work: "Work on",
  neutral: "Noticed",
  notSure: "Perhaps",
  quote: (/** @type {string} */ quoted) => `Show in your answer: ${quoted}`,
  back: "Back to the note",
  notes: "Notes on marked words",
  figures: "In figures",
  /** @type {Record<string, string>} */
  measures: {
    words: "Words",
    pace: "Pace",
    fillers: "Fillers",
    restarts: "Restarts",
    hedges: "Hedges",
    figures: "Figures given",
    questions: "Questions",
    terms: "Terms",
    headline_s: "Headline after",
    voices: "“We” and “I”",
  },
  pace: (/** @type {number} */ wpm, /** @type {WordPace["better"]} */ by, /** @type {boolean} */ sure) =>
    `${by === "words" ? "" : "about "}${Math.round(wpm)} words/min${sure ? "" : ", a guess"}`,
  /** How the better of two counts was made, and the other where it is known. */
  paceBy: (/** @type {WordPace["better"]} */ by, /** @type {number | null} */ other) =>
    `by ${by}${other === null ? "" : `; ${by === "words" ? "about " : ""}${Math.round(other)} by ${by === "words" ? "syllables" : "words"}`}`,
  range: (/** @type {number} */ least, /** @type {number} */ most) => (least === most ? String(least) : `${least} to ${most}`),
  rangeWhy: "Fillers are a range where what was heard and what was recognised differ.",
  explained: (/** @type {number} */ terms, /** @type {number} */ explained) => (terms ? `${terms}, ${explained} explained` : "None"),
  voices: (/** @type {number} */ we, /** @type {number} */ i) => `${counted(we, "“we”", "“we”")}, ${counted(i, "“I”", "“I”")}`,
  source: (/** @type {string} */ source) => `Recognised by ${source}.`,
};
