/** What the server tells the page before a call. */

import { Problem } from "./problem.js";

/** @import { CueState } from "../protocol.js" */

/**
 * @typedef {object} Configuration
 * @property {string} profile
 * @property {{ name: string, description: string, cues: CueState[] }[]} profiles each with the cues of who is alone
 * @property {RTCIceServer[]} ice_servers
 * @property {string | null} link_host host by which other machines reach the server
 * @property {Lan | null} lan the way in that `sottovoce share` made for them
 * @property {boolean} words whether the server can recognise words
 * @property {boolean} [pdf] whether it can make reports as PDF
 * @property {number} resume_s how long the server keeps a session without its speaker
 */

/**
 * @typedef {object} Lan
 * @property {string} url address of the page for other machines of the network
 * @property {string} fingerprint SHA-256 of the certificate there
 * @property {string | null} authority SHA-256 of the authority's certificate, which can be installed; null where there is none
 */

/**
 * Return whether a host's name is that of the machine itself, on every machine.
 *
 * @param {string} host
 */
export const isThisMachine = (host) =>
  host === "localhost" || host.endsWith(".localhost") || /^127\.\d+\.\d+\.\d+$/.test(host) || host === "[::1]";

/**
 * Return the page's address for links: one that leads here from other machines too, where there is one.
 *
 * @param {Pick<Configuration, "lan" | "link_host">} config
 */
export function linkBase({ lan, link_host: host }) {
  const own = new URL(location.pathname, location.origin);
  if (!isThisMachine(own.hostname)) return own;
  if (lan) return new URL(lan.url);
  if (host) own.hostname = host;
  return own;
}

/**
 * Fetch `config.json`. Throws a Problem.
 *
 * @returns {Promise<Configuration>}
 */
export async function configuration() {
  const response = await fetch("config.json").catch(() => null);
  if (!response?.ok) throw new Problem("away");
  const config = await response.json();
  // RTCPeerConnection takes null for a name: what a server doesn't need is left out.
  config.ice_servers = config.ice_servers.map((/** @type {object} */ server) =>
    Object.fromEntries(Object.entries(server).filter(([, value]) => value !== null)),
  );
  return config;
}
