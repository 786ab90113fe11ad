/** Texts of exercises in which the pitch of an end is drawn. */

/** @import { PitchCurve } from "../protocol.js" */

/** @param {number} st */
const semitones = (st) => `${Math.abs(st).toFixed(1).replace(/\.0$/, "")} ${Math.abs(st) === 1 ? "semitone" : "semitones"}`;

/** From here on an end has landed, and from here on it has done so fully. */
const LANDED_ST = 1.5;
const FULLY_ST = 3;

/** @type {Record<PitchCurve["why"], string>} */
const WHY = {
  "": "",
  too_little: "Too little was heard of you. Say it a little louder, or come nearer.",
  creak: "Your end was creaky, so its fall can't be measured. Breathe in before you begin; it isn't held against you.",
  soft_end: "Your end was too soft to hear. Keep some air for the last word; it isn't held against you.",
  lost: "Some sound was lost on the way. It isn't held against you.",
};

export const pitch = {
  title: "Pitch, in semitones about each one's own middle.",
  /** @type {Record<"own" | "packaged", string>} */
  voice: { own: "You, thick line", packaged: "The voice, dashes" },
  usual: "Each one's own middle",
  end: "The ring marks the end",
  /** @type {(voice: "own" | "packaged", fall: number | null) => string} */
  told: (voice, fall) => {
    const who = voice === "own" ? "Your end" : "The voice's end";
    if (fall === null) return `${who} couldn't be measured.`;
    return fall >= 0 ? `${who} falls ${semitones(fall)}.` : `${who} rises ${semitones(fall)}.`;
  },
  waiting: "Say it: your curve comes here.",
  /** @param {PitchCurve} curve */
  verdict: ({ fall_st: fall, why }) => {
    if (fall === null) return WHY[why] || WHY.too_little;
    if (fall >= FULLY_ST) return `Your end fell ${semitones(fall)}: it landed.`;
    if (fall >= LANDED_ST) return `Your end fell ${semitones(fall)}: it landed. Let it go a little deeper.`;
    if (fall >= 0) return `Your end fell ${semitones(fall)}: it stayed level. Begin the last stressed word higher, then let it drop.`;
    return `Your end rose ${semitones(fall)}, as a question does. Say it as if you put something down.`;
  },
  preparing: "The voice is getting ready …",
  read: "Read it instead",
  unheard: "The voice can't be heard now. Read what it would say:",
};
