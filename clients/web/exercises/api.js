/** Exercises and the analogy bank behind the server's JSON API. */

import { ask, read, zone } from "../page/record-api.js";
import { mark } from "../programme/api.js";
import { localTime } from "../ui/format.js";

/** @import { ExerciseView, KeptAnalogy } from "../protocol.js" */
/** @typedef {Pick<KeptAnalogy, "thing" | "like" | "rating" | "used">} Written */

/**
 * @param {string} name
 * @returns {Promise<ExerciseView>}
 */
export const getExercise = (name) => read(`record/programme/exercises/${encodeURIComponent(name)}?${new URLSearchParams({ zone: zone() })}`);

/**
 * Note that an exercise without a take was done today.
 *
 * @param {string} name
 */
export const markDone = (name) => mark(localTime(new Date()).slice(0, 10), `exercise:${name}`, "done");

/** @returns {Promise<KeptAnalogy[]>} */
export const listAnalogies = () => read("record/analogies");

/** @param {string} id */
const ofAnalogy = (id) => `record/analogies/${encodeURIComponent(id)}`;

/**
 * @param {string} id
 * @param {Written} written
 */
export const putAnalogy = (id, { thing, like, rating, used }) => ask("PUT", ofAnalogy(id), { thing, like, rating, used });

/** @param {string} id */
export const deleteAnalogy = (id) => ask("DELETE", ofAnalogy(id));
