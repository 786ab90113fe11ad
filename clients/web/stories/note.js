/** One note: what was written, and a look back at its take: what recurs, and in which takes before. */

import { addressOf, takeAddress } from "../page/address.js";
import { listTakes } from "../takes/api.js";
import { actionButton, placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { capital, moment } from "../ui/format.js";
import { words } from "../words/words.js";
import { deleteNote, getNote, getNotes, putNote } from "./api.js";
import { noteForm } from "./note-form.js";
import { noteName } from "./notes.js";
import { storyAddress } from "./stories.js";

/** @import { Page, PlaceView } from "../page/view.js" */
/** @import { Choice, LookBack, Note, Recurring } from "../protocol.js" */

const text = words.notes;

/** @type {PlaceView} */
export async function noteView({ ids: [id = ""] }, page) {
  const [{ note, take, look_back: looked }, all, { takes }] = await Promise.all([getNote(id), getNotes(), listTakes()]);
  const form = noteForm(all, takes, note, (changed) =>
    page.attempt(async () => {
      await putNote(id, changed);
      await page.places.open();
      page.tell(text.saved, "record");
    }),
  );
  const kind = all.interviews.find(({ name }) => name === note.interview);
  return [
    wayBack(addressOf("notes"), text.back),
    placeTitle(noteName(note)),
    h("p", { class: "aside" }, [moment(note.at), text.occasions[note.occasion], kind?.title, text.wentHow(note.went)].filter(Boolean).join(" · ")),
    written(note, all.stories),
    take ? h("p", {}, h("a", { href: takeAddress(take.id) }, text.openTake)) : null,
    looked ? lookSection(looked) : h("p", { class: "lead" }, text.noLook),
    h("details", { class: "mark-notes" }, h("summary", {}, text.change), form),
    h("div", { class: "row" }, actionButton(text.remove, "note_remove", "secondary", () => remove(page, id))),
  ];
}

/**
 * @param {Note} note
 * @param {Choice[]} stories
 */
function written({ well, badly, next_time: next, questions, stories: told }, stories) {
  const titles = stories.filter(({ name }) => told.includes(name));
  /** @type {[string, (Node | string)[]][]} */
  const said = [
    [text.next, [next]],
    [text.well, [well]],
    [text.badly, [badly]],
    [text.questions, questions.length ? [h("ul", { class: "questions" }, questions.map((one) => h("li", {}, one)))] : []],
    [text.stories, titles.flatMap(({ name, title }, i) => [i ? ", " : "", h("a", { href: storyAddress(name) }, title)])],
  ];
  const rows = said.filter(([, value]) => value.some(Boolean)).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  return rows.length ? h("dl", { class: "written" }, rows) : null;
}

/** @param {LookBack} looked */
function lookSection({ noticed, note }) {
  return h(
    "section",
    { "aria-labelledby": "look-title" },
    h("h3", { id: "look-title" }, text.look),
    h("p", { class: "aside" }, note || text.lookLead),
    noticed.length ? h("ol", { class: "recurring" }, noticed.map(recurring)) : null,
  );
}

/** @param {Recurring} one */
function recurring(one) {
  const { what, title, sentence, closes, takes } = one;
  const links = takes.flatMap(({ take, at }, i) => [i ? ", " : " ", h("a", { href: takeAddress(take) }, moment(at))]);
  return h(
    "li",
    { "data-what": what },
    h("p", {}, h("b", {}, capital(title)), h("small", {}, ` ${text.measured(one)}`)),
    h("p", {}, sentence),
    closes ? h("p", { class: "aside" }, text.try(closes)) : null,
    takes.length ? h("p", { class: "aside" }, text.before, links) : null,
  );
}

/**
 * @param {Page} page
 * @param {string} id
 */
function remove(page, id) {
  const sure = { title: text.removeTitle, lead: text.removeLead, yes: text.remove, no: text.cancel };
  page.sure.ask(sure, () =>
    page.attempt(async () => {
      await deleteNote(id);
      page.tell(text.removed, "record");
      location.replace(addressOf("notes"));
    }),
  );
}
