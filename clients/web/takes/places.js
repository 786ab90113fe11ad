/** Places of the page: each is an address of its own, so that the back button works and a reload stays. */

import { byId, h, setAttribute } from "../ui/elements.js";
import { words } from "../words/words.js";

/**
 * @typedef {{ name: "practise" } | { name: "takes" } | { name: "take", id: string } | { name: "compare", ids: [string, string] }} Place
 */

/** The row of places, in its order. */
const ROW = /** @type {const} */ (["practise", "takes"]);

/**
 * Return the place of an address's fragment; null where it names none.
 *
 * @param {string} hash
 * @returns {Place | null}
 */
export function placeOf(hash) {
  const [name, value = ""] = hash.replace(/^#/, "").split("=", 2);
  const ids = value.split("+").map(decoded);
  if (name === "" || name === "practise") return { name: "practise" };
  if (name === "takes") return { name: "takes" };
  if (name === "take" && ids[0]) return { name: "take", id: ids[0] };
  if (name === "compare" && ids[0] && ids[1]) return { name: "compare", ids: [ids[0], ids[1]] };
  return null;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // cut off
  }
}

/** @param {string} id */
export const takeAddress = (id) => `#take=${encodeURIComponent(id)}`;

/** @type {(one: string, other: string) => string} */
export const compareAddress = (one, other) => `#compare=${encodeURIComponent(one)}+${encodeURIComponent(other)}`;

/** The row of places. */
export class PlacesRow {
  #root = byId("places");
  #links = ROW.map((name) => h("a", { href: `#${name}`, "data-place": name }, words.places[name]));

  constructor() {
    setAttribute(this.#root, "aria-label", words.places.title);
    this.#root.replaceChildren(...this.#links);
  }

  /**
   * @param {boolean} shown
   * @param {boolean} inTakes whether the present place is that of takes
   */
  show(shown, inTakes) {
    this.#root.hidden = !shown;
    for (const link of this.#links) {
      const here = (link.dataset.place === "takes") === inTakes;
      if (here) setAttribute(link, "aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}
