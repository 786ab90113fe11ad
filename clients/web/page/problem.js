/** What can go wrong, by name; `words.problems` has the title and the sentence for each. */

export class Problem extends Error {
  /**
   * @param {string} id key of `words.problems`
   * @param {string} [detail] goes into its sentence
   * @param {number} [retryAfter] seconds, where the server said when to come back
   */
  constructor(id, detail = "", retryAfter = 0) {
    super(`${id} ${detail}`.trim());
    this.id = id;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** @type {Record<string, string>} */
const MICROPHONE = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "gone",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Problems of the microphone, which the person can mend. */
export const MICROPHONE_PROBLEMS = new Set(Object.values(MICROPHONE));

/**
 * Return the problem behind an error, of `getUserMedia` for one.
 *
 * @param {any} error
 */
export function asProblem(error) {
  if (error instanceof Problem) return error;
  const id = MICROPHONE[error.name];
  return id ? new Problem(id) : new Problem("unexpected", error.message);
}

/** Seconds after which a server that is busy may be asked again, where it doesn't say. */
const RETRY_AFTER_S = 5;

/**
 * Return the problem in an answer of a server that is busy, or null.
 *
 * @param {Response} response
 */
export function busyProblem(response) {
  const seconds = Number(response.headers.get("Retry-After")) || RETRY_AFTER_S;
  if (response.status === 503) return new Problem("full", "", seconds);
  if (response.status === 429) return new Problem("crowded", "", seconds);
  return null;
}
