/** Draw at the frames of a window, about 30 times a second at most. */

const LEAST_MS = 30; // a little under two frames of a 60 Hz screen

export class FrameLoop {
  #draw;
  #round = 0;
  #drawnAt = 0;

  /** @param {() => void} draw */
  constructor(draw) {
    this.#draw = draw;
  }

  /**
   * Use the frames of this window from now on.
   *
   * @param {Window} window
   */
  follow(window) {
    this.#next(window, ++this.#round);
  }

  /**
   * @param {Window} window
   * @param {number} round
   */
  #next(window, round) {
    window.requestAnimationFrame((now) => {
      if (round !== this.#round) return;
      this.#next(window, round);
      if (now - this.#drawnAt < LEAST_MS && now >= this.#drawnAt) return; // each window counts from its own zero
      this.#drawnAt = now;
      this.#draw();
    });
  }
}
