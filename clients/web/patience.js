/** Waiting between two tries. */

export class Patience {
  #hurry = false;
  #cut = () => {};

  /** Wait, unless there is hurry. */
  async wait(milliseconds) {
    if (!this.#hurry) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#cut = () => resolve(clearTimeout(timer));
      });
    }
    this.#hurry = false;
  }

  /** End the wait; while none goes on, the next one is left out. */
  hurry() {
    this.#hurry = true;
    this.#cut();
  }
}
