/*
 * Types of the messages between the engine and the page. Made from the engine's JSON Schema by
 * tools/message_types.py (`make docs`): don't edit it by hand.
 */

/** The first speech of the session, or the first after lost audio, a mute or the other side's turn. */
export interface SpeechStarted {
  type: "speech_started";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
}

/** The speaker has been silent for a quarter of a second after speech. */
export interface PauseStarted {
  type: "pause_started";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  speech_s: number;
}

/** The speaker went on after a silence. */
export interface PauseEnded {
  type: "pause_ended";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  silence_s: number;
}

/** A stretch of speech came to its end: sent just before its `PauseStarted`. */
export interface PhraseEnded {
  type: "phrase_ended";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
  contour: "fall" | "level" | "rise" | "unsure";
  change_st: number | null;
  height: number | null;
  confidence: number;
  trailing_db: number | null;
  trailing_confidence: number;
}

/** An "um", "uh" or drawn-out hesitation has ended; sent up to 0.3 s later. */
export interface FilledPause {
  type: "filled_pause";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
  confidence: number;
}

/** A span of creaky voice has ended; spans under 0.1 s are not reported. */
export interface Creak {
  type: "creak";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
}

/** The floor went to this channel. Two-channel sessions only. */
export interface TurnTaken {
  type: "turn_taken";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  gap_s: number | null;
}

/** `channel` began to talk over the other side and kept on for longer than a backchannel. */
export interface Interruption {
  type: "interruption";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  overlap_s: number;
}

/** One of the two stopped: the overlap is over. */
export interface InterruptionEnded {
  type: "interruption_ended";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
  yielded: boolean;
}

/** A short "mm-hm" of `channel` while the other side went on talking. */
export interface Backchannel {
  type: "backchannel";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
}

/** Samples never arrived: nothing is known of this stretch. Sent when audio is back. */
export interface AudioLost {
  type: "audio_lost";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
}

/** The speaker is muted: until `MuteEnded` they are not there. */
export interface MuteStarted {
  type: "mute_started";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  told: boolean;
}

/** The speaker is there again: their next words are a new start. */
export interface MuteEnded {
  type: "mute_ended";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
}

/** The input itself is wrong, or right again. */
export interface SignalProblem {
  type: "signal_problem";
  seq: number;
  at_s: number;
  channel: number;
  kind: "bad_samples" | "clipping" | "echo" | "silent";
  on: boolean;
}

/** Words that are final, in order of time; `start_s` and `end_s` span them. */
export interface Words {
  type: "words";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
  confidence: number;
  source: string;
  words: Word[];
}

/** A word as the recogniser wrote it. */
export interface Word {
  text: string;
  start_s: number;
  end_s: number;
  confidence: number;
  zipf: number | null;
}

/** Better words for all of `start_s` to `end_s`: they replace what was said to be final there. */
export interface WordsCorrected {
  type: "words_corrected";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
  confidence: number;
  source: string;
  words: Word[];
}

/** A span of which no words are known: unknown, not silence. */
export interface WordsMissed {
  type: "words_missed";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  end_s: number;
  confidence: number;
  source: string;
  why: "busy" | "failed" | "lost" | "unclear";
}

/** The measures of one speaker, four times a second of stream time. */
export interface Reading {
  type: "reading";
  seq: number;
  at_s: number;
  channel: number;
  talking: boolean;
  level_dbfs: number;
  noise_dbfs: number;
  loudness_lufs: number | null;
  snr_db: number;
  level_confidence: number;
  pace_wpm: number | null;
  pace_confidence: number;
  articulation_sps: number | null;
  f0_median_hz: number | null;
  f0_sd_st: number | null;
  creak_share: number | null;
  fillers_per_min: number | null;
  level_change_db: number | null;
  stretch_s: number;
  since_check_in_s: number | null;
  unbroken_s: number;
  silence_s: number;
  speech_s: number;
  talk_share: number | null;
  pace_error_wpm: number | null;
  pace_usual_wpm: number | null;
  f0_error_st: number | null;
  f0_confidence: number;
  creak_confidence: number;
  fillers_confidence: number;
  delay_ms: number | null;
}

/** Ten hops of pitch and level for drawing; never a basis of nudges. */
export interface Trace {
  type: "trace";
  seq: number;
  at_s: number;
  channel: number;
  start_s: number;
  f0_hz: number[];
  level_dbfs: number[];
  known: boolean;
}

/** One short thing to do now, shown for `show_s` or until it is cleared. */
export interface Nudge {
  type: "nudge";
  seq: number;
  at_s: number;
  channel: number;
  id: number;
  cue: string;
  text: string;
  why: string;
  tone: "change" | "thanks";
  urgent: boolean;
  show_s: number;
  evidence: Evidence;
  delay_ms: number | null;
  delays: Delays | null;
}

/** Why a nudge was given. */
export interface Evidence {
  measure: string;
  value: number;
  unit: string;
  threshold: number;
  window_s: [number, number];
  confidence: number;
  seq: number;
}

/** Where the `delay_ms` of a nudge went, in milliseconds: these add up to it. */
export interface Delays {
  held_ms: number;
  reorder_ms: number;
  decode_ms: number;
  ears_ms: number;
  policy_ms: number;
  server_ms: number;
}

/** The nudge `id` should go: the speaker corrected it, or it was shown long enough. */
export interface NudgeCleared {
  type: "nudge_cleared";
  seq: number;
  at_s: number;
  channel: number;
  id: number;
  corrected: boolean;
}

/** A drill has begun. */
export interface DrillStarted {
  type: "drill_started";
  seq: number;
  at_s: number;
  channel: number;
  drill: string;
  title: string;
  level: "gentle" | "hard" | "medium";
  seed: number;
  question: string;
  steps: number;
  most_s: number;
  vague: boolean;
  mood: string | null;
  hears: boolean;
}

/** Something happens to the speaker now. */
export interface DrillStep {
  type: "drill_step";
  seq: number;
  at_s: number;
  channel: number;
  id: number;
  do: "ask" | "backchannel" | "barge_in" | "challenge" | "clarify" | "distraction" | "impatience" | "react" | "silence" | "talk_over" | "trouble";
  role: "client" | "colleague" | "executive" | "interviewer" | "policymaker" | "teammate" | null;
}

/** A voice or a noise begins now: whoever plays it starts it with this event. */
export interface DrillSound {
  type: "drill_sound";
  seq: number;
  at_s: number;
  channel: number;
  step: number;
  turn: number;
  kind: "distraction" | "voice";
  role: "client" | "colleague" | "executive" | "interviewer" | "policymaker" | "teammate" | null;
  say: string | null;
  sound: "chair" | "desk_tapping" | "door_knock" | "keyboard" | "murmur" | "notification" | "phone_ring" | null;
  breaks_up: boolean;
  length_s: number;
}

/** The sound of a step goes out now; all that is heard when `step` is null. */
export interface DrillHush {
  type: "drill_hush";
  seq: number;
  at_s: number;
  channel: number;
  step: number | null;
}

/** The mood of the drill's person has changed, by what they heard or for want of it. */
export interface DrillMood {
  type: "drill_mood";
  seq: number;
  at_s: number;
  channel: number;
  step: number;
  was: string;
  mood: string;
  heard: "acknowledgement" | "agenda" | "agreement" | "analogy" | "check_in" | "dismissal" | "evidence" | "fault" | "fix" | "headline" | "mention" | "next_step" | "other_view" | "proposal" | "question" | null;
}

/** How a step was taken: 10 s after it, or when the next one began. */
export interface DrillStepEnded {
  type: "drill_step_ended";
  seq: number;
  at_s: number;
  channel: number;
  id: number;
  result: StepResult;
}

/** How the speaker took one event of a drill. Times are stream time. */
export interface StepResult {
  do: "ask" | "backchannel" | "barge_in" | "challenge" | "clarify" | "distraction" | "impatience" | "react" | "silence" | "talk_over" | "trouble";
  role: "client" | "colleague" | "executive" | "interviewer" | "policymaker" | "teammate" | null;
  said: string | null;
  sound: "chair" | "desk_tapping" | "door_knock" | "keyboard" | "murmur" | "notification" | "phone_ring" | null;
  hold_floor: boolean;
  start_s: number;
  end_s: number;
  talking: boolean;
  yield_s: number | null;
  resume_s: number | null;
  gap_s: number | null;
  held_floor: boolean | null;
  thread: "anew" | "resumed" | "unsure";
  thread_by: "sound" | "words";
  before: Manner;
  after: Manner;
  changes: Changes;
  parts: Parts;
  composure: number | null;
  happened: string;
  changed: string;
  try_next: string | null;
}

/** How someone speaks over some seconds; null where too little was said to tell. */
export interface Manner {
  speech_s: number;
  pace_wpm: number | null;
  f0_hz: number | null;
  f0_sd_st: number | null;
  level_dbfs: number | null;
  fillers: number;
  pauses: number | null;
}

/** What differs after an event from before it; null where either isn't known. */
export interface Changes {
  pace: number | null;
  pitch_st: number | null;
  range_st: number | null;
  level_db: number | null;
  fillers_per_min: number | null;
  pauses: number | null;
}

/** What composure is made of, each 0..1; null where the event doesn't ask for it or it isn't known. */
export interface Parts {
  floor: number | null;
  resume: number | null;
  steadiness: number | null;
}

/** A drill is over. */
export interface DrillEnded {
  type: "drill_ended";
  seq: number;
  at_s: number;
  channel: number;
  stopped: boolean;
  card: Card;
}

/** What a drill found. */
export interface Card {
  drill: string;
  title: string;
  level: "gentle" | "hard" | "medium";
  seed: number;
  duration_s: number;
  events: StepResult[];
  composure: number | null;
  formula: number;
  try_next: string;
  listened: Listened | null;
  answers: InterviewAnswer[];
  mood: MoodResult | null;
  fault: string | null;
}

/** What a drill listened for, and whether it was heard. */
export interface Listened {
  what: "check_in" | "other_view" | "question";
  heard: boolean | null;
  by: "sound" | "words" | null;
  quote: string;
  text: string;
}

/** An answer to one question of an interview, with those to its follow-ups. Times are stream time. */
export interface InterviewAnswer {
  question: string;
  follow_ups: FollowUpAsked[];
  start_s: number | null;
  end_s: number | null;
  words: number | null;
  text: string;
  try_next: string | null;
}

/** A follow-up that an interviewer asked. */
export interface FollowUpAsked {
  kind: "comparison" | "example" | "one_sentence" | "own_part" | "plain_words" | "result";
  say: string;
}

/** Where the mood of a drill's person went, and why. */
export interface MoodResult {
  moods: string[];
  began: string;
  ended: string;
  by_words: boolean;
  moved: Moved[];
  would: string[];
  text: string;
}

/** What moved the mood of a drill's person, up or down. */
export interface Moved {
  heard: "acknowledgement" | "agenda" | "agreement" | "analogy" | "check_in" | "dismissal" | "evidence" | "fault" | "fix" | "headline" | "mention" | "next_step" | "other_view" | "proposal" | "question" | null;
  quote: string;
  start_s: number;
  end_s: number;
  was: string;
  mood: string;
  better: boolean;
  text: string;
}

/** First message of a connection. */
export interface Hello {
  type: "hello";
  version: number;
  session: string;
  profile: string;
  cues: CueState[];
  channels: number;
  at_s: number;
  resumed: boolean;
  continued: boolean;
  muted: boolean;
  words: boolean;
  assistant: string;
}

/** A cue as the profile in force has it. */
export interface CueState {
  cue: string;
  label: string;
  on: boolean;
  aim: [number | null, number | null];
  unit: string;
  needs_words: boolean;
}

/** A drill or an interview is rendered and waits for `BeginDrill`. */
export interface DrillReady {
  type: "drill_ready";
  drill: string;
  title: string;
  level: "gentle" | "hard" | "medium";
  seed: number;
  question: string;
  steps: number;
  most_s: number;
  shown: Shown | null;
}

/** What is shown beside a drill while it goes on: notes, or a program with what it should do. */
export interface Shown {
  title: string;
  lines: string[];
  code: string | null;
}

/** Sent when a session ends: measures of each channel, the findings, and the nudges given. */
export interface Summary {
  type: "summary";
  duration_s: number;
  profile: string;
  measures: ChannelMeasures[];
  findings: Finding[][];
  nudges: Nudge[];
  goes_on: boolean;
}

/** Measures of one speaker over the whole session; null where too little was heard. */
export interface ChannelMeasures {
  speech_s: number;
  talk_share: number | null;
  pace_wpm: number | null;
  pace_error_wpm: number | null;
  syllables_per_s: number | null;
  syllables: number;
  pause_count: number;
  pause_total_s: number;
  longest_pause_s: number;
  longest_stretch_s: number;
  f0_median_hz: number | null;
  f0_sd_st: number | null;
  fillers: number;
  fillers_per_min: number | null;
  creak_share: number | null;
  level_dbfs: number | null;
  noise_dbfs: number | null;
  loudness_lufs: number | null;
  snr_db: number | null;
  trailing_db: number | null;
  phrases: number;
  endings: number;
  rises: number;
  interruptions: number;
  backchannels: number;
  lost_s: number;
  muted_s: number;
  exchange: Exchange | null;
  unsure: string[];
}

/** What goes on between one speaker and the other side; null where there was too little of it. */
export interface Exchange {
  longest_monologue_s: number;
  response_gap_s: number | null;
  longest_gap_s: number | null;
  slow_responses: number;
  responses: number;
  early_starts: number;
  interruptions_suffered: number;
  floor_held: number;
  yield_s: number | null;
  overlap_s: number;
  backchannels_per_min: number | null;
  questions: number;
  pace_adaptation: number | null;
}

/** One thing that went well or needs work, for the summary. */
export interface Finding {
  cue: string;
  good: boolean;
  text: string;
}

/** How words are recognised from here on: sent when it changes, and to answer `.messages.SetWords`. */
export interface WordsState {
  type: "words_state";
  mode: "afterwards" | "live" | "off" | "phrase" | "unavailable";
  why: string;
}

/** Words that may still change: they replace the partial words before. To the speaker alone. */
export interface PartialWords {
  type: "partial_words";
  text: string;
  start_s: number;
}

/** The first words of a long review, before those in the `Review` that follows; in order. */
export interface ReviewWords {
  type: "review_words";
  channel: number;
  words: Word[];
}

/** What was said, and what to make of it; between `.messages.Summary` and `.messages.Ended`. */
export interface Review {
  type: "review";
  channel: number;
  review: AnswerReview;
}

/** What was said in an answer, and what to make of it. */
export interface AnswerReview {
  question: string;
  words: Word[];
  unknown: UnknownSpan[];
  parts: AnswerPart[];
  marks: Mark[];
  measures: WordMeasures;
  findings: ReviewFinding[];
  try_next: string;
  source: string;
}

/** Stream time of which no words are known. */
export interface UnknownSpan {
  start_s: number;
  end_s: number;
  why: "busy" | "failed" | "lost" | "unclear";
}

/** A part of the answer's framework. */
export interface AnswerPart {
  start: number;
  end: number;
  part: string;
  confidence: number;
}

/** A run of words of a kind, to be drawn in the transcript. */
export interface Mark {
  start: number;
  end: number;
  kind: "check_in" | "figure" | "filler" | "hedge" | "question" | "restart" | "term";
  confidence: number;
  note: string;
}

/** Figures of an answer's words; null where too little is known. */
export interface WordMeasures {
  words: number;
  words_per_min: number | null;
  fillers: CountRange;
  restarts: number;
  hedges: number;
  we: number;
  i: number;
  figures: number;
  questions: number;
  terms: number;
  terms_explained: number;
  headline_s: number | null;
  pace: WordPace | null;
}

/** A count on which ears and words may differ. */
export interface CountRange {
  least: number;
  most: number;
}

/** Words a minute, counted twice; pauses in, each counted up to 1 s. */
export interface WordPace {
  by_words: number | null;
  by_syllables: number | null;
  better: "syllables" | "words";
  sure: boolean;
}

/** One thing about what was said. */
export interface ReviewFinding {
  what: string;
  good: boolean | null;
  text: string;
  quotes: WordSpan[];
  confidence: number;
  value: number | null;
  unit: string;
  sure: boolean;
}

/** A run of words of the review, by their places in `AnswerReview.words`. */
export interface WordSpan {
  start: number;
  end: number;
}

/** What the assistant says of a take: after `Review`, before `.messages.Ended`. */
export interface Advised {
  type: "advised";
  channel: number;
  advice: Advice | null;
  why: string;
}

/** One paragraph of advice and follow-up questions, by a language model: it may be wrong. */
export interface Advice {
  advice: string;
  example: string;
  quotes: WordSpan[];
  follow_ups: string[];
  host: string;
  model: string;
  cut: boolean;
}

/** The exercise that the session was for has a score; sent before it is said whether the take is kept. */
export interface ExerciseScored {
  type: "exercise_scored";
  score: ExerciseScore;
}

/** The score of one run of an exercise. */
export interface ExerciseScore {
  exercise: string;
  score: number | null;
  parts: ScorePart[];
  note: string;
  try_next: string;
}

/** One figure that a score is made of. */
export interface ScorePart {
  name: string;
  title: string;
  value: number | null;
  unit: string;
  target: string;
  weight: number;
  score: number | null;
}

/** The packaged voice begins to say the text of a step. Not sent where the step is over by then. */
export interface StepSaid {
  type: "step_said";
  place: number;
  seconds: number;
}

/** To the speaker, in a step of an exercise that draws pitch: the pitch of a statement. */
export interface StatementPitch {
  type: "statement_pitch";
  voice: "own" | "packaged";
  curve: PitchCurve;
}

/** Pitch of a statement in semitones against its own median, so that all voices compare. */
export interface PitchCurve {
  start_s: number;
  end_s: number;
  median_hz: number | null;
  pitch_st: (number | null)[];
  fall_st: number | null;
  end_from_s: number | null;
  contour: "fall" | "level" | "rise" | "unsure";
  why: "" | "creak" | "lost" | "soft_end" | "too_little";
}

/** The session is in the record as a take. After `Review`, to the speaker alone. */
export interface TakeKept {
  type: "take_kept";
  take: string;
  kept: Kept;
}

/** What may be kept of a take; all off until its person has said otherwise. */
export interface Kept {
  figures: boolean;
  words: boolean;
  sound: boolean;
}

/** The session is not in the record, or not yet, although its speaker wants takes kept. To them alone. */
export interface TakeNotKept {
  type: "take_not_kept";
  why: string;
}

/** Answer to `Ping`, at once. */
export interface Pong {
  type: "pong";
  id: number;
}

/** A message could not be used; the connection goes on. */
export interface Error {
  type: "error";
  code: "bad_message" | "failed" | "not_allowed" | "overloaded" | "too_long" | "too_many";
  message: string;
}

/** Last message of a connection. */
export interface Ended {
  type: "ended";
  reason: "asked" | "failed" | "flooding" | "left" | "moving" | "replaced" | "shutdown" | "slow" | "stalled";
  message: string;
  can_resume: boolean;
}

/** How the room stands: sent on entering and whenever it changes. */
export interface Room {
  type: "room";
  you: number;
  mode: "beside" | "free" | "interview";
  people: (Person | null)[];
  observers: Observer[];
  call: number;
  away_s: number;
  open_s: number;
  over: "expired" | "failed" | "host_left" | "left" | "lost" | "shutdown" | null;
  by: 0 | 1 | null;
  sheet: boolean;
}

/** Someone in a room, as both are told. */
export interface Person {
  role: "candidate" | "interviewer" | "partner";
  here: boolean;
  agreed: boolean;
  analysed: boolean;
  shares: boolean;
  words: boolean;
  left: boolean;
}

/** Somebody who listens silently to a call of two, or asks to. */
export interface Observer {
  place: number;
  here: boolean;
  accepted: [boolean, boolean];
  call: number;
}

/** Page, passed on to another one: a description or a candidate (RFC 9429) for a call. */
export interface Relay {
  type: "relay";
  peer: number;
  call: number;
  data: Signal;
}

/** What a browser says to find another one: one of the two. */
export interface Signal {
  description?: Description | null;
  candidate?: Candidate | null;
}

/** Offer or answer of a browser (RFC 9429). */
export interface Description {
  type: "answer" | "offer";
  sdp: string;
}

/** Candidate of a browser, as its `toJSON` gives it; empty at the end of a generation. */
export interface Candidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** A question of the interviewer's, to be shown to the candidate. */
export interface Asked {
  type: "asked";
  text: string;
}

/** To the interviewer: what they wanted happens to the candidate. */
export interface Triggered {
  type: "triggered";
  do: "ask" | "backchannel" | "barge_in" | "challenge" | "clarify" | "distraction" | "impatience" | "react" | "silence" | "talk_over" | "trouble";
  said: string | null;
  sound: "chair" | "desk_tapping" | "door_knock" | "keyboard" | "murmur" | "notification" | "phone_ring" | null;
}

/** The other one's measures: the call is over and they share them. */
export interface Shared {
  type: "shared";
  summary: Summary;
  results: StepResult[];
}

/** Interviewer's page, when the call is over; passed on to the candidate when both share. */
export interface Sheet {
  type: "sheet";
  questions: string[];
  ratings: Record<string, number>;
  start: string;
  stop: string;
  go_on: string;
}

/** Client: still here. Every second while connected; answered by `Pong`. */
export interface Ping {
  type: "ping";
  id: number;
  round_trip_ms?: number | null;
}

/** Client: switch a cue off or on for the rest of the session. */
export interface SetCue {
  type: "set_cue";
  cue: string;
  on: boolean;
}

/** Client: the speaker has muted the microphone, or unmuted it. What comes meanwhile isn't heard. */
export interface Mute {
  type: "mute";
  on: boolean;
}

/** Client: make a drill ready, seconds the first time. Answered by `DrillReady`. */
export interface PrepareDrill {
  type: "prepare_drill";
  drill: string;
  level?: "gentle" | "hard" | "medium";
  seed?: number | null;
}

/** Client: make an interview ready. Answered by `DrillReady`; it begins and stops as drills do. */
export interface PrepareInterview {
  type: "prepare_interview";
  style?: "adaptability" | "customer obsession" | "ethics" | "extreme ownership" | "influence without authority" | null;
  questions?: number | null;
  minutes?: number | null;
  level?: "gentle" | "hard" | "medium";
  patience?: "long" | "normal" | "short";
  prefer?: string[];
  seed?: number | null;
}

/** Client: begin the drill that is ready. What happens comes as events. */
export interface BeginDrill {
  type: "begin_drill";
}

/** Client: end the drill that goes on, all sound at once; its card comes as an event. */
export interface StopDrill {
  type: "stop_drill";
}

/** Client: how loud noises are from here on, against how they were made. */
export interface LowerDistractions {
  type: "lower_distractions";
  db: number;
}

/** Client of the speaker: recognise words from here on, or no more. Answered by `WordsState`. */
export interface SetWords {
  type: "set_words";
  on: boolean;
  language?: string;
}

/** Client of the speaker: the words and the question of this session may be sent to its assistant, or not. */
export interface SetAssistant {
  type: "set_assistant";
  on: boolean;
}

/** Client of the speaker: the question that they answer, for review and take. The latest one holds. */
export interface SetQuestion {
  type: "set_question";
  question: string;
  purpose?: string;
  story?: string | null;
}

/** Client of the speaker: a step of the exercise begins, and the one before it is over. */
export interface SetStep {
  type: "set_step";
  place: number | null;
  speaks?: boolean;
  say?: string;
  pitch?: boolean;
}

/** Client: the session is over. Answered by `Summary` and `Ended`. */
export interface End {
  type: "end";
}

/** Client: allow this WebSocket to command. Before it, anything but `Ping` is `not_allowed`. */
export interface Authorize {
  type: "authorize";
  key: string;
}

/** Page, first of all: take a seat that `POST /rooms` or `POST /rooms/{id}/seats` gave. */
export interface Enter {
  type: "enter";
  seat: string;
  call?: number;
}

/** Page: talk to the other one; be analysed, or not, or no more. */
export interface Agree {
  type: "agree";
  analysed: boolean;
}

/** Page of one of the two: let somebody listen silently, or no more; both have to agree. */
export interface Admit {
  type: "admit";
  place: number;
  on: boolean;
}

/** Interviewer's page: show the candidate a question. */
export interface Ask {
  type: "ask";
  text: string;
}

/** Interviewer's page: let something happen to the candidate, as a drill would; only they hear it. */
export interface Trigger {
  type: "trigger";
  do: "backchannel" | "barge_in" | "challenge" | "distraction" | "impatience" | "talk_over";
  role?: "client" | "colleague" | "executive" | "interviewer" | "policymaker" | "teammate";
  sound?: "chair" | "desk_tapping" | "door_knock" | "keyboard" | "murmur" | "notification" | "phone_ring" | null;
}

/** Page: whether the other one may see one's measures when the call is over. */
export interface Share {
  type: "share";
  on: boolean;
}

/** Page: end the call; when it is over, or one has left it: delete what was measured of oneself. */
export interface Leave {
  type: "leave";
  both?: boolean;
}

/** A drill as `/drills` lists it. */
export interface DrillOffer {
  name: string;
  title: string;
  trains: string;
  use_when: string;
  minutes: number;
  levels: ("gentle" | "hard" | "medium")[];
  will: Record<string, string[]>;
  hears: boolean;
}

/** What is kept of one take; null and empty where it is not kept, or nothing was heard of it. */
export interface Take {
  version: number;
  id: string;
  kind: "beside" | "call" | "drill" | "exercise" | "question" | "recording" | "talk";
  begun_at: string;
  duration_s: number;
  profile: string;
  kept: Kept;
  title: string;
  tags: string[];
  note: string;
  question: string;
  story: string | null;
  purpose: string;
  measures: ChannelMeasures | null;
  findings: Finding[];
  nudges: Nudge[];
  card: Card | null;
  word_measures: WordMeasures | null;
  parts: FoundPart[];
  found: FoundInWords[];
  exercise: ExerciseResult | null;
  review: AnswerReview | null;
  sound: TakeSound | null;
}

/** A part of an answer's framework that was heard: a figure, without its words. */
export interface FoundPart {
  part: string;
  start_s: number;
  end_s: number;
  confidence: number;
}

/** A finding of the review as a figure, without its sentence and quotes. */
export interface FoundInWords {
  what: string;
  good: boolean | null;
  confidence: number;
  value: number | null;
  unit: string;
  sure: boolean;
}

/** Score of an exercise of the programme. */
export interface ExerciseResult {
  exercise: string;
  scored_as: string;
  score: number | null;
  measured: Record<string, number>;
  steps: StepTime[];
}

/** When a step of an exercise took place, in stream time. */
export interface StepTime {
  place: number;
  speaks: boolean;
  start_s: number;
  end_s: number;
}

/** The recording that belongs to a take. */
export interface TakeSound {
  duration_s: number;
  size: number;
  sha256: string;
  from_s: number;
}

/** A take in a list: what tells it from others, without what was measured and said. */
export interface TakeEntry {
  id: string;
  kind: "beside" | "call" | "drill" | "exercise" | "question" | "recording" | "talk";
  begun_at: string;
  duration_s: number;
  title: string;
  tags: string[];
  question: string;
  story: string | null;
  purpose: string;
  kept: Kept;
  sound: boolean;
  figure: TakeFigure | null;
}

/** The one figure of a take that a list shows. */
export interface TakeFigure {
  name: string;
  value: number;
  unit: string;
}

/** Answer to `GET /record`. */
export interface RecordState {
  possible: boolean;
  why: string;
  kept: Kept | null;
  problem: string;
}

/** What an import brought. */
export interface Imported {
  takes: number;
  there: number;
  sounds: number;
  documents: number;
  problems: string[];
}

/** How far it was heard. */
export interface RecordingHeard {
  type: "heard";
  heard_s: number;
  length_s: number | null;
}

/** It is a take now. The last line. */
export interface RecordingKept {
  type: "kept";
  take: string;
  kept: Kept;
}

/** It has two speakers, so nothing is kept until it is said which one the person is. The last line. */
export interface RecordingOfTwo {
  type: "two_speakers";
  speakers: SpeakerHeard[];
}

/** What tells one of two speakers from the other. */
export interface SpeakerHeard {
  speech_s: number;
  starts_s: number | null;
}

/** Nothing is kept. The last line. */
export interface RecordingRefused {
  type: "refused";
  why: string;
}

/** What to do on a day, or in the weekly hour. */
export interface Plan {
  day: string;
  items: PlanItem[];
  minutes: number;
  skipped: LeftOut[];
  note: string;
}

/** One thing to do. */
export interface PlanItem {
  name: string;
  kind: "baseline" | "exercise" | "validation";
  title: string;
  how: string;
  why: string;
  minutes: number;
  drill: string | null;
  level: "gentle" | "hard" | "medium" | null;
  trains: string[];
  done: boolean;
}

/** An item that the person left out, or had replaced. */
export interface LeftOut {
  name: string;
  title: string;
}

/** The gap table: rows by priority, then those without. */
export interface GapTable {
  programme: string;
  at: string;
  rows: Gap[];
}

/** A row of the gap table. */
export interface Gap {
  skill: string;
  title: string;
  baseline: number | null;
  baseline_takes: number;
  now: number | null;
  now_takes: number;
  target: number;
  own_target: boolean;
  target_grade: "E" | "P" | "V";
  gap: number | null;
  spread: Spread;
  priority: number | null;
  closes: string;
  exercises: string[];
  parts: PartGap[];
  baseline_parts: PartGap[];
  note: string;
}

/** How much a person's figure varies between repeated takes on different days, without learning. */
export interface Spread {
  sd: number | null;
  degrees: number;
  repeats: number;
}

/** A part of a skill over its newest takes. */
export interface PartGap {
  measure: string;
  title: string;
  value: number;
  unit: string;
  target: string;
  grade: "E" | "P" | "V";
  score: number;
  lost: number;
  closes: string;
  evidence: PartFigure[];
}

/** One part of a skill's figure in one take. */
export interface PartFigure {
  take: string;
  at: string;
  measure: string;
  title: string;
  value: number | null;
  unit: string;
  target: string;
  grade: "E" | "P" | "V";
  weight: number;
  score: number | null;
}

/** The same guided takes before and after. */
export interface Validation {
  programme: string;
  at: string;
  confidence: number;
  overall: Compared;
  skills: Compared[];
  sentence: string;
  missing: string[];
}

/** A skill, or all of them, before and after, in the same guided takes. */
export interface Compared {
  skill: string;
  title: string;
  before: number | null;
  after: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
  tasks: string[];
  before_takes: string[];
  after_takes: string[];
  spread: Spread;
  outcome: "improved" | "no more than your spread" | "not told" | "worse";
  sentence: string;
}

/** What the charts over weeks are drawn from. */
export interface Progress {
  series: Series[];
  streak: Streak;
}

/** A chart over weeks: of a skill's figure or of one measure. */
export interface Series {
  kind: "measure" | "skill";
  name: string;
  title: string;
  unit: string;
  points: Point[];
  target_low: number | null;
  target_high: number | null;
  baseline: number | null;
  spread: Spread;
}

/** A take in a chart. */
export interface Point {
  take: string;
  at: string;
  value: number;
}

/** Days of practice: counted kindly, a day off in between costs nothing. */
export interface Streak {
  days: number;
  going: boolean;
  this_week: number;
  sentence: string;
}

/** All stories of a person, beside the questions that may come. */
export interface Stories {
  stories: StoryState[];
  questions: Answered[];
  unanswered: number;
  skills: Choice[];
  frameworks: Record<string, string[]>;
}

/** A story with what its takes show. */
export interface StoryState {
  id: string;
  story: Story;
  skill: string;
  takes: StoryTake[];
  best: string;
  best_is_own: boolean;
  missing: Missing[];
  note: string;
}

/** A signature story as the record has it. */
export interface Story {
  title: string;
  skill: string;
  framework: "CAR" | "PEP" | "STAR" | "growth";
  answers: string[];
  outline: string;
  best: string;
  version: number;
  made_at: string;
}

/** A take of a story. */
export interface StoryTake {
  take: string;
  title: string;
  at: string;
  length_s: number;
  parts: ToldPart[];
  in_order: boolean | null;
  figure: boolean | null;
  skill: number | null;
  missing: string[] | null;
  words: boolean;
}

/** A part of a story's framework in one take. */
export interface ToldPart {
  part: string;
  found: boolean | null;
  start_s: number | null;
  confidence: number | null;
}

/** What a story lacks. */
export interface Missing {
  what: string;
  in_best: boolean;
  in_newest: boolean;
  hint: string;
}

/** A question of the bank, and the stories that answer it. */
export interface Answered {
  text: string;
  style: string;
  skills: string[];
  stories: string[];
}

/** A name for programs with its name for people. */
export interface Choice {
  name: string;
  title: string;
}

/** Answer to `GET /record/notes`. */
export interface Notes {
  notes: KeptNote[];
  interviews: Choice[];
  stories: Choice[];
}

/** A note with what it names. */
export interface KeptNote {
  id: string;
  note: Note;
  take: TakeEntry | null;
}

/** What a person noted after the real thing, in their own words. */
export interface Note {
  version: number;
  at: string;
  occasion: "call" | "interview" | "mock" | "screen" | "talk";
  title: string;
  interview: string;
  went: "badly" | "mixed" | "well";
  well: string;
  badly: string;
  questions: string[];
  stories: string[];
  next_time: string;
  take: string;
}

/** Answer to `GET /record/notes/{id}`. */
export interface LookedBack {
  id: string;
  note: Note;
  take: TakeEntry | null;
  look_back: LookBack | null;
}

/** A take in the light of those before it. */
export interface LookBack {
  take: string;
  at: string;
  noticed: Recurring[];
  note: string;
}

/** Something noticed in a take, and where else. */
export interface Recurring {
  what: string;
  title: string;
  value: string;
  target: string;
  closes: string;
  earlier: number;
  takes: Again[];
  recurs: "new" | "not told" | "sometimes" | "usual";
  sentence: string;
}

/** An earlier take that showed the same. */
export interface Again {
  take: string;
  at: string;
}

/** Answer to `GET /record/interviews`. */
export interface Interviews {
  interviews: Readiness[];
}

/** A kind of interview with what is known of its skills. */
export interface Readiness {
  name: string;
  title: string;
  about: string;
  skills: SkillReadiness[];
  questions: PreparedQuestion[];
  drills: PreparedDrill[];
  notes: string[];
  next_time: string[];
  sentence: string;
}

/** A row of the gap table, as far as a kind of interview asks for it. */
export interface SkillReadiness {
  skill: string;
  title: string;
  weight: number;
  at: number | null;
  is_baseline: boolean;
  target: number;
  gap: number | null;
  closes: string;
  note: string;
}

/** A question of a kind of interview. */
export interface PreparedQuestion {
  text: string;
  takes: string[];
  stories: string[];
}

/** A drill that prepares for a kind of interview. */
export interface PreparedDrill {
  drill: string;
  takes: string[];
  composure: number | null;
}

/** An exercise: how it goes, why, and how it went so far. */
export interface ExerciseView {
  name: string;
  title: string;
  how: string;
  why: string;
  known: string;
  minutes: number;
  seconds: number;
  rhythm: "before" | "daily" | "weekly";
  trains: string[];
  drill: string | null;
  talk: boolean;
  keeps: string | null;
  speaks: boolean;
  steps: PlacedStep[];
  needs_words: boolean;
  scored: string[];
  done: number;
  best: number | null;
  runs: ExerciseRun[];
}

/** A step of a run. */
export interface PlacedStep {
  round: number;
  step: Step;
  prompt: Prompt | null;
}

/** A step of an exercise: what is shown or said, how long, and what the person does meanwhile. */
export interface Step {
  title: string;
  text: string;
  seconds: number;
  does: "listen" | "speak" | "think";
  say: string;
  prompt: "none" | "said" | "shown";
  once: boolean;
  pitch: boolean;
}

/** What a round of an exercise is about: each round, and each later run, goes on to the next. */
export interface Prompt {
  text: string;
  kind: "program" | "table" | "text";
  answer: string;
}

/** A take of an exercise. */
export interface ExerciseRun {
  take: string;
  at: string;
  score: ExerciseScore;
}

/** One of the answer to `GET /record/analogies`. */
export interface KeptAnalogy {
  thing: string;
  like: string;
  rating: number | null;
  used: number;
  version: number;
  made_at: string;
  id: string;
}

/** The three columns, and where they disagree. */
export interface RatingTable {
  rows: RatingRow[];
  answers: number;
  disagreements: Disagreement[];
}

/** One thing that is rated. */
export interface RatingRow {
  name: string;
  title: string;
  asks: string;
  own: number | null;
  own_at: string | null;
  others: Rated;
  figure: number | null;
  figure_from: "" | "baseline" | "now";
}

/** What other people rate. */
export interface Rated {
  count: number;
  mean: number | null;
  low: number | null;
  high: number | null;
}

/** Two columns of one row that are far apart. */
export interface Disagreement {
  name: string;
  title: string;
  between: ["figure" | "others" | "own", "figure" | "others" | "own"];
  by: number;
  sentence: string;
}

/** A round as its person may see it: of answers by links only what all say together, once it is over. */
export interface RoundView {
  id: string;
  asker: string;
  made_at: string;
  expires_at: string;
  by: "links" | "mail";
  asked: number;
  answered: number;
  state: "expired" | "open" | "over";
  can_show: boolean;
  shown: boolean;
  rated: RatedThing[];
  stop: string[];
  start: string[];
}

/** One thing that a round asks, as its people rate it. */
export interface RatedThing {
  name: string;
  title: string;
  rated: Rated;
}

/** Answer to `POST /record/feedback`. */
export interface MadeRound {
  round: RoundView;
  links: string[];
  text: string;
}

export type ToClient =
  | SpeechStarted
  | PauseStarted
  | PauseEnded
  | PhraseEnded
  | FilledPause
  | Creak
  | TurnTaken
  | Interruption
  | InterruptionEnded
  | Backchannel
  | AudioLost
  | MuteStarted
  | MuteEnded
  | SignalProblem
  | Words
  | WordsCorrected
  | WordsMissed
  | Reading
  | Trace
  | Nudge
  | NudgeCleared
  | DrillStarted
  | DrillStep
  | DrillSound
  | DrillHush
  | DrillMood
  | DrillStepEnded
  | DrillEnded
  | Hello
  | DrillReady
  | Summary
  | WordsState
  | PartialWords
  | ReviewWords
  | Review
  | Advised
  | ExerciseScored
  | StepSaid
  | StatementPitch
  | TakeKept
  | TakeNotKept
  | Pong
  | Error
  | Ended;

export type ToPage =
  | Room
  | Relay
  | Asked
  | Triggered
  | Shared
  | Sheet
  | Error
  | Pong;

export type FromClient =
  | Ping
  | SetCue
  | Mute
  | PrepareDrill
  | PrepareInterview
  | BeginDrill
  | StopDrill
  | LowerDistractions
  | SetWords
  | SetAssistant
  | SetQuestion
  | SetStep
  | End
  | Authorize;

export type FromPage =
  | Enter
  | Agree
  | Admit
  | Relay
  | Ask
  | Trigger
  | Share
  | Sheet
  | Leave
  | Ping;
