/** Stories, notes and kinds of interview behind the server's JSON API. */

import { ask, read, zone } from "../page/record-api.js";
import { randomHex } from "../ui/ids.js";

/** @import { Interviews, LookedBack, Note, Notes, Stories, Story } from "../protocol.js" */

/** @typedef {Omit<Story, "version" | "made_at">} WantedStory */
/** @typedef {Omit<Note, "version">} WantedNote */

/** @type {(id: string) => string} */
const ofStory = (id) => `record/stories/${encodeURIComponent(id)}`;

/** @type {(id: string) => string} */
const ofNote = (id) => `record/notes/${encodeURIComponent(id)}`;

/** @returns {Promise<Stories>} */
export const getStories = () => read("record/stories");

/** @type {(id: string, story: WantedStory) => Promise<unknown>} */
export const putStory = (id, story) => ask("PUT", ofStory(id), story);

/** @param {string} id */
export const deleteStory = (id) => ask("DELETE", ofStory(id));

/** @returns {Promise<Notes>} */
export const getNotes = () => read("record/notes");

/**
 * @param {string} id
 * @returns {Promise<LookedBack>}
 */
export const getNote = (id) => read(ofNote(id));

/** @type {(id: string, note: WantedNote) => Promise<unknown>} */
export const putNote = (id, note) => ask("PUT", ofNote(id), note);

/** @param {string} id */
export const deleteNote = (id) => ask("DELETE", ofNote(id));

/** @returns {Promise<Interviews>} */
export const getInterviews = () => read(`record/interviews?${new URLSearchParams({ zone: zone() })}`);

/**
 * Return an id for a new story: that of a deleted one, which takes and notes may still name, never comes again.
 *
 * @param {string} title
 */
export function newStoryId(title) {
  const base = (title.toLowerCase().match(/[a-z0-9]+/g) ?? []).join("-").slice(0, 40).replace(/-$/, "") || "story";
  return `${base}-${randomHex(4)}`;
}

/**
 * Return an id for a new note: its day, with a number where there is one of that day.
 *
 * @param {string} day
 * @param {string[]} taken
 */
export function newNoteId(day, taken) {
  let id = day;
  for (let number = 2; taken.includes(id); number++) id = `${day}-${number}`;
  return id;
}
