/** The place of notes after calls and interviews: writing one, and all of them. */

import { addressOf } from "../page/address.js";
import { listTakes } from "../takes/api.js";
import { placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { localTime, moment } from "../ui/format.js";
import { words } from "../words/words.js";
import { getNotes, newNoteId, putNote } from "./api.js";
import { noteForm } from "./note-form.js";

/** @import { PlaceView } from "../page/view.js" */
/** @import { KeptNote, Note } from "../protocol.js" */

const text = words.notes;

/** @param {string} id */
export const noteAddress = (id) => addressOf("note", id);

/**
 * What a note is called: its title, or what it was.
 *
 * @param {Note} note
 */
export const noteName = ({ title, occasion }) => title || text.occasions[occasion];

/** @type {PlaceView} */
export async function notesView(_, page) {
  const [all, { takes }] = await Promise.all([getNotes(), listTakes()]);
  const form = noteForm(all, takes, null, (note) =>
    page.attempt(async () => {
      const id = newNoteId(localTime(new Date(note.at)).slice(0, 10), all.notes.map((one) => one.id));
      await putNote(id, note);
      page.tell(text.saved, "record");
      location.assign(noteAddress(id));
    }),
  );
  return [
    wayBack(addressOf("programme"), words.stories.programme),
    placeTitle(text.title),
    h("p", { class: "lead" }, text.lead),
    h("details", { class: "mark-notes", open: all.notes.length === 0 }, h("summary", {}, text.write), form),
    all.notes.length ? h("ol", { class: "stories" }, all.notes.map(noteItem)) : h("p", { class: "aside" }, text.none),
    h("p", { class: "aside" }, text.month),
  ];
}

/** @param {KeptNote} kept */
function noteItem({ id, note }) {
  return h(
    "li",
    { "data-note": id },
    h("a", { href: noteAddress(id) }, h("b", {}, noteName(note))),
    h("small", {}, [moment(note.at), note.title ? text.occasions[note.occasion] : "", text.wentHow(note.went)].filter(Boolean).join(" · ")),
    note.next_time ? h("small", {}, text.nextOf(note.next_time)) : null,
  );
}
