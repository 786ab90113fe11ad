/** Every text of the page. Nudges, their reasons and findings come from the server as they are. */

export const words = {
  name: "Sottovoce",

  status: {
    opening: "Opening…",
    ready: "Not listening",
    connecting: "Connecting",
    listening: "Listening",
    nudge: "Listening",
    why: "Listening",
    unplugged: "No microphone",
    lost: "Reconnecting",
    finishing: "Finishing",
    finished: "Finished",
    trouble: "Not listening",
  },

  ready: {
    title: "Ready when you are",
    lines: [
      "Speak as you would in the real call.",
      "When a word or two would help, they appear here.",
    ],
    microphone: "Microphone",
    unnamed: "Asked for when you start",
    anyMicrophone: "Default microphone",
    tryIt: "Try it",
    level: "Microphone level",
    heard: "We hear you.",
    notYet: "Say a few words: the bar moves.",
    silent: "We hear nothing: is it muted?",
    profile: (name) => `For: ${name}`,
    change: "Change",
  },

  connecting: {
    title: "Connecting…",
    microphone: "Your browser is asking whether we may use the microphone. Choose Allow.",
    server: "Waiting for the server to answer.",
    network: "Looking for a way through your network.",
    engine: "Waiting for the engine to begin.",
  },

  listening: { alive: "Listening. It stays quiet while all is well." },

  lost: {
    title: "Reconnecting, your session is safe",
    countdown: (seconds) => `Kept for ${seconds} s more`,
  },

  finishing: { title: "Putting it together…" },

  actions: {
    start: "Start",
    cancel: "Cancel",
    end: "End",
    why: "Why?",
    close: "Close",
    tryNow: "Try now",
    tryAgain: "Try again",
    again: "Practise again",
    save: "Save",
    remove: "Delete",
    back: "Back",
    settings: "Settings",
    float: "Floating window",
    unfloat: "Close floating window",
    chooseMicrophone: "Choose microphone",
  },

  why: {
    whyLast: (text) => `Why “${text}”?`,
    measured: "Measured",
    limit: "Limit",
    span: "Heard from",
    sure: "Sure",
    delay: "Told after",
    spent: (parts) => (parts.length ? `Of that: ${parts.join(", ")}` : ""),
    stages: {
      held_ms: "waiting for its moment",
      reorder_ms: "putting sound in order",
      decode_ms: "decoding",
      ears_ms: "hearing",
      policy_ms: "deciding",
      server_ms: "all else",
    },
  },

  instruments: {
    title: "Instruments",
    pace: "Pace",
    pause: "Talk and pause",
    pitch: "Pitch range",
    unknown: "not enough heard yet",
    slow: "Unhurried",
    easy: "Comfortable",
    fast: "Quick",
    flat: "Flat",
    even: "Even",
    lively: "Lively",
    wpm: (value) => `${Math.round(value)} words/min`,
    talking: (time) => `Talking ${time}`,
    silent: (seconds) => `Silent ${seconds.toFixed(1)} s`,
    waiting: "Waiting for you",
    of: (time) => `check-in ${time}`,
    semitones: (value) => `${value.toFixed(1)} semitones`,
  },

  trace: {
    title: "Your pitch, last 15 seconds",
    picture: "Line drawing of your pitch over the last 15 seconds, around your usual pitch.",
    lossy: "Your pitch; hatched: sound that never arrived",
    delay: (milliseconds) => `Told ${Math.round(milliseconds)} ms after you speak`,
  },

  notices: {
    muted: "We hear nothing: is your microphone muted?",
    silent: "We hear next to nothing: is it the right microphone, and switched on?",
    clipping: "Your voice is too loud for the microphone. Move back a little, or turn its level down.",
    bad_samples: "The microphone sends broken sound. Unplug it and plug it in again, or choose another.",
    reopen: "That microphone could not be opened. The one before goes on.",
    overloaded: "The server is busy, so nudges may come late.",
    restarted: "The engine restarted. Measures begin anew; what you were told is kept.",
    moved: "The engine moved. Measures begin anew; those so far are kept.",
  },

  problems: {
    refused: {
      title: "Your browser refused the microphone",
      text: "Click the lock beside the address, allow it, and press Start.",
    },
    none: {
      title: "We find no microphone",
      text: "Plug one in or switch it on, then press Start. We look again as soon as one appears.",
    },
    busy: {
      title: "The microphone is in use",
      text: "Another program holds it. Close that program or choose another microphone, and press Start.",
    },
    gone: {
      title: "That microphone is not here",
      text: "Plug it in again, or choose another in Settings, and press Start.",
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
      title: "All places are taken",
      text: (seconds) => `Somebody finishes soon. Try again in ${seconds} s.`,
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
    mute: {
      title: "The engine doesn't speak",
      text: "The call is open, but no word came from the engine. Try again; if that fails, restart the server.",
    },
    shutdown: {
      title: "The server was stopped",
      text: "Start it again with “make run” and begin a new session.",
    },
    elsewhere: {
      title: "Your session goes on elsewhere",
      text: "Another tab has taken it over. You can go on there, or begin anew here.",
    },
    expired: {
      title: "The session has closed",
      text: "The connection was away for too long. Begin a new one: it takes a moment.",
    },
    unplugged: {
      title: "Your microphone went away",
      text: "Plug it in again or choose another. Your session is safe.",
    },
    unexpected: {
      title: "Something went wrong in the page",
      text: (detail) => `Reload it to begin again. (${detail})`,
    },
  },

  settings: {
    title: "Settings",
    microphone: "Microphone",
    processing: "Sound processing",
    echoCancellation: "Echo cancellation",
    echoHint: "Keeps the other side's voice from being taken for yours.",
    noiseSuppression: "Noise suppression",
    noiseHint: "Off is better: it eats soft word endings, which then look like pauses.",
    autoGainControl: "Automatic gain",
    gainHint: "Off is better: it hides how loud you are.",
    profile: "What you practise for",
    later: "Takes effect with the next session.",
    cues: "What you want to be told",
    feel: "How you are told",
    tick: "Soft tick with each nudge",
    vibrate: "Vibration with each nudge",
  },

  summary: {
    title: "How it went",
    meta: (time, profile) => `${time} of practice, ${profile}`,
    partial: "The connection did not come back, so the measures are missing. These nudges were given.",
    lost: (seconds) => `${seconds} s of sound never arrived and are not counted.`,
    findings: "What to keep, what to work on",
    noFindings: "Too little was heard to say more. A minute of talk is enough.",
    good: "Keep",
    work: "Work on",
    measures: "Measures",
    measure: "Measure",
    you: "You",
    target: "Target",
    none: "Too little heard",
    inside: "within",
    outside: "outside",
    part: {
      restarted: (until) => `The engine restarted at ${until}. What it had measured was lost with it: the measures here are of what came after, the nudges of all.`,
      moved: (until) => `The engine moved at ${until}, and measures began anew. These are of what came after; those until then are below.`,
      until: (until) => `Measures until ${until}`,
      mark: {
        restarted: (seconds) => `The engine restarted here, ${seconds} s went unheard; measures begin anew`,
        moved: (seconds) => `The engine moved here, ${seconds} s went unheard; measures begin anew`,
      },
    },
    timeline: "Nudges",
    noNudges: "None: you were within your targets all along.",
    saved: "Saved to your downloads.",
    deleted: "Deleted. Nothing of it is left on the page or the server.",
    rows: {
      pace: "Pace",
      pitch: "Pitch variety",
      pauses: "Pauses",
      stretch: "Longest stretch",
      fillers: "Filled pauses",
      creak: "Creaky voice",
      rises: "Rising endings",
      level: "Level above the noise",
    },
    units: {
      wpm: "words/min",
      st: "semitones",
      perMin: "a minute",
      percent: "%",
      db: "dB",
    },
    pauses: (count, longest) => `${count}, longest ${longest}`,
    rises: (count, phrases) => `${count} of ${phrases} phrases`,
    between: (low, high, unit) => `${low} to ${high} ${unit}`.trim(),
    atMost: (high, unit) => `up to ${high} ${unit}`.trim(),
    atLeast: (low, unit) => `from ${low} ${unit}`.trim(),
  },

  privacy: {
    ready: "Nothing is sent before you press Start.",
    finished: "This is only in this tab. The server keeps nothing.",
    otherwise: "Analysed in memory, not stored.",
  },
};

/** Seconds as a clock: 75.2 is "1:15". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
