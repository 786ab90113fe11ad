/** The place of takes: what is kept, the list, and what can be done with all of them. */

import { actionButton } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";
import { EXPORT_ALL } from "./api.js";
import { keepsAnything } from "./consent.js";
import { about, figureText, keptOf, nameOf } from "./describe.js";
import { takeAddress } from "./places.js";

/** @import { Child } from "../ui/elements.js" */
/** @import { RecordState, TakeEntry } from "../protocol.js" */

const text = words.takes;

/** @type {(label: string, action: string, kind: string, act: (name: string) => void) => HTMLButtonElement} */
const button = (label, action, kind, act) => actionButton(label, action, kind, () => act(action));

/**
 * @param {RecordState} state
 * @param {TakeEntry[]} entries
 * @param {boolean} more whether there are earlier ones
 * @param {object} does
 * @param {(name: string) => void} does.act
 * @param {(file: File) => void} does.importing
 * @returns {Child[]}
 */
export function listView({ kept, problem }, entries, more, { act, importing }) {
  const keeping = keepsAnything(kept);
  return [
    h("h2", { class: "words", id: "takes-title", tabindex: "-1" }, text.title),
    problem ? notice(problem) : null,
    entries.length ? h("ol", { class: "takes" }, entries.map(entryItem)) : h("p", { class: "lead" }, keeping ? text.emptyKeeping : text.emptyAsk),
    more ? h("div", { class: "row" }, button(text.more, "takes_more", "secondary", act)) : null,
    entries.length ? null : h("div", { class: "row" }, keeping ? h("a", { class: "primary", href: "#practise" }, text.practise) : button(text.choose, "keeping", "primary", act)),
    manage(entries.length > 0, kept !== null, act, importing),
  ];
}

/** @param {string} said */
export const notice = (said) => h("p", { class: "notice" }, icon("attention"), h("span", {}, said));

/** @param {TakeEntry} entry */
function entryItem(entry) {
  return h(
    "li",
    {},
    h("a", { href: takeAddress(entry.id), "data-take": entry.id }, h("b", {}, nameOf(entry))),
    h("small", {}, about(entry)),
    entry.figure ? h("span", { class: "one-figure" }, figureText(entry.figure)) : null,
    h("small", { class: "what-kept" }, keptOf(entry)),
    entry.tags.length ? h("small", { class: "tags" }, entry.tags.map((tag) => h("span", {}, tag))) : null,
  );
}

/**
 * @param {boolean} any whether there are takes
 * @param {boolean} asked whether the person has chosen what is kept
 * @param {(name: string) => void} act
 * @param {(file: File) => void} importing
 */
function manage(any, asked, act, importing) {
  const file = h("input", { type: "file", id: "takes-file", accept: ".zip,.json,application/zip,application/json", hidden: true });
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) importing(chosen);
    file.value = "";
  });
  const add = actionButton(text.import, "takes_import", "secondary", () => file.click());
  const row = (/** @type {Child} */ control, /** @type {string} */ hint) => h("div", {}, control, hint ? h("small", {}, hint) : "");
  return h(
    "details",
    { class: "mark-notes manage" },
    h("summary", {}, text.manage),
    h(
      "div",
      { class: "all-takes" },
      any ? row(h("a", { class: "secondary", href: EXPORT_ALL, download: true }, text.exportAll), text.exportHint) : null,
      row(h("span", {}, add, file), text.importHint),
      any || asked ? row(button(text.forget, "takes_forget", "secondary", act), "") : null,
    ),
  );
}
