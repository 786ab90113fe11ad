/** Texts of calls: of two who practise, of one who observes them, and of one who is coached during another call. */

import { capital } from "../ui/format.js";

/** @import { Person, Room } from "../protocol.js" */

export const call = {
  title: "Practise with a friend",
  lead: "You get a link. Whoever opens it talks with you, and each of you is coached in private.",
  free: "Talk freely",
  interviewer: "I interview",
  candidate: "I am interviewed",
  /** @type {Record<Person["role"], string>} */
  roles: { partner: "your partner", interviewer: "the interviewer", candidate: "the candidate" },
  consent: "Before we turn on your microphone",
  here: (/** @type {string | null} */ role) => (role ? `In the call: you and ${role}.` : "In the call: only you so far."),
  facts: (/** @type {boolean} */ candidate) => [
    "Your voice goes directly to your partner's browser.",
    "Our server hears you too, to coach you, and only you. It keeps no sound.",
    "With words on, your own words are recognised there for you, and for you only: your partner never sees them.",
    ...(candidate ? ["The interviewer may play noises or voices to you as practice. A button stops them, and so does Esc."] : []),
    "At the end you may share your measures with your partner, save them, or delete them.",
  ],
  analysed: "Coach me in this call",
  agree: "Agree and join",
  waiting: { host: "Send them the link", guest: "Waiting for your partner" },
  waitingLead: "The call begins when both of you are here and have agreed.",
  link: "Link for your partner",
  thisMachineOnly:
    "This link opens on this computer only. For someone in your network, or your phone, end the server and start it with “sottovoce share”, then make a new link. For someone further away see docs/rooms.md, “From anywhere”.",
  code: "QR code of the link",
  noCode: "The QR code did not come. The link works all the same.",
  certificate: "Their browser warns of this page?",
  certificateWarning:
    "It doesn't know who made the certificate: this computer did, for your network. They press Advanced, then Proceed (Chrome, Edge) or Accept the Risk and Continue (Firefox), or Show Details, then visit this website (Safari). An iPhone or iPad, and Safari, can join only with the authority installed.",
  certificateCheck: "Whoever wants to be sure compares the certificate's SHA-256:",
  authority: "To be rid of the warning on a device, open this there and install it (docs/rooms.md, “On the same network”):",
  authorityCheck: "Its SHA-256:",
  copy: "Copy the link",
  copied: "The link is copied.",
  notAnalysed: "You are not being coached. You can keep talking.",
  leaveAnalysis: "Stop coaching me",
  joinAnalysis: "Coach me again",
  /** @type {Record<string, (role: string) => string>} */
  peer: {
    none: (role) => `Waiting for ${role}.`,
    connecting: (role) => `Calling ${role}…`,
    connected: (role) => `You are talking with ${role}.`,
    broken: (role) => `We can't connect you with ${role}: a firewall may be in the way. We keep trying.`,
    unusable: (role) => `The browser of ${role} sent something that yours can't use to connect. We keep trying; another browser may help.`,
  },
  away: (/** @type {string} */ role, /** @type {number} */ seconds) => `Connection to ${role} lost. Their seat is kept for ${seconds} s.`,
  otherAnalysed: (/** @type {string} */ role, /** @type {boolean} */ on) =>
    on ? `${capital(role)} gets private coaching too; you can't see it.` : `${capital(role)} is not being coached.`,
  askLabel: "Question for the candidate",
  ask: "Show it",
  triggerLabel: "Play a distraction (only they hear it)",
  trigger: "Play",
  speaker: "Who speaks",
  voices: "A voice",
  noises: "A noise",
  /** @type {Record<string, string>} */
  steps: { barge_in: "cuts in", challenge: "challenges them", impatience: "is impatient", talk_over: "keeps talking", backchannel: "says “mm-hm”" },
  /** @type {Record<string, string>} */
  people: { teammate: "A teammate", client: "A client", executive: "An executive", colleague: "A colleague", policymaker: "A policymaker", interviewer: "Another interviewer" },
  says: (/** @type {string} */ line) => `Played to them: “${line}”`,
  plays: (/** @type {string} */ sound) => `Played to them: ${sound.toLowerCase()}.`,
  observe: "Ask to observe silently",
  asking: "Waiting for their yes",
  askingLead: "You hear them as soon as both have agreed. They see that you are there.",
  observing: "You are observing silently",
  observingLead: "They see that you listen. They don't hear you, and you see none of their measures.",
  reached: ["Connecting to them…", "You hear one of them.", "You hear both."],
  turnOnSound: "Turn on sound",
  observer: "Observer",
  asks: "Someone asks to observe silently.",
  agreed: "You agreed. They can listen once your partner agrees, too.",
  observes: (/** @type {boolean} */ here) => (here ? "Someone is observing silently." : "An observer is away."),
  admit: "Let them",
  refuse: "No",
  dismiss: "Stop their listening",
  handled: "How they handled your distractions",
  silence: "Stop the sound",
  left: (/** @type {string} */ role) => `${capital(role)} left. You can wait for them here, or press End.`,
  youLeft: "You left the call. Your partner is still in it.",
  headphones: "I wear headphones",
  asked: (/** @type {string} */ question) => `Shown to the candidate: ${question}`,
  question: "The interviewer asks",
  /** @type {Record<string, string>} */
  sounds: { desk_tapping: "Tapping on the desk", keyboard: "Typing", phone_ring: "A ringing phone", door_knock: "A knock on the door", notification: "A notification", chair: "A chair", murmur: "Voices next door" },
  /**
   * Why a call is over; `mine` is whether it was this person's doing.
   *
   * @type {Record<NonNullable<Room["over"]>, (mine: boolean) => string>}
   */
  over: {
    left: (mine) => (mine ? "You ended the call." : "Your partner ended the call."),
    host_left: (mine) => (mine ? "You ended the call." : "Your partner ended the call."),
    lost: (mine) => (mine ? "Your connection was away for too long, so the call is over." : "Your partner lost the connection and did not return, so the call is over."),
    expired: () => "Nobody came, and the link is too old now.",
    shutdown: () => "The server was stopped, and the call with it.",
    failed: () => "Something went wrong on the server, so the call is over. Make another link.",
  },
  share: "Share my measures with my partner",
  unshare: "Don't share",
  shares: "You share your measures with your partner.",
  theirs: "Their measures",
  they: "They",
  feedback: "Your feedback for the candidate",
  feedbackLead: "They are told that it waits, and see it once you both share your measures.",
  feedbackGiven: "From the interviewer",
  spoke: (/** @type {string} */ time) => `The candidate spoke for ${time}.`,
  /** @type {Record<string, string>} */
  skills: { pace: "Pace", clarity: "Clarity", listening: "Listening", presence: "Presence", answers: "Answers" },
  unrated: "–",
  notes: { start: "Start", stop: "Stop", go_on: "Continue" },
  give: "Send",
  given: "Saved. They'll see it once you both share.",
  feedbackWaits: (/** @type {boolean} */ shares) =>
    shares ? "The interviewer has feedback for you. You'll see it once they share their measures, too." : "The interviewer has feedback for you. You'll see it once you both share your measures.",
  questions: "Questions you showed",
  questionsGiven: "Questions they showed",
  unmeasured: "You were not coached in this call, so there are no measures.",
};

export const leaving = {
  title: "Leave the call?",
  lead: "Your partner is told that you left. They can wait for you to come back, or end the call.",
  leave: "Leave",
  both: "End it for both",
  stay: "Stay",
};

export const coaching = {
  title: "Coach me during a call",
  lead: "Your call runs in another tab or program. We hear your microphone, and the other side as your browser lets us.",
  steps: [
    "Press the button: your browser asks which tab or screen it may share.",
    "Choose the one with the call, and switch “Also share audio” on.",
    "Go back to your call. The floating window shows what would help.",
  ],
  told: "The picture is dropped at once. The sound is analysed in memory, not stored. Tell the other side that you do this.",
  cannot: "This browser can't share a tab's sound; Chrome and Edge can. With your microphone alone we can't know who interrupts whom, or who talks how much.",
  share: "Share the call's sound",
  alone: "Microphone alone",
};
