/** Rounds: how many have answered, what they say together, and what can be done with one. */

import { Problem } from "../page/problem.js";
import { sentenceOf } from "../page/record-api.js";
import { actionButton, labelled, notice } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { addReply, closeRound, deleteRound, extendRound } from "./api.js";

/** @import { Page } from "../page/view.js" */
/** @import { RoundView } from "../protocol.js" */

const text = words.feedback;

/**
 * @param {RoundView[]} rounds
 * @param {Page} page
 */
export function roundsSection(rounds, page) {
  return h(
    "section",
    { class: "rounds", "aria-labelledby": "rounds-title" },
    h("h3", { id: "rounds-title" }, text.rounds),
    rounds.length ? rounds.map((round) => oneRound(round, page)) : h("p", { class: "aside" }, text.nobody),
    rounds.some(({ by }) => by === "mail") ? replyForm(page) : null,
  );
}

/**
 * @param {RoundView} round
 * @param {Page} page
 */
function oneRound(round, page) {
  const { id, shown } = round;
  const next = shown ? "" : text.next(round);
  return h(
    "article",
    { class: "asked-round", "data-round": id, "aria-labelledby": `round-${id}` },
    h("h4", { id: `round-${id}` }, text.asked(round)),
    h("p", {}, h("b", {}, text.count(round)), next ? ` ${next}` : ""),
    shown ? whatTheySay(round) : null,
    h("div", { class: "row" }, buttons(round, page)),
  );
}

/** @param {RoundView} round */
function whatTheySay(round) {
  const { id, by, rated, stop, start } = round;
  return h(
    "div",
    { class: "said-together" },
    h(
      "table",
      { role: "table", "aria-label": text.said(text.asked(round)) },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, text.what), h("th", { scope: "col" }, text.rating))),
      h("tbody", { role: "rowgroup" }, rated.map((one) => h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, one.title), h("td", { role: "cell" }, text.rated(one.rated))))),
    ),
    texts(`stop-${id}`, text.stop, stop),
    texts(`start-${id}`, text.start, start),
    by === "links" && stop.length + start.length ? h("p", { class: "aside" }, text.wording) : null,
  );
}

/** @type {(id: string, title: string, said: string[]) => HTMLElement | null} */
const texts = (id, title, said) =>
  said.length ? h("div", {}, h("h5", { id }, title), h("ul", { class: "plain", "aria-labelledby": id }, said.map((one) => h("li", { class: "own-note" }, one)))) : null;

/** @type {(round: RoundView, page: Page) => HTMLButtonElement[]} */
function buttons(round, page) {
  const { id, by, state, can_show: enough } = round;
  const again = (/** @type {() => Promise<unknown>} */ work, /** @type {string} */ said) =>
    page.attempt(async () => {
      await work();
      await page.places.open();
      if (said) page.tell(said, "feedback");
    });
  const button = (/** @type {string} */ label, /** @type {string} */ action, /** @type {string} */ kind, /** @type {() => unknown} */ press) => {
    const made = actionButton(label, action, kind, press);
    made.setAttribute("aria-label", text.of(label, text.asked(round)));
    return made;
  };
  const sure = (/** @type {{ title: string, lead: string }} */ asked, /** @type {string} */ yes, /** @type {() => unknown} */ then) => page.sure.ask({ ...asked, yes, no: text.cancel }, then);
  const close = () => again(() => closeRound(id), "");
  const goesOn = by === "links" && state !== "over";
  return [
    goesOn && enough ? button(text.show, "feedback_show", "primary", () => sure(text.sureShow, text.show, close)) : null,
    goesOn && !enough ? button(text.extend, "feedback_extend", "secondary", () => again(() => extendRound(id), text.extended)) : null,
    goesOn && !enough ? button(text.close, "feedback_close", "quiet", () => sure(text.sureClose, text.close, close)) : null,
    button(text.remove, "feedback_remove", "quiet", () => sure(text.sureRemove, text.remove, () => again(() => deleteRound(id), text.removed))),
  ].filter((made) => made !== null);
}

/** @param {Page} page */
function replyForm(page) {
  const box = h("textarea", { id: "feedback-reply", rows: "4", required: true, "aria-describedby": "feedback-reply-hint" });
  const wrong = h("div", { role: "alert" });
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    try {
      const { answered } = await addReply(box.value);
      await page.places.open();
      page.tell(text.added(answered), "feedback");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      wrong.replaceChildren(notice(sentenceOf(error)));
      box.focus();
    }
  };
  return h(
    "form",
    { class: "edit", onsubmit: submit },
    h("div", {}, labelled("feedback-reply", text.reply, box), h("small", { id: "feedback-reply-hint" }, text.replyHint)),
    wrong,
    h("div", { class: "row" }, h("button", { type: "submit", class: "secondary" }, text.addReply)),
  );
}
