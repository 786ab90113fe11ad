/** Texts of places, of the record, and of takes. */

/** @import { FoundPart, Kept, Take } from "../protocol.js" */

/** @param {string[]} list */
const listed = (list) => (list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list[list.length - 1]}`);

/** What may be kept, in the order of the switches. */
const KEEPABLE = /** @type {(keyof Kept)[]} */ (["figures", "words", "sound"]);

/** @param {Kept} kept */
const names = (kept) => KEEPABLE.filter((name) => kept[name]);

/** @param {string[]} list */
const areOrIs = (list) => (!list.length || list.join() === "sound" ? "is" : "are");

/** @param {number} count @param {string} one */
const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

export const places = {
  title: "Places",
  practise: "Practise",
  programme: "Programme",
  takes: "Takes",
  opening: "Opening…",
  tryAgain: "Try again",
  back: { programme: "Programme", takes: "All takes" },
  /** Where the server keeps no record: what the place would show, and how to begin. */
  without: {
    programme: "Programme would show what to practise today and why, and where you stand against your first takes. It needs a record: run Sottovoce on your own machine, open this page there, and choose what may be kept.",
    takes: "Takes would list what you practised: when, how it went, and what you said. It needs a record: run Sottovoce on your own machine, open this page there, and choose what may be kept.",
  },
};

export const record = {
  away: "The server doesn't answer. Your takes are safe where they are: start it again with “make run”, or check your network, and try again.",
  failed: (/** @type {string} */ detail) => detail || "The server could not do that. Try again; if that fails, look at its log.",
  gone: "This isn't there. It may have been deleted.",
};

export const report = {
  open: "Report",
  tab: "to print, in a new tab",
  pdf: "Report as PDF",
  making: "Making the PDF. This takes a few seconds…",
};

export const keeping = {
  keepable: KEEPABLE,
  mark: (/** @type {Kept} */ kept) => (names(kept).length ? `Keeping ${listed(names(kept))}` : "Keeping nothing"),
  change: (/** @type {string} */ mark) => `${mark}. Change what is kept`,
  title: "What may be kept?",
  lead: "Takes that are kept let you look back and compare. They stay on this server, for you alone.",
  /** @type {Record<keyof Kept, { name: string, hint: string }>} */
  switches: {
    figures: { name: "Figures", hint: "Pace, pauses, pitch, nudges and scores: how you said it." },
    words: { name: "Words", hint: "What you said, where words are on, and what was noticed about it." },
    sound: { name: "Sound", hint: "The recording of your own voice, to listen to again." },
  },
  own: "Only your own side is kept, never your partner's. You can change this, or delete any take, at any time.",
  past: "Also remove it from the takes that are there",
  pastHint: (/** @type {Kept} */ off) => `Deletes the ${listed(names(off))} of earlier takes at once, for good.`,
  not: "Not now",
  cancel: "Cancel",
  yes: (/** @type {Kept} */ kept) => (names(kept).length ? `Keep ${listed(names(kept))}` : "Keep nothing"),
  changed: (/** @type {Kept} */ kept) => `From now on ${names(kept).length ? listed(names(kept)) : "nothing"} ${areOrIs(names(kept))} kept.`,
  reduced: "It is gone from earlier takes, too.",
  privacy: (/** @type {Kept} */ kept) => `At the end your ${listed(names(kept))} will be kept on this server, as you chose.`,
};

export const recording = {
  choose: "Add a recording",
  chooseHint: "A talk, a meeting or an answer that you recorded elsewhere.",
  title: "Add a recording",
  lead: (/** @type {string} */ name) => `“${name}” is measured on this server, and becomes a take with what you let be kept. The file itself isn't kept.`,
  question: "Question that you answer in it",
  questionHint: "Leave it empty where there is none.",
  words: "Hear the words",
  wordsHint: "English only. An hour takes some minutes.",
  add: "Add",
  cancel: "Cancel",
  close: "Close",
  progress: "Heard so far",
  sending: "Opening the recording…",
  heard: (/** @type {string} */ at, /** @type {string} */ length) => (length ? `Heard ${at} of ${length}.` : `Heard ${at}.`),
  who: "Two people speak in it. Which one are you? Nothing of the other one is kept.",
  speaker: (/** @type {number} */ place) => (place ? "The one on the right channel" : "The one on the left channel"),
  speaks: (/** @type {string} */ from, /** @type {string} */ long) => (from ? `Speaks first at ${from}, ${long} in all.` : "Is hardly heard."),
  alone: "Only I speak in it",
  aloneHint: "Both channels are your own voice.",
  added: "Added to your takes.",
};

export const takes = {
  title: "Takes",
  kept: (/** @type {Kept} */ kept) => (names(kept).length ? `Kept: ${listed(names(kept))}` : "Nothing of it is kept"),
  emptyKeeping: "Your takes will be listed here, newest first: what you did, one figure that matters, and what was kept of it. Practise once, and the first one appears.",
  emptyAsk: "Takes would list what you practised: when, how it went, and what you said, if you let it be kept. Nothing is kept until you choose what may be.",
  choose: "Choose what may be kept",
  practise: "Practise",
  saved: "Kept in Takes.",
  savedNoSound: "Kept in Takes. Sound is kept from your next take on.",
  open: "Open the take",
  notKept: (/** @type {string} */ why) => `Not kept. ${why}`,
  saving: "Keeping it…",
  more: "Show earlier takes",
  manage: "All takes",
  exportAll: "Download all",
  exportHint: "A zip: one JSON file a take, a table, and the sound.",
  exportReports: "Download all, with reports",
  exportReportsHint: "The same, and a page to print for each take.",
  import: "Add from a file",
  importHint: "What was downloaded here, or saved after a session.",
  imported: (/** @type {number} */ added, /** @type {number} */ present, /** @type {number} */ beside) =>
    `${counted(added, "take")} added${present ? `, ${present} already there` : ""}${beside ? `, and ${beside} of your marks, targets and notes` : ""}.`,
  forget: "Delete all",
  forgetTitle: "Delete all takes?",
  forgetLead: "Every take is deleted at once, with its words and sound, and what you chose to keep is forgotten. This can't be undone.",
  forgetYes: "Delete everything",
  forgotten: "Everything is deleted. Nothing is kept any more.",
  remove: "Delete",
  removeTitle: "Delete this take?",
  removeLead: "It is deleted at once, with its words and sound. This can't be undone.",
  removed: "Deleted. Nothing of it is left.",
  cancel: "Cancel",

  // A take

  back: "All takes",
  export: "Download",
  /** @type {Record<Take["kind"], string>} */
  kinds: {
    talk: "Practice",
    question: "Answer to a question",
    drill: "Drill",
    call: "Call with a friend",
    beside: "During a call",
    recording: "Recording",
    exercise: "Exercise",
  },
  meta: (/** @type {string[]} */ parts) => parts.filter(Boolean).join(" · "),
  edit: "Name, tags and note",
  name: "Name",
  tags: "Tags",
  tagsHint: "With commas between them.",
  question: "Question that you answered",
  note: "Note",
  save: "Save",
  changed: "Saved.",
  tagged: "Tags:",
  notTargets: "This server doesn't know what it was practised for, so no targets stand beside its measures.",
  parts: "Parts of your answer",
  part: (/** @type {Pick<FoundPart, "confidence">} */ { confidence }, /** @type {string} */ span) => `${span}${confidence < 0.6 ? ", not sure" : ""}`,
  listen: "Listen",
  listenWords: "Press a word to play from there. With the keyboard: Tab to the words, arrows to one, Enter plays and stops.",
  listenOnly: "The words of it were not kept.",
  playFrom: (/** @type {string} */ word, /** @type {string} */ at) => `Play from “${word}”, ${at}`,
  noSound: "The sound can't be played: the file is missing or broken.",
  score: "Score",

  // Two side by side

  compare: "Compare",
  compareWith: "Compare with another take",
  compareTitle: "Two takes",
  compareHint: "Small differences are usual from one take to the next.",
  compareSaid: "What you said",
  compareMeasured: "Measures",
  bothTexts: "Both texts",
  what: "What",
  measure: "Measure",
  length: "Length",
  fillers: "Fillers",
  times: (/** @type {string} */ name, /** @type {number} */ count) => `“${name}”${count > 1 ? ` ${count} times` : ""}`,
  none: "None",
  byWords: (/** @type {string} */ name) => `${name}, by words`,
  nothing: "–",
  /** The one figure of a take, by the name that the server gives it. @type {Record<string, string>} */
  figures: {
    pace_wpm: "pace",
    composure: "composure",
    fillers: "fillers",
    fillers_per_min: "fillers",
    headline_s: "headline after",
    f0_sd_st: "pitch variety",
    score: "score",
    words: "words",
  },
};
