/** What went wrong: the sentence, the buttons that lead on, and the wait until a server that is busy may be asked again. */

import { MICROPHONE_PROBLEMS, asProblem } from "../page/problem.js";
import { announce } from "../ui/announce.js";
import { heading, row } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";

/** @import { Feature, Page, View, ViewTools } from "../page/view.js" */
/** @import { Problem } from "../page/problem.js" */
/** @import { Child } from "../ui/elements.js" */

/** Problems that another try doesn't help. */
const NO_RETRY = new Set(["insecure", "browser"]);
/** Problems of a call that can't be entered any more. */
const ONLY_BACK = new Set(["roomFull", "roomOver", "roomUnknown", "socketRefused", "roomElsewhere", "roomDismissed"]);
/** Problems whose sentence says to press what was pressed before. */
const PRESS_START = new Set(["refused", "none", "busy", "gone", "shutdown", "elsewhere", "expired"]);
/** @type {Record<string, string>} */
const SIGNS = { refused: "no_microphone", none: "no_microphone", busy: "no_microphone", gone: "no_microphone", away: "away", firewall: "away" };

/** @implements {Feature} */
export class Trouble {
  /** @type {Problem | null} */
  problem = null;
  /** Seconds until it is worth another try, where the server said so. */
  seconds = 0;
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  entering = {
    trouble: () => this.#enter(),
  };

  /** @param {unknown} error */
  fail(error) {
    this.problem = asProblem(error);
    if (this.#page.machine.send("trouble")) this.#page.input.microphone.close();
  }

  #enter() {
    const { problem } = this;
    const { calls, drills, session } = this.#page;
    if (!problem) return;
    drills.drill.stop();
    // A microphone can be mended: until then the seat is kept.
    const keepsSeat = MICROPHONE_PROBLEMS.has(problem.id) && calls.keepsSeat;
    if (problem.id === "elsewhere") session.record.forget();
    else if (session.connection && !keepsSeat) session.record.clear();
    if (calls.room && !keepsSeat) calls.leave();
    session.drop({ remove: problem.id !== "elsewhere" });
    announce(`${words.problems[problem.id].title}. ${sentence(problem)}`, { urgent: true });
    if (problem.retryAfter) this.#countDown(problem);
  }

  /**
   * Count until it is worth another try. Nobody is listened to after a wait unless they ask for it again.
   *
   * @param {Problem} problem
   */
  #countDown(problem) {
    this.seconds = problem.retryAfter;
    const count = () => {
      if (this.seconds === 0) return;
      this.seconds -= 1;
      this.#page.show();
      if (this.seconds === 0) announce(sentence(problem, 0));
    };
    this.#page.timers.set("trouble", count, 1000, { every: true });
  }
}

/**
 * Return the sentence of a problem; `seconds` are left until it is worth another try, where the server said so.
 *
 * @param {Problem} problem
 * @param {number} [seconds]
 */
export function sentence({ id, detail, retryAfter }, seconds = retryAfter) {
  const { text } = words.problems[id];
  return typeof text === "function" ? text(detail, seconds) : text;
}

/** @type {(view: View, tools: ViewTools) => Child[]} */
export function trouble({ problem, asked, hasLast }, tools) {
  if (!problem) return [];
  const { id, retryAfter } = problem;
  const same = words.asked[asked] ?? words.actions.start;
  const again = PRESS_START.has(id) || retryAfter ? same : words.actions.tryAgain;
  const onlyBack = ONLY_BACK.has(id);
  const buttons = row(
    tools.button(words.actions.back, "back", onlyBack ? "primary" : "secondary"),
    !onlyBack && tools.button(again, "once_more"),
    id === "roomFull" && tools.button(words.call.observe, "observe", "secondary"),
  );
  return [
    h("div", { class: "sign" }, icon(SIGNS[id] ?? "attention")),
    heading(words.problems[id].title),
    h("p", { class: "lead", "data-live": retryAfter > 0 }, sentence(problem)),
    NO_RETRY.has(id) ? null : buttons,
    hasLast ? tools.button(words.ready.last, "review", "link") : null,
  ];
}
