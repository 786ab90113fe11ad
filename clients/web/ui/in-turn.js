/** Work that is done in the order in which it was asked for. */

/**
 * Return a function that does one thing after the other, each once the one before has ended, whatever came of it.
 *
 * @returns {(work: () => Promise<unknown>) => Promise<unknown>}
 */
export function inTurn() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return (work) => (last = last.then(work, work));
}
