/** Captions: what a drill or an interviewer plays, as text. */

import { TimedLines } from "../ui/announce.js";
import { words } from "../words/words.js";

/** @import { DrillSound } from "../protocol.js" */
/** @typedef {Pick<DrillSound, "step" | "turn" | "kind" | "role" | "say" | "sound" | "breaks_up" | "length_s">} Heard */

const text = words.captions;

/** Each line is shown as long as it is heard, and at least as long as reading it takes. */
export class Captions {
  #lines;

  /** @param {Element} root */
  constructor(root) {
    this.#lines = new TimedLines(root);
  }

  /**
   * Show the caption of a `drill_sound`.
   *
   * @param {Heard} event
   * @param {Record<string, string>} people who speaks, by role
   */
  show({ step, turn, kind, role, say, sound, breaks_up: broken, length_s }, people) {
    const line = kind === "voice" ? text.says(people[role ?? ""], say ?? "", broken) : text.sounds(words.call.sounds[sound ?? ""]);
    this.#lines.show(line, { about: `${step} ${turn}`, least_ms: 1000 * length_s });
  }

  /**
   * Show the mood that the other side is in now.
   *
   * @param {string} mood
   */
  showMood(mood) {
    this.#lines.show(text.mood(mood), { about: "mood" });
  }

  clear() {
    this.#lines.clear();
  }
}
