/** Texts of interviews with a voice: the choice, the interview as it goes, and what came of it. */

export const interview = {
  status: "Interview",
  offer: "Interview asks you questions; Start listens to what you bring.",
  title: "Choose an interview",
  lead: "An interviewer asks, waits until you are done, and follows up on what you said.",
  style: "Style",
  mixed: "Mixed",
  length: "Length",
  questions: (/** @type {number} */ count) => (count === 1 ? "1 question" : `${count} questions`),
  minutes: (/** @type {number} */ count) => `${count} minutes`,
  level: "How demanding",
  patience: "Patience",
  /** @type {Record<"short" | "normal" | "long", string>} */
  patiences: { short: "Short", normal: "Normal", long: "Long" },
  stories: "Questions for my stories first",
  storiesHint: (/** @type {number} */ count) => (count === 1 ? "Your stories answer 1 question." : `Your stories answer ${count} questions.`),
  will: "What happens",
  steps: [
    "You hear a question; it is on the page, too.",
    "Take the time you need: a pause alone ends no answer.",
    "No result, a figure on its own, a term, only “we”: the interviewer asks about it.",
    "Hard follows up twice on an answer. Long patience is for who thinks or speaks slowly.",
    "Stop, or Esc, ends it at any moment.",
  ],
  needsWords: "Follow-ups need Words. Without them you get one question after the other.",
  wordsOn: "Words are on: the interviewer follows up on what you say.",
  asks: "The interviewer asks",
  begins: "The interviewer begins in a moment.",
  another: "Another interview",
  broken: "The interview was interrupted",
  answered: (/** @type {number} */ answers, /** @type {number} */ followUps) =>
    `${answers === 1 ? "1 question" : `${answers} questions`}, ${followUps === 1 ? "1 follow-up" : `${followUps} follow-ups`}`,
  followedUp: (/** @type {string} */ line) => `Then asked: “${line}”`,
  nothing: "Nothing was asked yet.",
};
