/** The switch of words, wherever it is shown: it goes on once the person has agreed. */

import { toggle } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { WordsView } from "../page/view.js" */

const text = words.transcript;

/**
 * Return the switch; a server that can't recognise words is said to.
 *
 * @param {WordsView} view
 * @param {(name: string) => void} act
 */
export function wordsSwitch({ on, can }, act) {
  const element = toggle(text.own, can === false ? text.cannot : text.hint, on && can !== false);
  const input = /** @type {HTMLInputElement} */ (element.querySelector("input"));
  input.dataset.words = "";
  input.disabled = can === false;
  input.addEventListener("change", () => {
    input.checked = !input.checked; // until the person has agreed
    act("words");
  });
  return element;
}

/**
 * Show in every switch what was chosen.
 *
 * @param {boolean} on
 */
export function updateSwitches(on) {
  for (const input of document.querySelectorAll("input[data-words]")) /** @type {HTMLInputElement} */ (input).checked = on;
}

/**
 * Return the line of the first screen: whether words are on, and a button that changes it.
 *
 * @param {WordsView} view
 * @param {(label: string, action: string, kind: string) => HTMLButtonElement} button
 */
export function wordsLine({ on, can }, button) {
  if (can === false) return h("span", {}, text.unavailable);
  const press = button(on ? text.turnOff : text.turnOn, "words", "link");
  press.setAttribute("aria-label", on ? text.turnOffLabel : text.turnOnLabel);
  return h("span", {}, on ? text.on : text.off, " ", press);
}
