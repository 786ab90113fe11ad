/** The wait between two tries, which can be skipped. */

export class RetryDelay {
  #skipped = false;
  #finish = () => {};

  /**
   * Wait, unless the wait was skipped before it began.
   *
   * @param {number} delay_ms
   */
  async wait(delay_ms) {
    if (!this.#skipped) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, delay_ms);
        this.#finish = () => resolve(clearTimeout(timer));
      });
    }
    this.#skipped = false;
  }

  /** End the wait; while none goes on, the next one is left out. */
  skip() {
    this.#skipped = true;
    this.#finish();
  }
}
