/** Captions: what a drill or an interviewer lets be heard, as text. */

import { Passing } from "./announce.js";
import { words } from "./words.js";

const text = words.captions;

/** Each line is there as long as it is heard, and at least as long as reading it takes. */
export class Captions {
  #lines;

  constructor(root) {
    this.#lines = new Passing(root);
  }

  /** Take an event `drill_sound`; `people` names who speaks, by role. */
  hear({ step, turn, kind, role, say, sound, breaks_up: broken, length_s: length }, people) {
    const line = kind === "voice" ? text.says(people[role], say, broken) : text.sounds(words.room.sounds[sound]);
    this.#lines.say(line, { about: `${step} ${turn}`, milliseconds: 1000 * length });
  }

  clear() {
    this.#lines.clear();
  }
}
