/** What the person chose, and the drill as it goes. */

import { words } from "../words/words.js";
import { comparableRuns } from "./runs.js";

/** @import { Card, DrillEnded, DrillOffer, DrillReady } from "../protocol.js" */
/** @import { SessionRecord } from "../session/record.js" */
/** @import { InterviewChoice } from "./interview.js" */
/** @import { Run } from "./runs.js" */

/** Softest that noises can be, in dB: off. */
const OFF_DB = -60;
const STEP_DB = 6;
const SOFTEST_DB = -24;

/** The stage draws it; {@link look} changes when it must be drawn again. */
export class Drill {
  /** @type {DrillOffer[]} */
  offers = [];
  name = "interruptions";
  /** @type {Card["level"]} */
  level = "medium";
  /** Loudness of noises. */
  db = 0;
  /** @type {DrillReady | null} */
  ready = null;
  /** @type {DrillEnded | null} */
  ended = null;
  /** @type {Run[]} */
  earlier = [];
  /** An interview instead of a drill, and what was chosen of it. */
  interview = /** @type {InterviewChoice | null} */ (null);
  /** Questions that the person's stories answer. */
  answered = /** @type {string[]} */ ([]);
  /** What the interviewer asked last. */
  asks = "";
  running = false;
  /** Whether a session is being begun for it. */
  wanted = false;
  #drawn = 0;

  /** What the server says of the chosen drill; undefined before it has said anything. */
  get offer() {
    return this.offers.find(({ name }) => name === this.name) ?? this.offers[0];
  }

  get look() {
    return `${this.#drawn} ${this.ready?.seed} ${this.ended?.seq} ${this.asks !== ""}`;
  }

  /** What to talk about, from the countdown to the end. */
  get topic() {
    return this.asks || (this.ready?.question ?? "");
  }

  /** What is shown beside meanwhile: notes, or a program. */
  get shown() {
    return this.ready?.shown ?? null;
  }

  /** @param {Partial<Pick<Drill, "name" | "level" | "db">>} choice */
  choose(choice) {
    Object.assign(this, choice);
    if (choice.name) this.interview = null;
    if (this.offer && !this.offer.levels.includes(this.level)) this.level = this.offer.levels[0];
    this.drawAgain();
  }

  /**
   * Restore what a page before a reload knew of it.
   *
   * @param {SessionRecord} record
   */
  restore({ drill, cards }) {
    if (!drill) return;
    const { name, level, after, interview } = drill;
    const ended = cards.length > after ? cards[cards.length - 1] : null;
    // The run that has just ended is remembered already.
    if (!interview) this.name = name;
    Object.assign(this, { level, interview, ended, earlier: ended ? comparableRuns(ended.card).slice(0, -1) : [] });
  }

  drawAgain() {
    this.#drawn += 1;
  }

  /** End it, one way or the other. */
  stop() {
    this.running = this.wanted = false;
    this.ready = null;
    this.asks = "";
  }

  /** Lower the noises by one step and return how loud they are now, in words. */
  soften() {
    this.db = this.db - STEP_DB < SOFTEST_DB ? OFF_DB : this.db - STEP_DB;
    return words.drills.softer(this.db);
  }
}
