/** A step of an exercise on the page: what to do, large, the time that is left as a thin line, and a way to the next one. */

import { actionButton, withShortcut } from "../ui/controls.js";
import { h, present, setAttribute, setText } from "../ui/elements.js";
import { words } from "../words/words.js";
import { promptOf } from "./prompt.js";

/** @import { ExerciseRun } from "./run.js" */

const text = words.exercises;

/** Draws the steps of a run into an element; its button stays, so that it keeps the focus. */
export class StepView {
  #place = h("small", {});
  #title = h("h2", { class: "words", id: "exercise-title" });
  #text = h("p", { class: "lead" });
  #does = h("p", { class: "aside" });
  #material = h("div", { class: "material-of" });
  #line = h("div", { class: "time-left", "aria-hidden": "true" }, h("i"));
  #label = h("span", {});
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
    root.replaceChildren(this.#place, this.#title, this.#text, this.#material, this.#line, this.#does, h("div", { class: "row" }, this.#button));
  }

  /** @param {ExerciseRun} run */
  show(run) {
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
    this.#material.replaceChildren(
      ...present([shown && promptOf(prompt), said && h("figure", { class: "said-to-you" }, h("figcaption", {}, text.said), h("blockquote", {}, said))]),
    );
    this.#material.hidden = !this.#material.children.length;
    setAttribute(this.#root, "data-does", step.does);
    this.pass(run);
  }

  /** @param {ExerciseRun} run */
  pass(run) {
    this.#line.style.setProperty("--left", run.left.toFixed(3));
  }
}

/**
 * What a screen reader is told of a step.
 *
 * @param {ExerciseRun} run
 */
export function toldOf({ placed: { step }, view }) {
  return [`${step.title}, ${text.seconds(step.seconds)}.`, step.text, view.speaks && `${text.does[step.does]}.`].filter(Boolean).join(" ");
}
