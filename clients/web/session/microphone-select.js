/** The choice of a microphone. */

import { Microphone } from "./microphone.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

/**
 * Put the microphones into a `<select>`, the chosen one selected.
 *
 * @param {HTMLSelectElement} select
 * @param {string} chosen
 */
export async function fillMicrophones(select, chosen) {
  const devices = (await Microphone.list()).filter((device) => device.deviceId !== "default");
  const named = devices.filter((device) => device.label);
  const first = named.length ? words.ready.anyMicrophone : words.ready.unnamed;
  const options = named.map((device) => h("option", { value: device.deviceId }, device.label));
  select.replaceChildren(h("option", { value: "" }, first), ...options);
  const known = named.some((device) => device.deviceId === chosen);
  select.value = known ? chosen : "";
  select.disabled = named.length === 0;
}
