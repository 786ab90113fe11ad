/** Texts of the programme: today, the gap table, the comparison, charts over weeks, reminders. */

/** @import { Compared } from "../protocol.js" */

/** @param {number} count @param {string} one */
const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

/** @param {string[]} list */
const listed = (list) => (list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list[list.length - 1]}`);

export const programme = {
  title: "Programme",
  back: "Programme",
  also: "More of your programme",
  ofTen: "of 10",

  // The first visit

  first: {
    title: "Practise with a plan",
    lead: "Three guided takes show where you are. From then on you get 15 minutes a day, picked for you, with the reason; after four weeks the same takes show what has changed.",
    needs: "For this the figures of your takes have to be kept. They stay on this server, for you alone.",
    button: "Begin: choose what may be kept",
  },
  figuresOff: "Figures aren't kept, so new takes don't count here.",
  keepFigures: "Change what is kept",
  wordsOff: "Words are off: most skills are told by what you say, so only a few can be measured.",
  wordsOn: "Turn on words",

  // Today

  today: "Today",
  minutes: (/** @type {number} */ minutes) => `${minutes} min`,
  about: (/** @type {string} */ day, /** @type {number} */ minutes) => (minutes ? `${day} · ${counted(minutes, "minute")}` : day),
  dayDone: "That is all for today. Well done.",
  dayEmpty: "Nothing is left for today: rest is part of training.",
  begin: "Begin",
  again: "Once more",
  of: (/** @type {string} */ does, /** @type {string} */ title) => `${does}: ${title}`,
  done: "Done",
  markDone: "Mark as done",
  skip: "Not today",
  swap: "Something else",
  undo: "Take back",
  leftOut: "Left out:",
  told: {
    done: (/** @type {string} */ title) => `Done: ${title}.`,
    skipped: (/** @type {string} */ title) => `Left out today: ${title}.`,
    swapped: (/** @type {string} */ title) => `There is something else in place of: ${title}.`,
  },
  undone: (/** @type {string} */ title) => `Back in your plan: ${title}.`,
  /** @type {Record<string, string>} */
  kinds: { baseline: "Guided take", validation: "Guided take, again", exercise: "Exercise" },
  drill: (/** @type {string} */ level) => (level ? `a drill, ${level}` : "a drill"),
  why: "Why:",
  week: "This week's longer practice",
  weekLead: "On a day of your choice.",
  tomorrow: (/** @type {string[]} */ titles) => (titles.length ? `Tomorrow: ${listed(titles)}.` : "Nothing is due tomorrow."),
  feedbackLink: "Feedback from people",
  todayLink: "Today's plan",
  /** On the first screen: where there is a plan, and where there could be one. */
  links: { today: "Today's plan", first: "New here? Begin with a plan" },

  // Where you are

  where: "Where you are",
  whereLead: "Figures are from 0 to 10. What comes first is at the top; press a figure for what it rests on.",
  whereNone: "Here each skill will stand with its baseline, where you are now, and what would close the gap. Your guided takes fill it.",
  skill: "Skill",
  baseline: "Baseline",
  now: "Now",
  target: "Target",
  closes: "What closes it",
  priority: (/** @type {number} */ place) => (place === 1 ? "Comes first" : `No. ${place}`),
  reached: "Reached",
  own: "your own",
  none: "–",
  noneSaid: "not known",
  notYet: (/** @type {number} */ count) => `${counted(count, "skill")} that can't be told yet`,
  opens: (/** @type {string} */ title, /** @type {string} */ name, /** @type {string} */ value) => `${title}, ${name.toLowerCase()} ${value}: what it rests on`,
  opensTarget: (/** @type {string} */ title, /** @type {number} */ target, /** @type {string} */ grade) => `${title}, target ${target}, grade ${grade}: change it`,
  grades: {
    title: "What the letters beside targets mean",
    /** @type {Record<string, string>} */
    said: {
      E: "an experiment or a measurement supports it",
      P: "practice and advice: nobody has shown that it is right",
      V: "a vendor's figure",
    },
  },

  // One skill

  nowTitle: (/** @type {string} */ figure) => `Now: ${figure} of 10`,
  baselineTitle: (/** @type {string} */ figure) => `Baseline: ${figure} of 10`,
  rests: (/** @type {number} */ takes) => `The mean of ${counted(takes, "take")}. What costs most comes first.`,
  part: "Part",
  value: "Measured",
  score: "Score",
  costs: "Costs",
  points: (/** @type {number} */ points) => (points < 0.05 ? "nothing" : points.toFixed(1)),
  takesTitle: "Takes that it comes from",
  takeNumber: (/** @type {number} */ number) => `Take ${number}`,
  spread: (/** @type {number} */ sd, /** @type {number} */ repeats) => `Your takes vary by about ${sd.toFixed(1)} points from day to day (from ${counted(repeats, "repeat")}).`,
  spreadNone: (/** @type {number} */ repeats) => `How much your takes vary isn't known yet: ${counted(repeats, "repeat")} on different days so far, of 4.`,
  targetTitle: "Target",
  targetLabel: "Figure to reach, 0 to 10",
  targetSave: "Set",
  targetReset: "Back to the programme's",
  targetOwn: "This is your own.",
  targetGraded: (/** @type {string} */ grade) => `This is the programme's (${grade}). Set your own, if you like.`,
  targetSet: (/** @type {number} */ target) => `Your target is ${target} now.`,
  targetGone: "The programme's target holds again.",
  targetWrong: "Give a figure from 0 to 10.",
  howCounted: "How a figure is made: each part scores from 0 to 1 against its target and counts by its weight. A part that isn't known leaves its weight to the others.",

  // Charts

  progress: "Progress",
  progressLink: "Progress over weeks",
  progressLead: "A dot is a take. Small ups and downs are usual: look at where most dots lie.",
  skills: "Skills",
  measures: "Measures",
  noPoints: "No take tells it yet.",
  untold: (/** @type {string[]} */ titles) => `Not told by any take yet: ${listed(titles)}.`,
  last: (/** @type {string} */ figure) => `last ${figure}`,
  chart: (/** @type {string} */ title, /** @type {number} */ takes, /** @type {string} */ last) => `Chart of ${title}: ${counted(takes, "take")}, the last ${last}. Its table has all of them.`,
  legend: { take: "a take", target: "target", baseline: "baseline", spread: "usual spread" },
  table: "As a table",
  figure: "Figure",
  openTake: "Take",
  allCharts: "All charts",
  bigger: (/** @type {string} */ title) => `${title}: larger, with its table`,

  // Before and after

  validation: "Before and after",
  validationLink: "Before and after",
  storiesLink: "Signature stories",
  notesLink: "After the real thing",
  interviewsLink: "Kinds of interview",
  validationMissing: (/** @type {string[]} */ titles) => `Not made both times yet: ${titles.join("; ")}.`,
  validationLead: (/** @type {number} */ confidence) => `The same guided takes, at the beginning and now. All intervals together hold for ${Math.round(100 * confidence)} of 100 people who didn't change.`,
  before: "Before",
  after: "After",
  difference: "Difference",
  interval: "Interval",
  between: (/** @type {string} */ low, /** @type {string} */ high) => `${low} to ${high}`,
  /** @type {Record<Compared["outcome"], string>} */
  outcomes: { improved: "Improved", worse: "Worse", "no more than your spread": "No more than your spread", "not told": "Can't be told" },
  pairs: "In words, and the takes that are compared",

  // Reminders

  reminders: "Reminders",
  remindersLead: "Add the practice to your calendar, or be reminded on this page.",
  at: "Time of day",
  calendar: "Download for your calendar",
  remind: "Remind me on this page",
  remindHint: "At that time, while this page is open and you aren't speaking.",
  remindQuiet: "Your browser doesn't let this page notify you, so the reminder is shown on the page alone.",
  reminder: "Time to practise: today's 15 minutes.",
};
