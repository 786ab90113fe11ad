/** The form of a note after a call or an interview. */

import { about, nameOf } from "../takes/describe.js";
import { labelled, select } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { localTime } from "../ui/format.js";
import { words } from "../words/words.js";
import { boxes, line, lines, radios } from "./fields.js";

/** @import { Note, Notes, TakeEntry } from "../protocol.js" */
/** @import { WantedNote } from "./api.js" */

const text = words.notes;

/** Most characters that the server takes. */
const LONGEST = { title: 200, text: 4000, line: 500 };
const MOST_QUESTIONS = 30;

/**
 * @param {Pick<Notes, "interviews" | "stories">} known
 * @param {TakeEntry[]} takes that it may be tied to
 * @param {Note | null} note null for a new one
 * @param {(note: WantedNote) => unknown} save
 */
export function noteForm({ interviews, stories }, takes, note, save) {
  const at = h("input", { type: "datetime-local", id: "note-at", value: localTime(note ? new Date(note.at) : new Date()), required: true });
  let occasion = note?.occasion ?? "interview";
  let kind = note?.interview ?? "";
  let take = note?.take ?? "";
  const occasions = Object.entries(text.occasions);
  const kinds = [["", text.noKind], ...interviews.map(({ name, title }) => [name, title])];
  const title = line("note-title", text.name, note?.title ?? "", { maxlength: String(LONGEST.title) });
  const went = radios("note-went", text.went, Object.entries(text.how), note?.went ?? "mixed");
  const well = lines("note-well", text.well, note?.well ?? "", "", LONGEST.text);
  const badly = lines("note-badly", text.badly, note?.badly ?? "", "", LONGEST.text);
  const questions = lines("note-questions", text.questions, note?.questions.join("\n") ?? "", text.questionsHint, MOST_QUESTIONS * LONGEST.line);
  const told = boxes("note-stories", stories.map(({ name, title: named }) => [name, named]), note?.stories ?? []);
  const next = line("note-next", text.next, note?.next_time ?? "", { maxlength: String(LONGEST.line) });
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    save({
      at: new Date(at.value).toISOString(),
      occasion,
      title: title.input.value.trim(),
      interview: kind,
      went: /** @type {Note["went"]} */ (went.chosen()),
      well: well.input.value.trim(),
      badly: badly.input.value.trim(),
      questions: linesOf(questions.input.value),
      stories: told.chosen(),
      next_time: next.input.value.trim(),
      take,
    });
  };
  return h(
    "form",
    { class: "edit", onsubmit: submit },
    went.field,
    well.field,
    badly.field,
    next.field,
    questions.field,
    stories.length ? h("fieldset", { class: "boxes" }, h("legend", { class: "legend" }, text.stories), told.fields) : null,
    labelled("note-occasion", text.occasion, select("note-occasion", occasions, occasion, (value) => (occasion = /** @type {Note["occasion"]} */ (value)))),
    labelled("note-kind", text.kind, select("note-kind", kinds, kind, (value) => (kind = value))),
    title.field,
    labelled("note-at", text.when, at),
    labelled("note-take", text.take, select("note-take", takeOptions(takes, take), take, (value) => (take = value))),
    h("div", { class: "row" }, h("button", { type: "submit", class: "secondary" }, text.save)),
  );
}

/**
 * The takes that a note may be tied to; the one that it is tied to stays, even if it isn't among the newest.
 *
 * @param {TakeEntry[]} takes
 * @param {string} chosen
 */
function takeOptions(takes, chosen) {
  const options = takes.map((entry) => [entry.id, `${nameOf(entry)}, ${about(entry)}`]);
  const missing = chosen && !takes.some(({ id }) => id === chosen) ? [[chosen, chosen]] : [];
  return [["", text.noTake], ...missing, ...options];
}

/** @param {string} written */
export const linesOf = (written) =>
  written
    .split("\n")
    .map((one) => one.trim().slice(0, LONGEST.line))
    .filter(Boolean)
    .slice(0, MOST_QUESTIONS);
