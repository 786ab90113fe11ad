/** What a round of an exercise is about: a text, a small table, or a short program. */

import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { Prompt } from "../protocol.js" */

/** @param {Prompt} prompt */
export function promptOf({ text, kind }) {
  if (kind === "table") return tableOf(text);
  if (kind === "program") return h("pre", { class: "program", tabindex: "0", role: "region", "aria-label": words.exercises.program }, h("code", {}, text.trimEnd()));
  return h("p", { class: "question" }, text);
}

/** @param {string} text */
function tableOf(text) {
  const [head, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  return h(
    "div",
    { class: "scrolled", tabindex: "0", role: "region", "aria-label": words.exercises.table },
    h(
      "table",
      { class: "material" },
      h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell || "–"))))),
    ),
  );
}
