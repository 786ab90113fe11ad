/** The three columns beside each other: own ratings by sliders, other people's, and figures of takes. */

import { actionButton, cell } from "../ui/controls.js";
import { h, setAttribute, setText } from "../ui/elements.js";
import { inTurn } from "../ui/in-turn.js";
import { words } from "../words/words.js";
import { getRatings, setRating } from "./api.js";

/** @import { Page } from "../page/view.js" */
/** @import { RatingRow, RatingTable } from "../protocol.js" */

const text = words.feedback;

/** Sends ratings one after the other, so that the last one holds. */
const next = inTurn();

/** Where a slider stands before anything was said. */
const MIDDLE = "5";

/**
 * @param {RatingTable} table
 * @param {Page} page
 */
export function columnsSection(table, page) {
  const apart = h("div", { class: "apart", "aria-live": "polite" }, disagreements(table));
  const send = async (/** @type {string} */ name, /** @type {number | null} */ rating) => {
    await setRating(name, rating);
    apart.replaceChildren(...disagreements(await getRatings()));
  };
  const rated = (/** @type {string} */ name, /** @type {number | null} */ rating) => next(() => page.attempt(() => send(name, rating)));
  const heads = ["", text.you, text.others, text.takes];
  return h(
    "section",
    { class: "columns", "aria-labelledby": "columns-title" },
    h("h3", { id: "columns-title" }, text.columns),
    h("p", { class: "aside" }, text.columnsLead),
    h(
      "table",
      { role: "table", class: "three-columns", "aria-labelledby": "columns-title" },
      h("thead", {}, h("tr", {}, heads.map((head) => (head ? h("th", { scope: "col" }, head) : h("td"))))),
      h("tbody", { role: "rowgroup" }, table.rows.map((row) => ratingRow(row, rated))),
    ),
    apart,
  );
}

/**
 * @param {RatingRow} row
 * @param {(name: string, rating: number | null) => unknown} rated
 */
function ratingRow(row, rated) {
  const { name, title, asks, others, figure, figure_from: from } = row;
  const known = figure === null ? unknown() : h("span", {}, figure.toFixed(1), from === "baseline" ? h("small", {}, ` ${text.baseline}`) : null);
  return h(
    "tr",
    { role: "row", "data-rated": name },
    h("th", { scope: "row", role: "rowheader" }, title, h("small", { class: "asks" }, asks)),
    cell(text.you, slider(row, rated)),
    cell(text.others, others.count ? text.rated(others) : unknown()),
    cell(text.takes, known),
  );
}

/**
 * A slider that says nothing until it was moved.
 *
 * @param {RatingRow} row
 * @param {(name: string, rating: number | null) => unknown} rated
 */
function slider({ name, title, own }, rated) {
  const input = h("input", { type: "range", min: "1", max: "10", step: "1", value: own === null ? MIDDLE : String(own), "aria-label": text.yours(title) });
  const output = h("output", {});
  const clear = actionButton(text.clear, "rating_clear", "link", () => {
    input.value = MIDDLE;
    show(null);
    input.focus();
    rated(name, null);
  });
  clear.setAttribute("aria-label", text.clearOne(title));
  const show = (/** @type {number | null} */ rating) => {
    setText(output, rating === null ? text.notRated : String(rating));
    setAttribute(input, "aria-valuetext", rating === null ? text.notRated : String(rating));
    input.classList.toggle("unset", rating === null);
    clear.hidden = rating === null;
  };
  input.addEventListener("input", () => show(Number(input.value)));
  input.addEventListener("change", () => rated(name, Number(input.value)));
  // What is shown in the middle can be meant: a press that moves nothing says so.
  input.addEventListener("pointerup", () => saidUnmoved());
  input.addEventListener("keyup", ({ key }) => key === "Enter" && saidUnmoved());
  const saidUnmoved = () => {
    if (!input.classList.contains("unset")) return;
    show(Number(input.value));
    rated(name, Number(input.value));
  };
  show(own);
  return h("div", { class: "own-rating" }, input, output, clear);
}

/** @param {RatingTable} table */
function disagreements({ disagreements: found, rows }) {
  const known = rows.filter(({ own, others, figure }) => [own, others.mean, figure].filter((one) => one !== null).length > 1);
  if (!known.length) return [];
  if (!found.length) return [h("p", { class: "aside" }, text.agree)];
  return [
    h("h4", {}, text.differ),
    h("p", { class: "aside" }, text.differLead),
    h("ul", { class: "plain" }, found.map(({ title, sentence }) => h("li", {}, h("b", {}, title), ": ", sentence))),
  ];
}

const unknown = () => h("span", {}, h("span", { "aria-hidden": "true" }, text.none), h("span", { class: "unseen" }, text.noneSaid));
