/** The place of an exercise: what it is, how it goes, why, how it went so far, and one button that begins it. */

import { actionButton, placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { announce } from "../ui/announce.js";
import { words } from "../words/words.js";
import { wordsLine } from "../transcript/switch.js";
import { bankOf } from "./analogies.js";
import { getExercise, markDone } from "./api.js";
import { historyOf } from "./history.js";
import { ExerciseRun } from "./run.js";
import { StepView, toldOf } from "./step.js";
import { Talk } from "./talk.js";

/** @import { Page, PlaceView, PlaceVisit } from "../page/view.js" */
/** @import { ExerciseView, PlacedStep } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */

const text = words.exercises;
const TICK_MS = 200;

/** @type {PlaceView} */
export async function exerciseView({ ids: [name = ""] }, page, visit) {
  const view = await getExercise(name);
  const bank = view.keeps === "analogy" ? await bankOf(page) : null;
  const talk = view.talk ? new Talk(page, visit) : null;
  const { title, how, why, trains, minutes, known, scored, steps } = view;
  return [
    wayBack("#programme", text.back),
    placeTitle(title),
    h("p", { class: "lead" }, how),
    h("p", { class: "aside" }, `${text.minutes(minutes)}. ${text.trains(trains)}`),
    talk?.element,
    ...beginning(view, page, visit, talk),
    h("p", {}, why),
    known ? h("p", {}, known) : null,
    steps.length ? stepsOf(view) : null,
    scored.length ? h("p", { class: "aside" }, text.scored(scored)) : null,
    bank,
    view.speaks ? historyOf(view) : null,
  ];
}

/**
 * The one button, and what has to be known before it is pressed.
 *
 * @param {ExerciseView} view
 * @param {Page} page
 * @param {PlaceVisit} visit
 * @param {Talk | null} talk
 * @returns {Child[]}
 */
function beginning(view, page, visit, talk) {
  const row = (/** @type {Child[]} */ ...children) => h("div", { class: "row" }, children);
  if (!view.drill && !view.steps.length) {
    const mark = actionButton(text.markDone, "exercise_done", "secondary", () => page.attempt(() => marked(view, page)));
    return [h("p", { class: "aside" }, text.friend), row(h("a", { class: "primary", href: "#practise" }, text.first), mark)];
  }
  if (!view.speaks) return [row(actionButton(text.begin, "exercise_begin", "primary", () => guide(view, page, visit)))];
  const begin = async () => {
    const heard = (await talk?.end()) ?? null;
    if (visit.current) page.exercises.begin(view, heard);
  };
  const act = (/** @type {string} */ label, /** @type {string} */ action, /** @type {string} */ kind) => actionButton(label, action, kind, () => page.act(action));
  return [
    row(actionButton(text.begin, "exercise_begin", "primary", () => page.attempt(begin))),
    view.drill ? h("p", { class: "aside" }, text.drill) : view.needs_words ? h("p", { class: "aside" }, text.needsWords, " ", wordsLine(page.transcript.view, act)) : null,
  ];
}

/** @param {ExerciseView} view */
function stepsOf({ steps, speaks }) {
  const first = steps.filter(({ round }) => round === 0);
  const rounds = Math.max(...steps.map(({ round }) => round)) + 1;
  return h(
    "section",
    { "aria-labelledby": "steps-title" },
    h("h3", { id: "steps-title" }, text.steps),
    h("ol", { class: "steps" }, first.map((placed) => stepOf(placed, speaks))),
    rounds > 1 ? h("p", { class: "aside" }, text.rounds(rounds)) : null,
  );
}

/**
 * @param {PlacedStep} placed
 * @param {boolean} speaks whether the person speaks in any step
 */
function stepOf({ step: { title, text: said, seconds, does } }, speaks) {
  return h("li", {}, h("b", {}, title), h("small", {}, [text.seconds(seconds), speaks && text.does[does]].filter(Boolean).join(" · ")), said ? h("p", {}, said) : null);
}

/**
 * Go through the steps of an exercise in which nobody speaks: there is nothing to hear, so there is no session.
 *
 * @param {ExerciseView} view
 * @param {Page} page
 * @param {PlaceVisit} visit
 */
function guide(view, page, visit) {
  const run = new ExerciseRun(view);
  const root = h("section", { class: "exercise", "aria-labelledby": "exercise-title" });
  let at = performance.now();
  const over = () => {
    clearInterval(ticker);
    page.attempt(async () => {
      await marked(view, page);
      if (visit.current) page.act("place_again");
    });
  };
  const steps = new StepView(root, () => next());
  const show = () => {
    steps.show(run);
    announce(toldOf(run));
  };
  const next = () => (run.next() ? show() : over());
  const ticker = setInterval(() => {
    const now = performance.now();
    if (run.pass(now - at)) next();
    else steps.pass(run);
    at = now;
  }, TICK_MS);
  visit.onLeave(() => clearInterval(ticker));
  show();
  const place = document.getElementById("place");
  place?.replaceChildren(root);
  root.querySelector("button")?.focus();
}

/**
 * @param {ExerciseView} view
 * @param {Page} page
 */
async function marked(view, page) {
  await markDone(view.name);
  page.tell(text.markedDone, "exercise");
}
