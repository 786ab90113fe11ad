/** What a round draws of pitch: the packaged voice's curve, the person's beside it, and a sentence on the person's end. */

import { announce } from "../ui/announce.js";
import { h, present } from "../ui/elements.js";
import { words } from "../words/words.js";
import { pitchPicture } from "./pitch-picture.js";

/** @import { PitchCurve, StatementPitch } from "../protocol.js" */

const text = words.pitch;

/** The curves of one round; a new one begins with each example that the voice says. */
export class PitchRound {
  element = h("div", { class: "pitch-round", hidden: true });
  /** @type {PitchCurve | null} */
  #example = null;
  /** @type {PitchCurve | null} */
  #own = null;

  /** Forget what was drawn. */
  clear() {
    this.#example = this.#own = null;
    this.#draw();
  }

  /** @param {StatementPitch} message */
  note({ voice, curve }) {
    if (voice === "packaged") {
      this.#example = curve;
      this.#own = null;
    } else if (longerThan(curve, this.#own)) {
      this.#own = curve;
      announce(text.verdict(curve));
    }
    this.#draw();
  }

  #draw() {
    const own = this.#own;
    const drawn = [
      ...(this.#example ? [{ curve: this.#example, voice: /** @type {const} */ ("packaged") }] : []),
      ...(own ? [{ curve: own, voice: /** @type {const} */ ("own") }] : []),
    ];
    this.element.hidden = !drawn.length;
    this.element.replaceChildren(
      ...present(drawn.length ? [pitchPicture(drawn), h("p", { class: "lead" }, own ? text.verdict(own) : text.waiting)] : []),
    );
  }
}

/**
 * Whether a statement is more than words about the one before: as in the score, the longest counts.
 *
 * @param {PitchCurve} curve
 * @param {PitchCurve | null} before
 */
const longerThan = (curve, before) => !before || curve.start_s === before.start_s || length(curve) >= length(before);

/** @param {PitchCurve} curve */
const length = (curve) => curve.end_s - curve.start_s;
