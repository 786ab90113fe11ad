/** Texts of signature stories, of notes after the real thing, and of kinds of interview. */

/** @import { Missing, Note, Recurring, StoryTake } from "../protocol.js" */

/** @param {number} count @param {string} one */
const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

export const stories = {
  title: "Signature stories",
  lead: "Two or three stories that you can tell well answer most questions. Each shows one skill.",
  none: "You have no story yet. Think of something that you did, and that changed something.",
  back: "Signature stories",
  programme: "Programme",
  shows: (/** @type {string} */ skill, /** @type {string} */ framework, /** @type {number} */ takes) =>
    [skill, `built as ${framework}`, takes ? counted(takes, "take") : "not told yet"].join(" · "),
  tell: "Tell it",
  tellNamed: (/** @type {string} */ title) => `Tell it: ${title}`,
  tellAs: "Tell it as an answer to",
  tellAlone: "No question: just the story",
  telling: (/** @type {string} */ title) => `Tell your story: ${title}`,
  add: "Add a story",
  change: "Change this story",
  name: "Title",
  nameHint: "What you call it: “The night jobs”.",
  skill: "Skill that it shows",
  framework: "How it is built",
  frameworkHint: (/** @type {string[]} */ parts) => `${parts.join(", ")}.`,
  outline: "What to remember of it",
  outlineHint: "A few words, not a script.",
  answers: "Questions that it answers",
  answersCount: (/** @type {number} */ count) => `${counted(count, "question")} chosen`,
  save: "Save",
  added: "Added. Now tell it once.",
  changed: "Saved.",
  untitled: "Give the story a title.",
  remove: "Delete",
  removeTitle: "Delete this story?",
  removeLead: "What you wrote of it is deleted at once. Its takes stay.",
  removed: "Deleted. Its takes are still there.",
  cancel: "Cancel",

  // What is missing

  missingTitle: "What is missing",
  complete: "Nothing is missing in the best and the newest take.",
  newest: "In the newest take",
  best: "In the best take",
  both: "In the best and the newest take",
  /** @param {Missing} missing */
  where: ({ in_best: inBest, in_newest: inNewest }) => (inBest && inNewest ? stories.both : inBest ? stories.best : stories.newest),
  /** What isn't a part of an answer. @type {Record<string, string>} */
  lacks: { order: "Parts in order", figure: "A figure", longer: "More length", shorter: "Less length" },
  missing: (/** @type {string[]} */ names) => `Missing: ${names.map((name, i) => (i ? name[0].toLowerCase() + name.slice(1) : name)).join(", ")}`,
  target: "A story takes one to three minutes (practice and advice, not measured).",

  // Its takes

  takesTitle: "Its takes",
  bestMark: "Best",
  bestOwn: "Best, as you say",
  takes: (/** @type {StoryTake} */ { length_s: length, skill }, /** @type {string} */ name, /** @type {string} */ clock) =>
    [clock, length > 0 && skill !== null ? `${name} ${skill.toFixed(1)}` : ""].filter(Boolean).join(" · "),
  found: "found",
  notFound: "not found",
  unknown: "not known",
  compareBest: "Compare with the best",
  callBest: "Call it the best",
  letBest: "Let Sottovoce choose the best",
  unlink: "Not this story",
  linkTitle: "Add a take that tells it",
  link: "Add",
  linked: "The take belongs to this story now.",
  unlinked: "The take belongs to no story now.",

  // The questions

  questionsTitle: "Questions that no story answers",
  questionsLead: (/** @type {number} */ open, /** @type {number} */ all) => `${open} of ${all}. To choose what a story answers, open it and change it.`,
  allAnswered: "A story answers each of the questions.",
  practise: "Answer it",
  practiseNamed: (/** @type {string} */ question) => `Answer it: ${question}`,
  of: "Tells the story",
  noStory: "No story",
  inTake: "Story that it tells",
};

export const notes = {
  title: "After the real thing",
  lead: "Two minutes after a call or an interview, while it is fresh. What you write stays in your record.",
  none: "No notes yet.",
  back: "After the real thing",
  write: "Write a note",
  change: "Change this note",
  when: "When",
  occasion: "What it was",
  /** @type {Record<Note["occasion"], string>} */
  occasions: { interview: "Interview", screen: "Automated screen", call: "Call or meeting", talk: "Talk", mock: "Mock interview" },
  kind: "Kind of interview",
  noKind: "None of these",
  name: "With whom, or what for",
  went: "How it went",
  /** @type {Record<Note["went"], string>} */
  how: { well: "Well", mixed: "Mixed", badly: "Badly" },
  wentHow: (/** @type {Note["went"]} */ went) => `Went ${went === "mixed" ? "so-so" : went}`,
  well: "What went well",
  badly: "What didn't",
  questions: "Questions that came",
  questionsHint: "One in each line.",
  stories: "Stories that you told",
  next: "One thing for next time",
  nextOf: (/** @type {string} */ said) => `Next time: ${said}`,
  take: "Its take, if Sottovoce listened",
  noTake: "None",
  save: "Save",
  saved: "Saved.",
  remove: "Delete",
  removeTitle: "Delete this note?",
  removeLead: "It is deleted at once. Its take stays.",
  removed: "Deleted.",
  cancel: "Cancel",
  openTake: "Open its take",

  // The look back

  look: "Looking back",
  lookLead: "What was far from its target in this take, and how often it was so before. It says what recurs, not why it went badly.",
  noLook: "No take is tied to this note, so there is nothing to look back at. If Sottovoce listened, choose the take below.",
  measured: (/** @type {Recurring} */ { value, target }) => (value ? `${value}, target ${target}` : ""),
  before: "Takes before:",
  try: (/** @type {string} */ what) => `Try: ${what}`,
  month: "Read your notes once a month, and make the guided takes again once a quarter: the reminders of the programme have both.",
};

export const interviews = {
  title: "Kinds of interview",
  lead: "What your takes show for each kind. It is never a verdict on you, and no interviewer sees it.",
  back: "Kinds of interview",
  skillsTitle: "Its skills",
  skill: "Skill",
  now: "Now",
  target: "Target",
  closes: "What closes the gap",
  baseline: "baseline",
  reached: "Reached: keep it.",
  none: "–",
  questionsTitle: "Its questions",
  answered: (/** @type {number} */ takes, /** @type {string[]} */ titles) =>
    [takes ? `${counted(takes, "take")}` : "", titles.length ? `story: ${titles.join(", ")}` : ""].filter(Boolean).join(" · ") || "not practised yet",
  practise: "Answer it",
  practiseNamed: (/** @type {string} */ question) => `Answer it: ${question}`,
  drillsTitle: "Its drills",
  drill: "Start the drill",
  drillNamed: (/** @type {string} */ drill) => `Start the drill ${drill}`,
  runs: (/** @type {number} */ count, /** @type {number | null} */ composure) =>
    [count ? counted(count, "run") : "not run yet", composure === null ? "" : `composure ${composure.toFixed(1)}`].filter(Boolean).join(" · "),
  nextTitle: "From your notes, for next time",
  notes: "Write a note afterwards",
};
