/** Texts of feedback: asking people, what they say together, and the three columns. */

/** @import { Rated, RoundView } from "../protocol.js" */

/** @param {number} count @param {string} one */
const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

/** @param {string} at */
const day = (at) => new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** Answers, and ratings of one thing, from which on anything of them is shown. */
const LEAST = 3;

export const feedback = {
  title: "Feedback from people",
  back: "Programme",
  lead: "Measures don't tell how you come across. Ask two to five people who know you; you see what they say together, from three answers on.",

  // Asking

  ask: "Ask people",
  asker: "Your name, as they know you",
  people: "How many people",
  peopleHint: "Answers are shown from three on: with two they never are, with five one may forget.",
  days: "Links work for",
  dayChoices: [7, 14, 30, 60].map((days) => [String(days), counted(days, "day")]),
  address: "Where they reach this server",
  addressHint: "The links begin with it.",
  onlyHere: "With this address the links work on this machine only. For people in your network end the server and start it with “sottovoce share”; for others let a proxy pass the form alone (docs/serving.md, “Feedback”), or ask by mail.",
  noAddress: "An address looks like https://coach.example.com/ or http://192.168.1.20:8765/.",
  make: "Make links",
  byMail: "Ask by mail instead",
  made: "Your links",
  madeLead: "Send each person one. They are shown only now: copy them before you leave this page. Each takes one answer.",
  oneLink: (/** @type {number} */ number, /** @type {number} */ of) => `Link ${number} of ${of}`,
  copy: "Copy",
  copyOne: (/** @type {number} */ number) => `Copy link ${number}`,
  copied: "Copied.",
  notCopied: "Your browser didn't let it be copied: select it, and copy it by hand.",
  mail: "Your text to send",
  mailLead: "Send it by mail, and add each reply below. Such an answer isn't anonymous, and the text says so.",
  mailText: "Text to send",
  copyText: "Copy the text",

  // Rounds

  rounds: "Asked so far",
  nobody: "Nobody was asked yet.",
  asked: (/** @type {RoundView} */ round) => (round.by === "mail" ? `By mail, ${day(round.made_at)}` : `By links, ${day(round.made_at)}`),
  count: (/** @type {RoundView} */ { by, asked, answered }) => (by === "mail" ? `${counted(answered, "reply").replace("replys", "replies")} added. Not anonymous.` : `${answered} of ${asked} answered.`),
  /** What comes next in a round that shows nothing. */
  next: (/** @type {RoundView} */ { by, state, can_show: enough, expires_at: until }) => {
    if (by === "mail") return "";
    if (state === "over") return `There were fewer than ${LEAST} answers, so none is shown.`;
    if (enough) return "Enough have answered: wait for the others, or see it now. The links that are left stop working then.";
    if (state === "expired") return `The links have expired. Answers are shown from ${LEAST} on: give them more time, or ask again.`;
    return `Answers are shown together, from ${LEAST} on, when all have answered, or after ${day(until)}.`;
  },
  show: "See it now",
  close: "End it",
  extend: "14 more days",
  remove: "Delete",
  of: (/** @type {string} */ does, /** @type {string} */ round) => `${does}: ${round}`,
  cancel: "Cancel",
  sureShow: { title: "See the answers now?", lead: "The links that weren't used stop working. No answer comes after that: one that did would be what changed." },
  sureClose: { title: "End it without answers?", lead: `There are fewer than ${LEAST}, so they will be deleted, and nobody will have read them.` },
  sureRemove: { title: "Delete it?", lead: "The answers and the links are gone at once, for good." },
  extended: "The links work for 14 more days.",
  removed: "Deleted, with all its answers.",
  added: (/** @type {number} */ count) => `Added: ${counted(count, "reply").replace("replys", "replies")} so far.`,
  said: (/** @type {string} */ round) => `What they say together: ${round}`,
  what: "Asked",
  rated: (/** @type {Rated} */ { mean, low, high, count }) =>
    mean !== null ? `${mean.toFixed(1)} (${low} to ${high})` : count ? `${count} of ${LEAST} needed` : "nobody said",
  rating: "Mean and range",
  stop: "Stop",
  start: "Start",
  wording: "How something is worded may give somebody away. Who wrote what isn't kept.",
  reply: "A reply by mail",
  replyHint: "Paste all of it, with the questions.",
  addReply: "Add the reply",

  // Columns

  columns: "You, others, your takes",
  columnsLead: "Rate yourself before you read what others say. The three are never mixed: ratings go from 1 to 10, the figure of your takes from 0 to 10.",
  you: "You",
  others: "Others",
  takes: "Your takes",
  notRated: "not rated",
  none: "–",
  noneSaid: "not known",
  baseline: "at the baseline",
  yours: (/** @type {string} */ title) => `Your rating: ${title}`,
  clear: "Clear",
  clearOne: (/** @type {string} */ title) => `Clear your rating: ${title}`,
  differ: "Where they disagree",
  agree: "Nothing is two points apart, as far as it is known.",
  differLead: "A difference is a question, not an error: ask somebody what they saw.",
};
