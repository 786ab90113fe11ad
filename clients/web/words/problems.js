/** What went wrong, and what to do: a title and a sentence for each problem. */

/** @typedef {(detail: string, seconds: number) => string} Sentence */

/** @type {Record<string, { title: string, text: string | Sentence }>} */
export const problems = {
  refused: {
    title: "Your browser refused the microphone",
    text: "Click the lock beside the address, allow it, and press Start.",
  },
  none: {
    title: "No microphone found",
    text: "Plug one in or switch it on, then press Start. We look again as soon as one appears.",
  },
  busy: {
    title: "The microphone is in use",
    text: "Another program holds it. Close that program or choose another microphone, and press Start.",
  },
  gone: {
    title: "That microphone is not connected",
    text: "Plug it in again, or choose another in Settings, and press Start.",
  },
  unplayable: {
    title: "This recording can't be played",
    text: "Your browser doesn't know its format. Take an MP3, M4A, WAV or WebM file.",
  },
  silent_tab: {
    title: "That tab was shared without its sound",
    text: "Share it again, and tick “Also share tab audio”.",
  },
  insecure: {
    title: "This address is not secure",
    text: "Browsers give the microphone only to https pages and to this computer. Open the address with https, or on the server's own machine as http://127.0.0.1.",
  },
  browser: {
    title: "This browser can't do calls",
    text: "It has no WebRTC. A current Firefox, Chrome, Edge or Safari has it.",
  },
  full: {
    title: "The server is busy",
    text: (_, seconds) => (seconds > 0 ? `There may be room in ${seconds}\u00A0s. Your microphone is off until you press the button.` : "There may be room now. Your microphone is off until you press the button."),
  },
  crowded: {
    title: "Too many calls from your network",
    text: (_, seconds) => `Others who share your network's address may have begun them. ${seconds > 0 ? `Try again in ${seconds}\u00A0s.` : "You can try again now."}`,
  },
  away: {
    title: "The server doesn't answer",
    text: "It may have been stopped, or you are offline. Start it with “make run”, or check your network, and try again.",
  },
  answer: {
    title: "The server could not take the call",
    text: (detail) => detail || "It gave no reason. Try again; if that fails, look at its log.",
  },
  firewall: {
    title: "The sound can't get through",
    text: "The server answered, but the call's own connection did not open. A firewall or VPN may block UDP: try another network, or ask for a TURN server to be set.",
  },
  drill: {
    title: "The drill could not begin",
    text: (detail) => detail || "Try again, or choose another one.",
  },
  mute: {
    title: "No response from the server",
    text: "The connection is open, but the server sends nothing. Try again; if that fails, restart the server.",
  },
  roomFull: {
    title: "This call is full",
    text: "Two people are in it already. If both agree, you may observe it silently. Or make a call of your own and send its link.",
  },
  roomOver: {
    title: "The call has ended",
    text: (detail) => detail || "Ask for another link.",
  },
  roomUnknown: {
    title: "There is no such call",
    text: "The link may be cut off, or the call ended long ago. Ask for another one.",
  },
  socketRefused: {
    title: "Your browser refuses the connection",
    text: (detail) =>
      detail
        ? `Safari, and every browser on an iPhone or iPad, shows this page but connects it only once you trust the server's authority. Open ${detail}, install it and switch it on (docs/rooms.md), and ask for another link.`
        : "It shows this page, but connects it to nothing: a proxy or the certificate is in the way. Whoever runs the server can find out.",
  },
  roomDismissed: {
    title: "You've stopped listening",
    text: "One of the two asked you to leave. Their call may go on.",
  },
  roomElsewhere: {
    title: "Your seat is on another page",
    text: "You opened this call in another tab. Continue there.",
  },
  shutdown: {
    title: "The server was stopped",
    text: "Start it again with “make run” and begin a new session.",
  },
  elsewhere: {
    title: "Your session continues in another tab",
    text: "Continue there, or begin a new session here.",
  },
  record: {
    title: "Your takes can't be changed now",
    text: (detail) => detail || "Try again.",
  },
  expired: {
    title: "The session has closed",
    text: "The connection was away for too long. Begin a new one: it takes a moment.",
  },
  unplugged: {
    title: "Your microphone was disconnected",
    text: "Plug it in again or choose another. What you were told so far is kept.",
  },
  unexpected: {
    title: "Something went wrong in the page",
    text: (detail) => `Reload it to begin again. (${detail})`,
  },
};
