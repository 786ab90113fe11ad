/** One run of an exercise: which step it is at, and how long that still takes. It knows no clock. */

/** @import { ExerciseView, PlacedStep } from "../protocol.js" */
/** @import { KeptRun } from "../session/record.js" */
/** @import { Shadowed } from "./shadowed.js" */

export class ExerciseRun {
  view;
  /** The present step, from 0. */
  place;
  /** Milliseconds that are left of it. */
  left_ms = 0;
  /** Milliseconds that it takes. */
  length_ms = 0;
  /** The talk that was listened to before. @type {Shadowed | null} */
  talk;

  /**
   * @param {ExerciseView} view
   * @param {number} [place] step to begin with
   * @param {Shadowed | null} [talk]
   */
  constructor(view, place = 0, talk = null) {
    this.view = view;
    this.place = place;
    this.talk = talk;
    this.last_s(this.placed.step.seconds);
  }

  get placed() {
    return /** @type {PlacedStep} */ (this.view.steps[this.place]);
  }

  /**
   * Let the present step last so long from now on.
   *
   * @param {number} seconds
   */
  last_s(seconds) {
    this.left_ms = this.length_ms = 1000 * seconds;
  }

  /** Whether nobody is listened to now. */
  get silent() {
    return this.placed.step.does !== "speak";
  }

  /** What a packaged voice says in the step; "" where it says nothing. */
  get says() {
    const { step, prompt } = this.placed;
    return step.say || (step.prompt === "said" && prompt ? prompt.text : "");
  }

  get last() {
    return this.place === this.view.steps.length - 1;
  }

  /** Share of the step that is left, 0..1. */
  get left() {
    return Math.max(0, this.left_ms / this.length_ms);
  }

  /**
   * Let time pass, and return whether the step is over.
   *
   * @param {number} elapsed_ms
   */
  pass(elapsed_ms) {
    this.left_ms -= elapsed_ms;
    return this.left_ms <= 0;
  }

  /** Go on to the next step, and return whether there is one. */
  next() {
    if (this.last) return false;
    this.place += 1;
    this.last_s(this.placed.step.seconds);
    return true;
  }

  /**
   * What of it survives a reload: not the scores before it, which are the record's.
   *
   * @returns {KeptRun}
   */
  get kept() {
    return { view: { ...this.view, runs: [], best: null }, place: this.place, talk: this.talk, noted: false };
  }
}
