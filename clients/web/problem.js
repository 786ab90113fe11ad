/** What can go wrong, by name; `words.js` has the sentence and the way out for each. */

export class Problem extends Error {
  /**
   * `id` is a key of `words.problems`; `detail` goes into its sentence; `retryAfter` is in seconds,
   * where the server said when to come back.
   */
  constructor(id, detail = "", retryAfter = 0) {
    super(`${id} ${detail}`.trim());
    this.id = id;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

const MICROPHONE = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "gone",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Problems of the microphone, which the person can mend. */
export const DEVICE = new Set(Object.values(MICROPHONE));

/** The problem behind an error of `getUserMedia`. */
export function microphoneProblem(error) {
  if (error instanceof Problem) return error;
  const id = MICROPHONE[error.name];
  return id ? new Problem(id) : new Problem("unexpected", error.message);
}
