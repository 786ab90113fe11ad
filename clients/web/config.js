/** What the server tells before a call. */

import { Problem } from "./problem.js";

/** Whether a host's name is that of the machine itself, whichever asks. */
export const isThisMachine = (host) =>
  host === "localhost" || host.endsWith(".localhost") || /^127\.\d+\.\d+\.\d+$/.test(host) || host === "[::1]";

/** `config.json`: profiles, cues, ICE servers, how long a session waits. Throws a Problem. */
export async function configuration() {
  const response = await fetch("config.json").catch(() => null);
  if (!response?.ok) throw new Problem("away");
  const config = await response.json();
  // RTCPeerConnection takes null for a name: what a server doesn't need is left out.
  config.ice_servers = config.ice_servers.map((server) =>
    Object.fromEntries(Object.entries(server).filter(([, value]) => value !== null)),
  );
  return config;
}
