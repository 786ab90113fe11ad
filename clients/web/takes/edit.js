/** Naming a take, tagging it, and writing a note on it. */

import { labelled, select } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { Choice, Take } from "../protocol.js" */
/** @import { Change } from "./api.js" */

const text = words.takes;

/** Most characters that the server takes. */
const LONGEST = { title: 200, tag: 60, question: 500, note: 10_000 };
const MOST_TAGS = 20;

/**
 * @param {Take} take
 * @param {Choice[]} stories that it may tell
 * @param {(change: Change) => void} change
 */
export function editForm(take, stories, change) {
  const line = (/** @type {string} */ id, /** @type {string} */ value, /** @type {number} */ longest) =>
    h("input", { type: "text", id, value, maxlength: String(longest), autocomplete: "off" });
  const name = line("take-name", take.title, LONGEST.title);
  const tags = line("take-tags", take.tags.join(", "), MOST_TAGS * LONGEST.tag);
  tags.setAttribute("aria-describedby", "take-tags-hint");
  const question = line("take-question", take.question, LONGEST.question);
  const note = h("textarea", { id: "take-note", rows: "3", maxlength: String(LONGEST.note) }, take.note);
  let story = stories.some(({ name }) => name === take.story) ? take.story : null;
  const told = select("take-story", [["", words.stories.noStory], ...stories.map((one) => [one.name, one.title])], story ?? "", (value) => (story = value || null));
  const save = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    change({ title: name.value.trim(), tags: tagsOf(tags.value), question: question.value.trim(), note: note.value.trim(), ...(stories.length ? { story } : {}) });
  };
  return h(
    "details",
    { class: "mark-notes" },
    h("summary", {}, text.edit),
    h(
      "form",
      { class: "edit", onsubmit: save },
      labelled("take-name", text.name, name),
      h("div", {}, labelled("take-tags", text.tags, tags), h("small", { id: "take-tags-hint" }, text.tagsHint)),
      labelled("take-question", text.question, question),
      stories.length ? labelled("take-story", words.stories.inTake, told) : null,
      labelled("take-note", text.note, note),
      h("div", { class: "row" }, h("button", { type: "submit", class: "secondary" }, text.save)),
    ),
  );
}

/**
 * Return tags that were written with commas between them, each once.
 *
 * @param {string} written
 */
export function tagsOf(written) {
  const all = written.split(",").map((tag) => tag.trim().slice(0, LONGEST.tag));
  return [...new Set(all.filter(Boolean))].slice(0, MOST_TAGS);
}
