/** Requests to the server's JSON API of the record. */

import { words } from "../words/words.js";
import { Problem } from "./problem.js";

const text = words.record;

/** The person's time zone, which tells their days; UTC where the browser doesn't know it. */
export function zone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return !timeZone || timeZone === "Etc/Unknown" ? "UTC" : timeZone;
}

/** There is no such thing in the record. */
export class NotThere extends Problem {}

/**
 * Ask for something, with a body as JSON. Throws a Problem as {@link request} does.
 *
 * @param {string} method
 * @param {string} address relative to the page
 * @param {object} [body]
 */
export function ask(method, address, body) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return request(address, { method, ...sent });
}

/**
 * Return what the server has at an address. Throws a Problem as {@link request} does.
 *
 * @param {string} address relative to the page
 * @returns {Promise<any>}
 */
export const read = async (address) => (await request(address, {})).json();

/**
 * Throws a Problem whose detail is a sentence for the person: the server's own, where it gave one.
 *
 * @param {string} address relative to the page
 * @param {RequestInit} options
 */
export async function request(address, options) {
  const response = await fetch(address, options).catch(() => null);
  if (!response) throw new Problem("record", text.away);
  if (response.ok) return response;
  const { detail = "" } = await response.json().catch(() => ({}));
  throw response.status === 404 ? new NotThere("record", text.gone) : new Problem("record", text.failed(detail));
}

/** An answer that came to an end in its middle. */
export const cutOff = () => new Problem("record", text.away);

/** @param {unknown} error */
export const sentenceOf = (error) => (error instanceof Problem ? error.detail : String(error));
