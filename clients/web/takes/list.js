/** The place of takes: what is kept, the list, and what can be done with all of them. */

import { takeAddress } from "../page/address.js";
import { actionButton, notice, placeTitle } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { EXPORT_ALL, EXPORT_WITH_REPORTS, listTakes } from "./api.js";
import { keepsAnything } from "./consent.js";
import { about, figureText, keptOf, nameOf } from "./describe.js";

/** @import { Page, PlaceView } from "../page/view.js" */
/** @import { TakeEntry } from "../protocol.js" */

const text = words.takes;

/** @type {PlaceView} */
export async function listView(_, page) {
  const [{ kept, problem }, { takes, more }] = await Promise.all([page.takes.read(), listTakes()]);
  const keeping = keepsAnything(kept);
  const act = (/** @type {string} */ name) => page.act(name);
  return [
    placeTitle(text.title),
    problem ? notice(problem) : null,
    ...(takes.length ? list(takes, more, page) : [h("p", { class: "lead" }, keeping ? text.emptyKeeping : text.emptyAsk)]),
    takes.length ? null : h("div", { class: "row" }, keeping ? h("a", { class: "primary", href: "#practise" }, text.practise) : button(text.choose, "keeping", "primary", act)),
    keeping ? recordingRow((file) => page.takes.addRecording(file)) : null,
    manage(takes.length > 0, kept !== null, act, (file) => page.takes.import(file)),
  ];
}

/** @type {(label: string, action: string, kind: string, act: (name: string) => void) => HTMLButtonElement} */
const button = (label, action, kind, act) => actionButton(label, action, kind, () => act(action));

/**
 * The list, and the button that adds earlier takes to it.
 *
 * @param {TakeEntry[]} entries
 * @param {boolean} more whether there are earlier ones
 * @param {Page} page
 */
function list(entries, more, page) {
  let last = entries[entries.length - 1].id;
  const root = h("ol", { class: "takes" }, entries.map(entryItem));
  const add = async () => {
    const earlier = await listTakes(last);
    const items = earlier.takes.map(entryItem);
    root.append(...items);
    last = earlier.takes[items.length - 1]?.id ?? last;
    if (!earlier.more) button.remove();
    items[0]?.querySelector("a")?.focus();
  };
  const button = h("div", { class: "row" }, actionButton(text.more, "takes_more", "secondary", () => page.attempt(add)));
  return more ? [root, button] : [root];
}

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

/** @param {(file: File) => void} adding */
const recordingRow = (adding) =>
  h("div", { class: "add-recording" }, fileButton(words.recording.choose, "recording_add", "recording-file", "audio/*,video/*,.opus,.ogg,.flac,.mka,.mkv", adding), h("small", {}, words.recording.chooseHint));

/**
 * Return a button by which a file is chosen.
 *
 * @param {string} label
 * @param {string} action
 * @param {string} id of the file's input
 * @param {string} accept kinds of files
 * @param {(file: File) => void} chosen
 */
function fileButton(label, action, id, accept, chosen) {
  const input = h("input", { type: "file", id, accept, hidden: true });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) chosen(file);
    input.value = "";
  });
  return h("span", {}, actionButton(label, action, "secondary", () => input.click()), input);
}

/**
 * @param {boolean} any whether there are takes
 * @param {boolean} asked whether the person has chosen what is kept
 * @param {(name: string) => void} act
 * @param {(file: File) => void} importing
 */
function manage(any, asked, act, importing) {
  const add = fileButton(text.import, "takes_import", "takes-file", ".zip,.json,application/zip,application/json", importing);
  const row = (/** @type {Node} */ control, /** @type {string} */ hint) => h("div", {}, control, hint ? h("small", {}, hint) : "");
  return h(
    "details",
    { class: "mark-notes manage" },
    h("summary", {}, text.manage),
    h(
      "div",
      { class: "all-takes" },
      any ? row(h("a", { class: "secondary", href: EXPORT_ALL, download: true }, text.exportAll), text.exportHint) : null,
      any ? row(h("a", { class: "secondary", href: EXPORT_WITH_REPORTS, download: true }, text.exportReports), text.exportReportsHint) : null,
      row(add, text.importHint),
      any || asked ? row(button(text.forget, "takes_forget", "secondary", act), "") : null,
    ),
  );
}
