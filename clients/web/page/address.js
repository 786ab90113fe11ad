/** Addresses of places: fragments such as `#takes`, `#take=ID` and `#compare=ID+ID`. */

/** @import { Place } from "./view.js" */

/** The place that an address without a name leads to. */
export const PRACTISE = "practise";

/**
 * Return the place of an address's fragment, whether or not there is such a place.
 *
 * @param {string} hash
 * @returns {Place}
 */
export function placeOf(hash) {
  const [name, value = ""] = hash.replace(/^#/, "").split("=", 2);
  return { name: name || PRACTISE, ids: value.split("+").map(decoded).filter(Boolean) };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // cut off
  }
}

/** @type {(name: string, ...ids: string[]) => string} */
export const addressOf = (name, ...ids) => `#${name}${ids.length ? `=${ids.map(encodeURIComponent).join("+")}` : ""}`;

/** @param {string} id */
export const takeAddress = (id) => addressOf("take", id);
