/** The analogy bank: analogies that the person wrote down, how well they work, and how often they were used again. */

import { actionButton, labelled, select } from "../ui/controls.js";
import { h, present } from "../ui/elements.js";
import { randomHex } from "../ui/ids.js";
import { inTurn } from "../ui/in-turn.js";
import { words } from "../words/words.js";
import { deleteAnalogy, listAnalogies, putAnalogy } from "./api.js";

/** @import { Page } from "../page/view.js" */
/** @import { KeptAnalogy } from "../protocol.js" */

const text = words.exercises;
const LONGEST_THING = 200;
const LONGEST_LIKE = 1000;

/** Sends changes one after the other, so that the last one holds. */
const next = inTurn();

/**
 * Return the bank, with a form for one more.
 *
 * @param {Page} page
 */
export async function bankOf(page) {
  const list = h("div", { class: "analogies" });
  const root = h("section", { class: "bank", "aria-labelledby": "bank-title" }, h("h3", { id: "bank-title" }, text.bank), h("p", { class: "aside" }, text.bankLead), formOf(page, () => draw()), list);
  const draw = async () => {
    const kept = await listAnalogies();
    list.replaceChildren(...(kept.length ? kept.map((one) => analogyOf(one, page, draw)) : [h("p", { class: "aside" }, text.bankEmpty)]));
  };
  await draw();
  return root;
}

/**
 * @param {Page} page
 * @param {() => Promise<void>} changed
 */
function formOf(page, changed) {
  const thing = h("input", { id: "analogy-thing", type: "text", maxlength: LONGEST_THING, autocomplete: "off" });
  const like = h("textarea", { id: "analogy-like", rows: "2", maxlength: LONGEST_LIKE });
  const write = async () => {
    if (!thing.value.trim() || !like.value.trim()) return page.tell(text.bankIncomplete, "analogy");
    await putAnalogy(randomHex(9), { thing: thing.value.trim(), like: like.value.trim(), rating: null, used: 0 });
    thing.value = like.value = "";
    await changed();
    page.tell(text.written, "analogy");
    return thing.focus();
  };
  return h(
    "div",
    { class: "fields" },
    labelled("analogy-thing", text.thing, thing),
    labelled("analogy-like", text.like, like),
    h("div", { class: "row" }, actionButton(text.write, "analogy_write", "secondary", () => page.attempt(write))),
  );
}

/**
 * @param {KeptAnalogy} kept
 * @param {Page} page
 * @param {() => Promise<void>} changed
 */
function analogyOf(kept, page, changed) {
  const { id, thing, like, rating, used } = kept;
  let wanted = kept;
  const put = async (/** @type {KeptAnalogy} */ analogy) => {
    await putAnalogy(id, analogy);
    await changed();
    page.tell(text.changed, "analogy");
    document.getElementById(`analogy-${id}`)?.focus();
  };
  const change = (/** @type {Partial<KeptAnalogy>} */ now) => {
    const analogy = (wanted = { ...wanted, ...now });
    return next(() => page.attempt(() => put(analogy)));
  };
  const remove = () =>
    page.attempt(async () => {
      await deleteAnalogy(id);
      await changed();
      page.tell(text.removed, "analogy");
      document.getElementById("analogy-thing")?.focus();
    });
  const options = [["", text.unrated], ...Object.entries(text.ratings)];
  return h(
    "article",
    { id: `analogy-${id}`, tabindex: "-1", "aria-label": thing },
    ...present([
      h("p", {}, h("b", {}, thing), " ", h("span", {}, like)),
      h(
        "div",
        { class: "row" },
        labelled(`rating-${id}`, text.rating, select(`rating-${id}`, options, String(rating ?? ""), (value) => change({ rating: value ? Number(value) : null }))),
        h("small", {}, text.usedTimes(used)),
        actionButton(text.used, "analogy_used", "secondary", () => change({ used: wanted.used + 1 })),
        actionButton(text.remove, "analogy_remove", "quiet", () => page.sure.ask({ title: text.removeTitle, lead: text.removeLead, yes: text.remove, no: words.takes.cancel }, remove)),
      ),
    ]),
  );
}
