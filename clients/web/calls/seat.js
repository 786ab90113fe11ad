/** A seat in a room: asking the server for one, and keeping it over a reload of the page. */

import { Problem, busyProblem } from "../page/problem.js";

/** @import { Room as RoomMessage, Person } from "../protocol.js" */

/**
 * @typedef {object} Seat
 * @property {string} id of the room
 * @property {string} seat the seat's secret
 * @property {string} url of the room
 * @property {string} [beside] the secret of the seat for the sound of another call, where there is one
 * @property {boolean} [agreed]
 * @property {boolean} [analysed]
 * @property {string} [asked]
 * @property {string[]} [questions]
 * @property {Record<string, string>} [draft]
 * @property {boolean} [feedbackGiven]
 */

const KEY = "sottovoce.room";

/**
 * Make a room and take a seat in it. Throws a Problem.
 *
 * @param {RoomMessage["mode"]} mode
 * @param {Person["role"]} role
 */
export const makeRoom = (mode, role) => request("rooms", JSON.stringify({ mode, role }));

/**
 * Take the free seat of a room. Throws a Problem.
 *
 * @param {string} id
 */
export const joinRoom = (id) => request(`rooms/${id}/seats`, "");

/**
 * Ask to observe a room whose seats are taken. Throws a Problem.
 *
 * @param {string} id
 */
export const observeRoom = (id) => request(`rooms/${id}/observers`, "");

/**
 * Return why a room can't be entered whose WebSocket is refused: it isn't there, or the browser lets no WebSocket through.
 *
 * @param {import("./room.js").Room} room
 */
export async function whyRefused({ url, base, lan }) {
  const response = await fetch(`${url}/qr?${new URLSearchParams({ base: base.href })}`).catch(() => null);
  if (!response?.ok) return new Problem("roomUnknown");
  return new Problem("socketRefused", lan?.authority ? new URL("authority.crt", base).href : "");
}

/** Return the id of the room that a link led to, from the page's own address. */
export function linkedRoom() {
  return /^#room=([\w.-]+)$/.exec(location.hash)?.[1] ?? null;
}

/**
 * Return the seat that this tab had before a reload, or one that a closed tab had in the linked room.
 *
 * @param {string | null} linked
 */
export async function keptSeat(linked) {
  const own = read(sessionStorage);
  if (own || !linked) return own;
  const left = read(localStorage);
  if (left?.id !== linked) return null;
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === lockName(left.seat)) ? null : left;
}

/**
 * Keep a seat over a reload of the page.
 *
 * @param {Seat} seat
 */
export function keepSeat(seat) {
  const kept = JSON.stringify(seat);
  for (const storage of [sessionStorage, localStorage]) storage.setItem(KEY, kept);
}

/**
 * Give a seat up; another tab of this browser may have one of its own.
 *
 * @param {string | undefined} seat
 */
export function forgetSeat(seat) {
  sessionStorage.removeItem(KEY);
  if (read(localStorage)?.seat === seat) localStorage.removeItem(KEY);
  if (location.hash.startsWith("#room=")) history.replaceState(null, "", location.pathname + location.search);
}

/**
 * Return the name of the lock that a tab holds as long as it sits in a seat.
 *
 * @param {string} seat
 */
export const lockName = (seat) => `${KEY} ${seat}`;

/**
 * @param {Storage} storage
 * @returns {Seat | null}
 */
function read(storage) {
  try {
    return JSON.parse(storage.getItem(KEY) ?? "null");
  } catch {
    return null; // of another version of the page
  }
}

/**
 * @param {string} path
 * @param {string} body
 * @returns {Promise<Seat>}
 */
async function request(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body }).catch(() => null);
  if (!response) throw new Problem("away");
  if (response.status === 201) {
    const { room: id, seat, beside } = await response.json();
    return { id, seat, beside, url: new URL(response.headers.get("Location") ?? "", response.url).href };
  }
  const { detail = "", reason = "" } = await response.json().catch(() => ({}));
  const busy = busyProblem(response);
  if (busy) throw busy;
  if (response.status === 404) throw new Problem("roomUnknown");
  throw new Problem(reason === "full" ? "roomFull" : response.status === 410 ? "roomOver" : "answer", detail);
}
