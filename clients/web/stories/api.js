/** Stories, notes and kinds of interview behind the server's JSON API. */

import { ask, read, zone } from "../page/record-api.js";

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
 * Return an id that isn't taken yet, made from a text.
 *
 * @param {string} text
 * @param {string[]} taken
 * @param {string} otherwise where nothing of the text can stand in an id
 */
export function idFrom(text, taken, otherwise) {
  const base = (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join("-").slice(0, 40).replace(/-$/, "") || otherwise;
  let id = base;
  for (let number = 2; taken.includes(id); number++) id = `${base}-${number}`;
  return id;
}
