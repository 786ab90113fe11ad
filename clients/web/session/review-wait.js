/** What is still to come after the summary: the review of words, advice on it, and whether the session was kept. */

import { words } from "../words/words.js";

/** How long it is waited for. */
const LONGEST_MS = 120000;

export class ReviewWait {
  /** Whether the review of the answer is still to come. */
  review = false;
  /** Whether the advice of the server's language model is. */
  advice = false;
  /** Whether the session is still to be kept. */
  take = false;
  /** Whether the score of an exercise is. */
  score = false;
  /** Why there is no review; "" where there is one. */
  missed = "";
  #changed;
  #late;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {() => void} changed called when something has come, or will not any more
   * @param {() => void} late called when it has taken too long
   */
  constructor(changed, late) {
    this.#changed = changed;
    this.#late = late;
  }

  /** Wait from now on, in whatever state the page is, but not for ever. */
  begin() {
    this.#timer ??= setTimeout(this.#late, LONGEST_MS);
  }

  /** Wait for nothing. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.review = this.advice = this.take = this.score = false;
  }

  /** Whether the connection stays open for something. */
  get open() {
    return this.review || this.take || this.score;
  }

  clear() {
    this.stop();
    this.missed = "";
  }

  /**
   * Note that the review has come, or why there is none.
   *
   * @param {{ missed?: string, asked?: boolean }} outcome `asked`: whether advice follows
   */
  reviewed({ missed = "", asked = false }) {
    if (!this.review) return;
    Object.assign(this, { review: false, advice: asked, missed });
    this.#changed();
  }

  /** Note that the advice has come. */
  advised() {
    this.advice = false;
    this.#changed();
  }

  /** Note that the session was kept, or why not. */
  kept() {
    this.take = false;
    this.#changed();
  }

  /** Note that the score has come. */
  scored() {
    this.score = false;
    this.#changed();
  }

  /** Note that nothing more comes. */
  over() {
    if (this.score) this.scored();
    if (this.take) this.kept();
    this.reviewed({ missed: words.transcript.missed });
    if (this.advice) this.advised();
  }
}
