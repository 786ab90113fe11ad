/** Places of the page beside the stage: each is an address of its own, so that the back button works and a reload stays. */

import { PRACTISE, addressOf, placeOf } from "../page/address.js";
import { sentenceOf } from "../page/record-api.js";
import { SHOWS_PLACES } from "../page/states.js";
import { actionButton, notice, placeTitle } from "../ui/controls.js";
import { byId, h, present, setAttribute } from "../ui/elements.js";
import { words } from "../words/words.js";
import { PLACES } from "./place-views.js";

/** @import { Feature, Page, Place } from "../page/view.js" */
/** @import { Child } from "../ui/elements.js" */

const text = words.places;

/** The row of places, in its order. */
const ROW = /** @type {const} */ (["practise", "programme", "takes"]);

/** States before a session that the browser's back button leaves, as the page's own does. */
const LEFT_BY_BACK = new Set(["choosing", "inviting", "sharing", "trouble"]);

/** @implements {Feature} */
export class Places {
  #page;
  #row = byId("places");
  #links = ROW.map((name) => h("a", { href: addressOf(name), "data-place": name }, text[name]));
  #root = byId("place");
  #visits = 0;
  /** What the present place does when it is left. @type {(() => void)[]} */
  #leaving = [];
  /** The state that was shown last. */
  #state = "";

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    setAttribute(this.#row, "aria-label", text.title);
    this.#row.replaceChildren(...this.#links);
    window.addEventListener("hashchange", () => this.#moved());
  }

  actions = {
    place_again: () => this.open(),
  };

  entering = {
    place: () => {
      this.#page.input.microphone.close();
      byId("summary").replaceChildren();
      return this.open();
    },
  };

  /** Whether the page's address is that of a place beside the stage. */
  get addressed() {
    return Object.hasOwn(PLACES, placeOf(location.hash).name);
  }

  /** What the place that is shown is called; "" before it is there. */
  get title() {
    return this.#root.querySelector("h2")?.textContent ?? "";
  }

  /** Which of the row the address belongs to. */
  get #inRow() {
    return PLACES[placeOf(location.hash).name]?.row ?? PRACTISE;
  }

  /**
   * Draw the row of places.
   *
   * @param {string} state
   */
  show(state) {
    this.#row.hidden = !SHOWS_PLACES.has(state);
    const here = state === "place" ? this.#inRow : PRACTISE;
    for (const link of this.#links) {
      if (link.dataset.place === here) setAttribute(link, "aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (state === this.#state) return; // an address that was just followed is not put back before it is heard of
    this.#state = state;
    if (state === "place" || state === "opening") return;
    this.#leave();
    this.#putAddressBack();
  }

  /** What is shown is not a place: the address doesn't say so either. */
  #putAddressBack() {
    if (this.addressed) history.replaceState(null, "", addressOf(PRACTISE));
  }

  #moved() {
    const { machine, session } = this.#page;
    if (!this.addressed) {
      if (machine.state === "place" && placeOf(location.hash).name === PRACTISE) machine.send(session.record.summary ? "show" : "open");
      return;
    }
    if (machine.state === "place") {
      this.open();
      return;
    }
    if (LEFT_BY_BACK.has(machine.state)) {
      history.replaceState(null, "", addressOf(PRACTISE));
      this.#page.act("back");
      return;
    }
    if (!machine.send("place")) this.#putAddressBack(); // a session goes on
  }

  /** Show the place that the address names, as it is now. */
  async open() {
    const number = ++this.#visits;
    const isCurrent = () => number === this.#visits;
    const address = location.hash;
    this.#stop();
    setAttribute(this.#root, "aria-busy", "true");
    if (!this.#root.children.length) this.#root.replaceChildren(h("p", { class: "aside late" }, text.opening));
    const children = await this.#load(placeOf(location.hash), isCurrent).catch((error) => this.#failed(error));
    if (!isCurrent()) return;
    const hadFocus = this.#root.contains(document.activeElement);
    setAttribute(this.#root, "aria-busy", "false");
    setAttribute(this.#root, "data-address", address);
    this.#root.replaceChildren(...present(children));
    this.#page.show();
    if (!hadFocus) return;
    scrollTo(0, 0);
    byId("place-title").focus({ preventScroll: true });
  }

  /**
   * @param {Place} place
   * @param {() => boolean} isCurrent
   * @returns {Promise<Child[]>}
   */
  #load(place, isCurrent) {
    const { row, view } = PLACES[place.name] ?? PLACES.takes;
    const { takes } = this.#page;
    if (!takes.possible) return Promise.resolve(withoutRecord(row, takes.why));
    return view(place, this.#page, {
      get current() {
        return isCurrent();
      },
      onLeave: (stop) => {
        if (isCurrent()) this.#leaving.push(stop);
        else stop();
      },
    });
  }

  /**
   * @param {unknown} error
   * @returns {Child[]}
   */
  #failed(error) {
    const row = /** @type {"programme" | "takes"} */ (this.#inRow);
    return [
      placeTitle(text[row]),
      notice(sentenceOf(error)),
      h("div", { class: "row" }, actionButton(text.tryAgain, "place_again", "primary", () => this.open()), h("a", { class: "secondary", href: addressOf(row) }, text.back[row])),
    ];
  }

  #stop() {
    for (const stop of this.#leaving.splice(0)) stop();
  }

  /** Forget what was shown. */
  #leave() {
    if (!this.#root.children.length) return;
    this.#visits++;
    this.#stop();
    this.#root.replaceChildren();
  }
}

/**
 * What a place would show, and how to begin, where the server keeps no record of who asks.
 *
 * @param {"programme" | "takes"} row
 * @param {string} why
 * @returns {Child[]}
 */
function withoutRecord(row, why) {
  return [
    placeTitle(text[row]),
    h("p", { class: "lead" }, text.without[row]),
    why ? h("p", { class: "aside" }, why) : null,
    h("div", { class: "row" }, h("a", { class: "primary", href: addressOf(PRACTISE) }, text.practise)),
  ];
}
