/** The programme in the page: beginning an item of the plan, noting what became of it, own targets, reminders. */

import { addressOf } from "../page/address.js";
import { LIVE } from "../page/states.js";
import { words } from "../words/words.js";
import { mark, setTarget } from "./api.js";
import { untilNext } from "./reminders.js";

/** @import { Page } from "../page/view.js" */
/** @import { PlanItem } from "../protocol.js" */
/** @import { MarkWhat } from "./api.js" */

const text = words.programme;

/** States in which a reminder would disturb. */
const BUSY = new Set([...LIVE, "connecting", "lost", "finishing", "waiting"]);

export class Programme {
  #page;
  /** @type {number | undefined} */
  #timer;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    page.settings.addEventListener("change", (event) => {
      if (["remind", "remindAt"].includes(/** @type {CustomEvent} */ (event).detail)) this.#wait();
    });
    this.#wait();
  }

  /**
   * Begin an item of a plan: its drill, or a session in which its question is shown.
   *
   * @param {PlanItem} item
   */
  beginItem({ name, how, drill, level, minutes }) {
    const [kind, exercise] = name.split(":");
    if (kind === "exercise") {
      location.hash = addressOf("exercise", exercise);
      return;
    }
    const { drills } = this.#page;
    const chosen = drill ? { name: drill, level: level ?? drills.drill.level } : undefined;
    this.#page.begin({ purpose: name, question: drill ? "" : how, drill: chosen, ...(drill ? {} : { minutes }) });
  }

  /**
   * Note what became of an item, or take that back.
   *
   * @param {string} day
   * @param {{ name: string, title: string }} item
   * @param {MarkWhat | null} what
   */
  mark(day, { name, title }, what) {
    return this.#page.attempt(async () => {
      await mark(day, name, what);
      await this.#page.places.open();
      this.#page.tell(what ? text.told[what](title) : text.undone(title), "record");
    });
  }

  /**
   * @param {string} skill
   * @param {number | null} figure null for the programme's own
   */
  setTarget(skill, figure) {
    return this.#page.attempt(async () => {
      await setTarget(skill, figure);
      await this.#page.places.open();
      this.#page.tell(figure === null ? text.targetGone : text.targetSet(figure), "record");
    });
  }

  /**
   * Remind at the chosen time while the page is open, or don't; the browser may have to be asked whether the page may.
   *
   * @param {boolean} on
   */
  async remind(on) {
    this.#page.settings.set("remind", on);
    if (!on || !("Notification" in window)) return;
    if ((await Notification.requestPermission()) !== "granted") this.#page.tell(text.remindQuiet, "reminder");
  }

  /** Wait for the next reminder. */
  #wait() {
    clearTimeout(this.#timer);
    const { remind, remindAt } = this.#page.settings.values;
    if (!remind) return;
    this.#timer = setTimeout(() => {
      this.#remind();
      this.#wait();
    }, untilNext(new Date(), remindAt));
  }

  #remind() {
    if (BUSY.has(this.#page.machine.state)) return;
    this.#page.tell(text.reminder, "reminder");
    if ("Notification" in window && Notification.permission === "granted") new Notification(words.name, { body: text.reminder, tag: "sottovoce-practice" });
  }
}
