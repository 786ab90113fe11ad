/** A step of an exercise on the page: what to do, large, the time that is left as a thin line, and a way to the next one. */

import { actionButton, withShortcut } from "../ui/controls.js";
import { h, present, setAttribute, setText } from "../ui/elements.js";
import { words } from "../words/words.js";
import { PitchRound } from "./pitch-round.js";
import { promptOf } from "./prompt.js";

/** @import { ExerciseRun } from "./run.js" */

const text = words.exercises;

/** Draws the steps of a run into an element; its button stays, so that it keeps the focus. */
export class StepView {
  /** Curves of the present round. */
  pitch = new PitchRound();
  #place = h("small", {});
  #title = h("h2", { class: "words", id: "exercise-title" });
  #text = h("p", { class: "lead" });
  #does = h("p", { class: "aside" });
  #material = h("div", { class: "material-of" });
  #line = h("div", { class: "time-left", "aria-hidden": "true" }, h("i"));
  #label = h("span", {});
  #voice = h("p", { class: "aside", role: "status" });
  #said = h("blockquote", {});
  #words = h("details", { class: "said-to-you" }, h("summary", {}, words.pitch.read), this.#said);
  #root;
  #button;

  /**
   * @param {HTMLElement} root
   * @param {() => void} next
   */
  constructor(root, next) {
    this.#root = root;
    this.#button = withShortcut(actionButton(text.next, "exercise_next", "primary", next), "→", "ArrowRight");
    this.#button.firstChild?.replaceWith(this.#label);
    setText(this.#label, text.next);
    root.replaceChildren(this.#place, this.#title, this.#text, this.#voice, this.#words, this.#material, this.pitch.element, this.#line, this.#does, h("div", { class: "row" }, this.#button));
  }

  /**
   * @param {ExerciseRun} run
   * @param {{ captions?: boolean }} [options] with `captions` what is said can be read at once
   */
  show(run, { captions = false } = {}) {
    const { step, prompt } = run.placed;
    setText(this.#place, `${run.view.title} · ${text.place(run.place + 1, run.view.steps.length)}`);
    setText(this.#title, step.title);
    setText(this.#text, step.text);
    this.#text.hidden = !step.text;
    setText(this.#does, text.does[step.does]);
    this.#does.hidden = !run.view.speaks;
    const label = run.last ? text.done : text.next;
    setText(this.#label, label);
    setAttribute(this.#button, "aria-label", label);
    const said = run.says;
    const shown = step.prompt === "shown" && prompt;
    setText(this.#voice, said ? words.pitch.preparing : "");
    this.#voice.hidden = this.#words.hidden = !said;
    this.#words.open = captions || Boolean(step.pitch);
    setText(this.#said, said);
    this.#material.replaceChildren(...present([shown && promptOf(prompt), notesOf(run)]));
    if (!step.pitch && step.does === "speak") this.pitch.clear();
    this.#material.hidden = !this.#material.children.length;
    setAttribute(this.#root, "data-does", step.does);
    this.pass(run);
  }

  /** The voice is heard. */
  heard() {
    this.#voice.hidden = true;
  }

  /** The voice isn't heard: show what it would say. */
  unheard() {
    setText(this.#voice, words.pitch.unheard);
    this.#words.open = true;
  }

  /** @param {ExerciseRun} run */
  pass(run) {
    this.#line.style.setProperty("--left", run.left.toFixed(3));
  }
}

/**
 * The techniques that were noted of a talk.
 *
 * @param {ExerciseRun} run
 */
const notesOf = ({ talk }) => (talk?.techniques.length ? h("ul", { class: "notes" }, talk.techniques.map((technique) => h("li", {}, technique))) : null);

/**
 * What a screen reader is told of a step.
 *
 * @param {ExerciseRun} run
 */
export function toldOf({ placed: { step }, view }) {
  return [`${step.title}, ${text.seconds(step.seconds)}.`, step.text, view.speaks && `${text.does[step.does]}.`].filter(Boolean).join(" ");
}
