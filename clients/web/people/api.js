/** Feedback behind the server's JSON API: rounds, and own ratings beside other people's. */

import { ask, read, request, zone } from "../page/record-api.js";

/** @import { MadeRound, RatingTable, RoundView } from "../protocol.js" */

/** @type {(id: string, does?: string) => string} */
const roundAddress = (id, does = "") => `record/feedback/${encodeURIComponent(id)}${does}`;

/** @returns {Promise<RoundView[]>} the newest first */
export const getRounds = async () => (await read("record/feedback")).rounds;

/**
 * Begin a round.
 *
 * @param {string} asker
 * @param {number} people 0 where all answer by mail
 * @param {number} days
 * @returns {Promise<MadeRound>}
 */
export const makeRound = async (asker, people, days) => (await ask("POST", "record/feedback", { asker, people, days })).json();

/** @param {string} id */
export const closeRound = (id) => ask("POST", roundAddress(id, "/close"));

/** @param {string} id */
export const extendRound = (id) => ask("POST", roundAddress(id, "/extend"), {});

/** @param {string} id */
export const deleteRound = (id) => ask("DELETE", roundAddress(id));

/**
 * Add an answer that came by mail, as it came.
 *
 * @param {string} text
 * @returns {Promise<RoundView>}
 */
export const addReply = async (text) => (await request("record/feedback/mailed", { method: "POST", body: text, headers: { "content-type": "text/plain" } })).json();

/** @returns {Promise<RatingTable>} */
export const getRatings = () => read(`record/ratings?${new URLSearchParams({ zone: zone() })}`);

/**
 * Rate oneself; null takes that back.
 *
 * @param {string} name
 * @param {number | null} rating
 */
export function setRating(name, rating) {
  const address = `record/ratings/${encodeURIComponent(name)}`;
  return rating === null ? ask("DELETE", address) : ask("PUT", address, { rating });
}
