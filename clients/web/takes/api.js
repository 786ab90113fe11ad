/** The record behind the server's JSON API: what may be kept, and the takes that were. */

import { ask, cutOff, read, request } from "../page/record-api.js";

/** @import { Choice, Imported, Kept, RecordState, RecordingHeard, RecordingKept, RecordingOfTwo, RecordingRefused, Take, TakeEntry } from "../protocol.js" */

/** @typedef {Partial<Pick<Take, "title" | "tags" | "note" | "question" | "story">>} Change */

/** Takes of one page of the list. */
const PAGE = 50;

/** Nothing is kept, and nothing of it is shown. */
export const NONE = /** @type {RecordState} */ ({ possible: false, why: "", kept: null, problem: "" });

/** @param {string} id */
export const ofTake = (id) => `record/takes/${encodeURIComponent(id)}`;

/**
 * Return what the server says of the record; one that knows of none has none. Null when it is away.
 *
 * @returns {Promise<RecordState | null>}
 */
export async function recordState() {
  const response = await fetch("record").catch(() => null);
  if (!response) return null;
  return response.ok ? { ...NONE, ...(await response.json()) } : NONE;
}

/**
 * Choose what is kept; with `past` the takes that are there lose what isn't allowed any more.
 *
 * @param {Kept} kept
 * @param {boolean} past
 */
export const putKept = (kept, past) => ask("PUT", "record/kept", { ...kept, past });

/**
 * Return takes, newest first: those after the one with the id `before`.
 *
 * @param {string} [before]
 * @returns {Promise<{ takes: TakeEntry[], more: boolean }>}
 */
export function listTakes(before = "") {
  const query = new URLSearchParams({ limit: String(PAGE), ...(before ? { before } : {}) });
  return read(`record/takes?${query}`);
}

/**
 * @param {string} id
 * @returns {Promise<Take>}
 */
export const getTake = (id) => read(ofTake(id));

/** The person's signature stories by id and title, without what their takes show. @returns {Promise<Choice[]>} */
export const listStories = async () => (await read("record/notes")).stories;

/**
 * @param {string} id
 * @param {Change} change
 */
export const changeTake = (id, change) => ask("PATCH", ofTake(id), change);

/** @param {string} id */
export const deleteTake = (id) => ask("DELETE", ofTake(id));

export const forgetAll = () => ask("DELETE", "record");

/**
 * Add the takes of a file.
 *
 * @param {Blob} file
 * @returns {Promise<Imported>}
 */
export async function importFile(file) {
  const response = await request("record/import", { method: "POST", body: file });
  return response.json();
}

/**
 * @typedef {object} RecordingWanted
 * @property {File} file
 * @property {string} question that is answered in it; may be empty
 * @property {boolean} words whether its words are to be recognised
 * @property {string | null} speaker which of two the person is: `0`, `1`, or `all` where they speak alone
 */

/**
 * Have a take made of a recording, and return what became of it.
 *
 * @param {RecordingWanted} wanted
 * @param {(heard: RecordingHeard) => void} heard called with how far it was heard
 * @param {AbortSignal} signal
 * @returns {Promise<RecordingKept | RecordingOfTwo | RecordingRefused>}
 */
export async function addRecording({ file, question, words, speaker }, heard, signal) {
  const query = new URLSearchParams({ name: file.name, modified: String(file.lastModified), question, words: words ? "1" : "0", ...(speaker ? { speaker } : {}) });
  const response = await request(`record/recordings?${query}`, { method: "POST", body: file, signal });
  let end = null;
  for await (const line of linesOf(response)) {
    const answer = JSON.parse(line);
    if (answer.type === "heard") heard(answer);
    else end = answer;
  }
  if (!end) throw cutOff();
  return end;
}

/**
 * Yield the lines of an answer as they come.
 *
 * @param {Response} response
 */
async function* linesOf(response) {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => Promise.reject(cutOff()));
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** @param {string} id */
export const soundAddress = (id) => `${ofTake(id)}/sound`;

/** @param {string} id */
export const exportAddress = (id) => `${ofTake(id)}/export`;

export const EXPORT_ALL = "record/export";

export const EXPORT_WITH_REPORTS = `${EXPORT_ALL}?reports=html`;
