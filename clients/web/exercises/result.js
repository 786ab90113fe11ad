/** What follows an exercise: its score, one thing to try, what there was to see, and the scores before it. */

import { takeAddress } from "../page/address.js";
import { actionButton } from "../ui/controls.js";
import { byId, focused, h, present } from "../ui/elements.js";
import { words } from "../words/words.js";
import { bankOf } from "./analogies.js";
import { getExercise } from "./api.js";
import { historyOf } from "./history.js";
import { scoreOf, scoreText } from "./score.js";
import { shadowedOf } from "./shadowed.js";

/** @import { Page } from "../page/view.js" */
/** @import { ExerciseScore, ExerciseView } from "../protocol.js" */

const text = words.exercises;

/**
 * Fill `#summary` with the score of the exercise that has ended; return whether one has.
 *
 * @param {Page} page
 * @param {{ again: () => void, whole: () => void }} does `whole` shows the summary as of any session
 */
export function showResult(page, { again, whole }) {
  const { record, wait } = page.session;
  const { run, score, summary, taken } = record;
  if (!run || !summary) return false;
  const before = focused();
  const root = byId("summary");
  const { view } = run;
  const kept = /** @type {HTMLElement | null} */ (root.querySelector(`[data-run="${record.data.session}"]`));
  const after = kept ?? h("div", { class: "after-run", "data-run": record.data.session });
  root.replaceChildren(
    ...present([
      h("p", { class: "aside" }, view.title),
      h("h2", { class: "words", id: "summary-title", tabindex: "-1" }, titleOf(score)),
      ...(score ? scoreOf(score) : [h("p", { class: "aside late" }, wait.score ? text.counting : text.missed)]),
      h(
        "div",
        { class: "row" },
        actionButton(text.again, "exercise_again", "primary", again),
        h("a", { class: "secondary", href: "#programme" }, text.back),
        taken?.id ? h("a", { class: "secondary", href: takeAddress(taken.id) }, text.wholeTake) : actionButton(text.wholeTake, "exercise_whole", "secondary", whole),
        actionButton(words.actions.remove, "remove", "secondary", () => page.act("remove")),
      ),
      shadowedOf(run.talk, summary.measures[0], run.noted),
      answersOf(view, run.place),
      score && !wait.take && !taken?.kept ? notKept(page, taken?.why ?? "") : null,
      after,
    ]),
  );
  if (!wait.open && !after.dataset.filled) fill(after, view, page);
  if (before && root.contains(before)) before.focus({ preventScroll: true });
  return true;
}

/** @param {ExerciseScore | null} score */
const titleOf = (score) => (score && score.score !== null ? text.score(scoreText(score.score)) : text.finished);

/**
 * What the prompts that were shown come to.
 *
 * @param {ExerciseView} view
 * @param {number} place of the last step that was seen
 */
function answersOf({ steps }, place) {
  const seen = steps.slice(0, place + 1).map(({ prompt }) => prompt?.answer ?? "");
  const answers = [...new Set(seen)].filter(Boolean);
  if (!answers.length) return null;
  return h("section", { "aria-labelledby": "answers-title" }, h("h3", { id: "answers-title" }, text.answers), answers.map((answer) => h("p", {}, answer)));
}

/**
 * @param {Page} page
 * @param {string} why
 */
function notKept(page, why) {
  if (page.takes.kept) return why ? h("p", { class: "aside" }, words.takes.notKept(why)) : null;
  return h("p", { class: "aside" }, text.notKept, " ", actionButton(text.keep, "keeping", "link", () => page.act("keeping")));
}

/**
 * Draw what the record has of the exercise now, once.
 *
 * @param {HTMLElement} root
 * @param {ExerciseView} view
 * @param {Page} page
 */
function fill(root, view, page) {
  root.dataset.filled = "true";
  return page.attempt(async () => {
    const bank = view.keeps === "analogy" ? await bankOf(page) : null;
    const now = await getExercise(view.name);
    root.replaceChildren(...present([bank, historyOf(now)]));
  });
}
