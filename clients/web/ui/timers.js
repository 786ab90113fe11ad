/** Timers by name, which end together. */

export class Timers {
  /** @type {Map<string, number>} */
  #timers = new Map();

  /**
   * Call `action` once after a time, or every time it has passed; a timer of the same name ends.
   *
   * @param {string} name
   * @param {() => void} action
   * @param {number} delay_ms
   * @param {{ every?: boolean }} [options]
   */
  set(name, action, delay_ms, { every = false } = {}) {
    clearInterval(this.#timers.get(name));
    this.#timers.set(name, every ? setInterval(action, delay_ms) : setTimeout(action, delay_ms));
  }

  /**
   * End all but one.
   *
   * @param {string} [kept]
   */
  clear(kept = "") {
    for (const [name, timer] of this.#timers) {
      if (name === kept) continue;
      clearInterval(timer);
      this.#timers.delete(name);
    }
  }
}
