/** Texts around the stage: status, buttons, notices, settings, privacy. */

/**
 * By state; `muted` is shown in several.
 *
 * @type {Record<string, string>}
 */
export const status = {
  opening: "Opening…",
  ready: "Not listening",
  choosing: "Not listening",
  inviting: "Not listening",
  sharing: "Not listening",
  consent: "Not listening",
  waiting: "Waiting",
  observing: "Observing",
  talking: "In the call, coaching is off",
  connecting: "Connecting",
  preparing: "Getting ready",
  countdown: "Getting ready",
  drilling: "Drill",
  card: "Microphone muted",
  broken: "Microphone muted",
  listening: "Listening",
  muted: "Muted",
  nudge: "Listening",
  why: "Listening",
  unplugged: "No microphone",
  lost: "Reconnecting",
  finishing: "Finishing",
  finished: "Finished",
  place: "Not listening",
  trouble: "Not listening",
};

/**
 * The button to press again after a wait, by what was asked for.
 *
 * @type {Record<string, string>}
 */
export const asked = {
  start: "Start",
  alone: "Start",
  go: "Begin the drill",
  coach_call: "Share the call's sound",
  agree: "Join again",
  talk_freely: "Make the link",
  as_interviewer: "Make the link",
  as_candidate: "Make the link",
  join: "Join the call",
  observe: "Ask to observe",
};

export const actions = {
  start: "Start",
  interview: "Interview",
  drills: "Drills",
  invite: "Practise with a friend",
  coach: "Coach me during a call",
  leave: "Leave",
  go: "Begin",
  begin: "Begin again",
  stop: "Stop",
  softer: "Softer noises",
  another: "Another drill",
  finish: "Finish",
  cancel: "Cancel",
  end: "End",
  why: "Why?",
  close: "Close",
  tryNow: "Try now",
  tryAgain: "Try again",
  again: "Practise again",
  repeat: "Again",
  keep: "Keep",
  save: "Save",
  remove: "Delete",
  back: "Back",
  settings: "Settings",
  float: "Floating window",
  unfloat: "Close floating window",
  chooseMicrophone: "Choose microphone",
};

/** @type {Record<string, string>} */
export const notices = {
  muted: "We hear nothing: is your microphone muted? This time isn't counted.",
  silent: "We can barely hear you. Is it the right microphone, and switched on?",
  clipping: "Your voice is too loud for the microphone. Move back a little, or turn its level down.",
  bad_samples: "The microphone sends broken sound. Unplug it and plug it in again, or choose another.",
  echo: "Your microphone picks up what we play to you. With headphones it would hear only you.",
  reopen: "That microphone could not be opened. The one before is still in use.",
  unheard: "Your sound doesn't reach our server, so you are not being coached. You can keep talking.",
  noSound: "No sound came with what you shared: we hear only you. To try again, press End and choose a tab, with “Also share audio” on.",
  soundEnded: "The other call's sound is no longer shared: we hear only you.",
  overloaded: "The server is busy, so nudges may come late.",
  restarted: "The server restarted. Measures begin again; what you were told is kept.",
  moved: "You were moved to another server. Measures begin again; those so far are kept.",
};

export const settings = {
  title: "Settings",
  microphone: "Microphone",
  processing: "Sound processing",
  echoCancellation: "Echo cancellation",
  echoHint: "Keeps the other person's voice from being taken for yours.",
  noiseSuppression: "Noise suppression",
  noiseHint: "Better off: it cuts soft word endings, which then look like pauses.",
  autoGainControl: "Automatic gain",
  gainHint: "Better off: it hides how loud you are.",
  profile: "What you practise for",
  later: "Applies from your next session.",
  cues: "What you want to be told",
  feel: "How you are told",
  tick: "Soft tick with each nudge",
  vibrate: "Vibration with each nudge",
  captions: "Captions",
  captionsHint: "Shows as text what a drill or an interviewer plays to you.",
};

/** @type {Record<string, string>} */
export const privacy = {
  ready: "Nothing is sent before you press Start.",
  inviting: "Nothing is sent before you agree.",
  sharing: "Nothing is sent before you choose.",
  consent: "Nothing is sent before you agree.",
  waiting: "Nothing is sent before the call begins.",
  observing: "Nothing is sent from here.",
  talking: "Your voice goes to your partner's browser only.",
  choosing: "You are not being listened to.",
  trouble: "You are not being listened to.",
  card: "You are not being listened to.",
  broken: "You are not being listened to.",
  finished: "This is only in this tab. The server keeps nothing of it.",
  place: "What is kept stays on this server until you delete it.",
  kept: "In this tab, and kept on this server as you chose. Delete removes both.",
  shared: "In this tab, and for at most 15 minutes on the server, so that you can share it. Delete removes both.",
  otherwise: "Analysed in memory, not stored.",
};
