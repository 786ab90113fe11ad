/** Drawing at the pace of a window, at most about 30 times a second. */

const LEAST_MS = 30; // a little under two frames of a 60 Hz screen

/** Calls `draw` at the frames of the window that it follows. */
export class Frames {
  #draw;
  #round = 0;
  #drawnAt = 0;

  constructor(draw) {
    this.#draw = draw;
  }

  /** Take the frames from this window from now on. */
  follow(window) {
    this.#next(window, ++this.#round);
  }

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
