/** Exercises in a session: the steps as the person goes through them, and the score at the end. */

import { LIVE, PURPOSELESS } from "../page/states.js";
import { announce } from "../ui/announce.js";
import { byId, setAttribute } from "../ui/elements.js";
import { changeTake } from "../takes/api.js";
import { getExercise } from "./api.js";
import { ExerciseRun } from "./run.js";
import { showResult } from "./result.js";
import { StepView, toldOf } from "./step.js";

/** @import { Shadowed } from "./shadowed.js" */
/** @import { Error as ErrorMessage, StatementPitch, StepSaid, TakeKept } from "../protocol.js" */

/** @import { Feature, Page, Visit } from "../page/view.js" */
/** @import { ExerciseView } from "../protocol.js" */

const TICK_MS = 200;

/** How long a step waits for its voice; then what it would say is read. */
const VOICE_MS = 8000;

/** Time to think between what is said and the next step. */
const AFTER_VOICE_S = 1.5;

/** States in which time passes in a step. */
const PASSES = new Set(["listening", "nudge"]);

/** States in which the step is shown. */
const SHOWS = new Set(["listening", "nudge", "why"]);

/** States in which the run has ended, or another session begins. */
const LEAVES = new Set(["ready", "place", "finishing", "finished", "choosing", "trouble"]);

/** @implements {Feature} */
export class Exercises {
  #page;
  #root = byId("exercise");
  #steps = new StepView(this.#root, () => this.next());
  /** What the session that is being begun is for. @type {ExerciseView | null} */
  #wanted = null;
  /** @type {ExerciseRun | null} */
  #run = null;
  /** Whether the whole summary is shown in place of the score. */
  #whole = false;
  #ticker = 0;
  #passed_at = 0;
  /** Milliseconds that the step still waits for its voice. */
  #voice_ms = 0;
  /** The talk that is shadowed, where the run is of one. @type {Shadowed | null} */
  #talk = null;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  entering = {
    listening: (/** @type {Visit} */ visit) => this.#listening(visit),
  };

  messages = {
    exercise_scored: () => this.#page.session.wait.scored(),
    take_kept: (/** @type {TakeKept} */ { take }) => this.#keepTechniques(take),
    step_said: (/** @type {StepSaid} */ message) => this.#said(message),
    statement_pitch: (/** @type {StatementPitch} */ message) => this.#steps.pitch.note(message),
    error: (/** @type {ErrorMessage} */ { code }) => (code === "failed" || code === "bad_message") && this.#unsaid(),
  };

  /**
   * Begin a session for an exercise.
   *
   * @param {ExerciseView} view
   * @param {Shadowed | null} [talk] that was listened to before
   */
  begin(view, talk = null) {
    this.#whole = false;
    const { drill, name } = view;
    this.#talk = talk;
    this.#wanted = view;
    this.#page.begin({ purpose: `exercise:${name}`, question: "", ...(drill ? { drill: { name: drill, level: this.#page.drills.drill.level } } : {}) });
  }

  /** Whether a step goes on. */
  get running() {
    return this.#run !== null;
  }

  /** Whether nobody is to be listened to in the present step. */
  get mutes() {
    return Boolean(this.#run?.silent) && LIVE.has(this.#page.machine.state);
  }

  /** Whether the session that ends is for an exercise, whose score is still to come. */
  get awaited() {
    const { record } = this.#page.session;
    return Boolean(record.run) && !record.score;
  }

  /**
   * Show the step where one goes on.
   *
   * @param {string} state
   */
  show(state) {
    if (state === "trouble") this.#wanted ??= this.#run?.view ?? null; // may be begun again
    if (LEAVES.has(state)) this.#stop();
    if (PURPOSELESS.has(state)) this.#wanted = null;
    const shown = this.running && SHOWS.has(state);
    this.#root.hidden = !shown;
    setAttribute(document.body, "data-step", shown ? (this.#run?.placed.step.does ?? "") : "");
  }

  /** Draw the score in the summary's place, and return whether there is one to draw. */
  showResult() {
    if (this.#whole) return false;
    return showResult(this.#page, {
      again: () => this.#page.attempt(() => this.#again()),
      whole: () => {
        this.#whole = true;
        this.#page.showSummary();
        byId("summary-title").focus({ preventScroll: true });
      },
    });
  }

  /** Go on to the next step, or to the end. */
  next() {
    const run = this.#run;
    if (!run || !SHOWS.has(this.#page.machine.state)) return;
    if (run.next()) this.#step();
    else {
      this.#page.session.send({ type: "set_step", place: null });
      this.#page.act("end");
    }
  }

  /** @param {Visit} visit */
  async #listening(visit) {
    await Promise.resolve(); // what the session is for is told before its first step
    if (!visit.current) return;
    const { record } = this.#page.session;
    const view = this.#wanted;
    this.#wanted = null;
    if (view?.steps.length) {
      this.#run = new ExerciseRun(view, 0, this.#talk);
      this.#step();
    } else if (!this.#run && record.run?.view.steps.length && !record.summary) {
      this.#run = new ExerciseRun(record.run.view, record.run.place, record.run.talk); // after a reload
      this.#step();
    }
  }

  #step() {
    const run = /** @type {ExerciseRun} */ (this.#run);
    const { input, session } = this.#page;
    session.record.noteRun(run.kept);
    session.connection?.playSound();
    session.send({ type: "set_step", place: run.place, speaks: !run.silent, say: run.says, pitch: run.placed.step.pitch });
    input.mute(run.silent);
    this.#voice_ms = run.says ? VOICE_MS : 0;
    if (run.says) this.#steps.pitch.clear();
    this.#steps.show(run, { captions: this.#page.settings.values.captions });
    announce(toldOf(run));
    clearInterval(this.#ticker);
    this.#passed_at = performance.now();
    this.#ticker = setInterval(() => this.#pass(run), TICK_MS);
    this.#page.show();
  }

  /** @param {ExerciseRun} run */
  #pass(run) {
    const now = performance.now();
    const elapsed_ms = now - this.#passed_at;
    this.#passed_at = now;
    if (!PASSES.has(this.#page.machine.state)) return;
    if (this.#voice_ms > 0) {
      this.#voice_ms -= elapsed_ms;
      if (this.#voice_ms <= 0) this.#unsaid();
      return;
    }
    if (run.pass(elapsed_ms)) this.next();
    else this.#steps.pass(run);
  }

  /**
   * The voice begins: the step lasts as long as what it says.
   *
   * @param {StepSaid} message
   */
  #said({ place, seconds }) {
    if (!this.#run || this.#run.place !== place) return;
    this.#voice_ms = 0;
    this.#run.last_s(seconds + AFTER_VOICE_S);
    this.#steps.heard();
  }

  /** The voice doesn't come: what it would say is read. */
  #unsaid() {
    if (this.#voice_ms === 0 && !this.#run?.says) return;
    this.#voice_ms = 0;
    this.#steps.unheard();
  }

  /**
   * Keep what was noted of a talk with the take of its retelling, and say so once it is.
   *
   * @param {string} take
   */
  #keepTechniques(take) {
    const { machine, session } = this.#page;
    const { run } = session.record;
    const techniques = run?.talk?.techniques ?? [];
    if (!run || !techniques.length) return;
    this.#page.attempt(async () => {
      await changeTake(take, { note: techniques.map((technique) => `• ${technique}`).join("\n") });
      if (session.record.run !== run) return; // another one has begun
      session.record.noteRun({ ...run, noted: true });
      if (machine.state === "finished") this.#page.showSummary();
    });
  }

  #stop() {
    clearInterval(this.#ticker);
    this.#run = null;
  }

  /** Do it once more: with what comes after what was shown last. */
  async #again() {
    const { session, visit } = this.#page;
    const { run } = session.record;
    if (!run) return;
    const view = await getExercise(run.view.name);
    if (visit.current) this.begin(view, run.talk);
  }
}
