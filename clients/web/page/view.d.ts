/* What the shell and the features of the page know of each other. */

import type { Calls } from "../calls/calls.js";
import type { Room } from "../calls/room.js";
import type { Drill } from "../drills/drill.js";
import type { Places } from "../app/places.js";
import type { Exercises } from "../exercises/exercises.js";
import type { Drills } from "../drills/drills.js";
import type { Programme } from "../programme/programme.js";
import type { Card, Kept, Nudge, WordsState } from "../protocol.js";
import type { Input } from "../session/input.js";
import type { Session } from "../session/session.js";
import type { Child } from "../ui/elements.js";
import type { Takes } from "../takes/takes.js";
import type { Transcript } from "../transcript/transcript.js";
import type { SureDialog } from "../ui/sure.js";
import type { Timers } from "../ui/timers.js";
import type { Configuration } from "./config.js";
import type { Notices } from "./notices.js";
import type { Problem } from "./problem.js";
import type { Settings } from "./settings.js";
import type { StateMachine } from "./states.js";

/** One stay in a state. */
export interface Visit {
  /** The event that led there. */
  event: string;
  /** Whether the page is still in it: what comes too late for it is dropped. */
  readonly current: boolean;
}

/** One feature of the page: what its buttons do, what happens on entering its states, and on the engine's messages. */
export interface Feature {
  actions?: Record<string, () => unknown>;
  entering?: Record<string, (visit: Visit) => unknown>;
  messages?: Record<string, (message: any) => unknown>;
}

/** A place of the page, as its address names it: `#take=ID`, `#compare=ID+ID`. */
export interface Place {
  name: string;
  ids: string[];
}

/** One look at a place. */
export interface PlaceVisit {
  /** Whether it is still looked at: what comes too late for it is dropped. */
  readonly current: boolean;
  /** Have something done when it is left, or drawn anew. */
  onLeave(stop: () => void): void;
}

/** What a place shows; its first heading is a `placeTitle`. A problem that it throws is said, with a way to try again. */
export type PlaceView = (place: Place, page: Page, visit: PlaceVisit) => Promise<Child[]>;

/** A place beside the stage. */
export interface PlaceEntry {
  /** The place of the row that it belongs to. */
  row: "programme" | "takes";
  view: PlaceView;
}

/** What a session is for. */
export interface Task {
  /** Purpose of its take, such as `baseline:project`. */
  purpose: string;
  /** What is asked, shown while the person speaks; a drill asks its own. */
  question: string;
  /** How long to answer. */
  minutes?: number;
  /** Id of the signature story that is told. */
  story?: string;
  drill?: { name: string; level: Card["level"] };
}

/** The shell, as features see it. */
export interface Page {
  readonly machine: StateMachine;
  /** The stay in the present state. */
  readonly visit: Visit;
  readonly settings: Settings;
  readonly config: Configuration;
  /** Timers of the present state. */
  readonly timers: Timers;
  readonly notices: Notices;
  readonly session: Session;
  readonly input: Input;
  readonly drills: Drills;
  readonly calls: Calls;
  readonly transcript: Transcript;
  readonly takes: Takes;
  readonly programme: Programme;
  readonly places: Places;
  readonly exercises: Exercises;
  /** Asks before something is deleted for good. */
  readonly sure: SureDialog;
  /** What went wrong last. */
  readonly problem: Problem | null;
  /** Do what a button does. */
  act(name: string): void;
  /** Begin a session for something, from a place or from the first screen. */
  begin(task: Task): void;
  /** Do something with the record; what goes wrong is said, and nothing changes. */
  attempt(work: () => Promise<unknown>): Promise<void>;
  /** Show what went wrong, and what to do. */
  fail(error: unknown): void;
  /** Draw the present state again, where it differs from what is shown. */
  show(): void;
  /** Draw the summary. */
  showSummary(): void;
  /** Say something that nothing else shows; it replaces what was said about the same. */
  tell(text: string, about?: string): void;
  /** Dispatch a message of the engine to the features. */
  dispatch(message: { type: string }): void;
}

/** What there is to show. */
export interface View {
  state: string;
  /** Whether the browser gives the microphone: `granted`, `denied` or `prompt`. */
  permission: string;
  /** Whether the engine knows that the speaker is muted. */
  muted: boolean;
  nudge: Nudge | null;
  /** The nudge in other words, or nothing. */
  gloss: string;
  problem: Problem | null;
  /** What the person asked for last, by the name of the button. */
  asked: string;
  /** What a connection waits for. */
  step: string;
  /** Seconds left, in a state that counts. */
  seconds: number;
  hasLast: boolean;
  profile: string;
  drill: Drill;
  room: Room | null;
  words: WordsView;
  /** What is being kept; null where nothing is. */
  kept: Kept | null;
  /** Title of the place that is shown. */
  place: string;
  /** Whether there is a plan for today, or could be one. */
  planned: "today" | "first" | "";
  /** Whether the session just ended was kept. */
  taken: boolean;
}

/** Whether words are recognised. */
export interface WordsView {
  /** Whether the person wants it. */
  on: boolean;
  /** Whether the server can; null before it has said so. */
  can: boolean | null;
  mode: WordsState["mode"];
  /** Why not, where they are unavailable. */
  why: string;
  /** Host of the language model that may be asked for advice; "" where there is none. */
  host: string;
  /** Whether the person has agreed, in this session, that their words are sent there. */
  agreed: boolean;
  /** Whether they are kept at the end. */
  kept: boolean;
}

/** What a view may use beside its data. */
export interface ViewTools {
  settings: Settings;
  act(name: string): void;
  button(label: string, action: string, kind?: string): HTMLButtonElement;
}

/** How a state is shown. */
export interface StateView {
  /** Parts of the page that it shows, by id. */
  regions: string[];
  stage(view: View, tools: ViewTools): Child[];
  /** On the stage of the floating window. */
  floating(view: View): Child[];
  /** Text of the element `[data-live]`, which changes while the state stays. */
  live?(view: View): string;
}
