/** Texts of shadowing: a talk that is listened to, and its figures beside those of the retelling. */

export const shadowing = {
  title: "First the talk",
  lead: "Open a recording of a talk, or share the sound of a tab in which one plays, and listen for some minutes. Its pace, pauses and pitch are measured while it plays. Nothing of it is kept.",
  open: "Open a recording",
  share: "Share a tab's sound",
  /** @param {string} time */
  listening: (time) => `The talk is heard: ${time}`,
  enough: "That's enough",
  starting: "One moment …",
  measured: "The talk is measured. Now note three techniques, then retell two minutes of it.",
  unmeasured: "Too little of the talk was heard to measure it: half a minute of speech is needed. You can retell it all the same, or listen again.",
  lost: "The server no longer hears the talk. Listen again, or retell it without its figures.",
  techniques: "What did they do well?",
  techniquesLead: "Three techniques: where they paused, what they said first, how they made a figure felt …",
  /** @param {number} number */
  technique: (number) => `Technique ${number}`,
  noted: "The techniques that you noted",
  notedInTake: "They are kept as the note of this take.",
  compared: "The talk and your retelling",
  comparedLead: "Neither is right: it shows what differs.",
  figure: "Figure",
  theirs: "The talk",
  yours: "You",
  figures: { pace: "Pace", pauses: "Pauses", longest: "Longest pause", range: "Pitch range" },
  units: { pace: "words a minute", longest: "s", range: "semitones" },
  unknown: "not heard well enough",
};
