/** Controls and pieces that several views share. */

import { h, present } from "./elements.js";
import { icon } from "./icons.js";

/** @import { Child } from "./elements.js" */

/** @param {string} text */
export const heading = (text) => h("h2", { class: "words" }, text);

/**
 * The heading of a place, which gets the focus when the place is opened from another one.
 *
 * @param {string} text
 */
export const placeTitle = (text) => h("h2", { class: "words", id: "place-title", tabindex: "-1" }, text);

/** @type {(address: string, text: string) => HTMLElement} */
export const wayBack = (address, text) => h("nav", { class: "way-back", "aria-label": text }, h("a", { href: address }, text));

/** @param {string} said */
export const notice = (said) => h("p", { class: "notice" }, icon("attention"), h("span", {}, said));

/** @param {...Child} children */
export const row = (...children) => h("div", { class: "row" }, ...present(children));

/** The round sign of life; `still` is one that doesn't follow the voice. */
export const orb = (still = false) => h("div", { class: still ? "orb still" : "orb life", "aria-hidden": "true" }, h("i"), h("b"));

/**
 * Return a button; `action` names what it does and is there for style sheets and tests.
 *
 * @param {string} label
 * @param {string} action
 * @param {string} kind class: `primary`, `secondary`, `quiet` or `link`
 * @param {() => unknown} press
 */
export function actionButton(label, action, kind, press) {
  return h("button", { type: "button", class: kind, "data-act": action, onclick: press }, label);
}

/**
 * Add the key that does the same to a button; screen readers get it as an attribute instead.
 *
 * @param {HTMLButtonElement} button
 * @param {string} shown
 * @param {string} shortcut
 */
export function withShortcut(button, shown, shortcut) {
  button.setAttribute("aria-keyshortcuts", shortcut);
  button.setAttribute("aria-label", button.textContent ?? "");
  button.append(" ", h("kbd", {}, shown));
  return button;
}

/**
 * Return a switch with its label and a hint; `change` gets what it is set to.
 *
 * @param {string | (Node | string)[]} label
 * @param {string} hint
 * @param {boolean} on
 * @param {(on: boolean) => void} [change]
 * @param {string | null} [id]
 */
export function toggle(label, hint, on, change, id = null) {
  const input = h("input", { type: "checkbox", role: "switch", checked: on, id });
  if (change) input.addEventListener("change", () => change(input.checked));
  const text = h("span", {}, h("b", {}, label), hint ? h("small", {}, hint) : "");
  return h("label", { class: "switch" }, text, input);
}

/**
 * Return a select of `[value, name]` pairs.
 *
 * @param {string} id
 * @param {string[][]} options
 * @param {string} value
 * @param {(value: string) => void} change
 */
export function select(id, options, value, change) {
  const element = h("select", { id }, options.map(([key, name]) => h("option", { value: key }, name)));
  element.value = value;
  element.addEventListener("change", () => change(element.value));
  return element;
}

/**
 * Return a control under its label.
 *
 * @param {string} id
 * @param {string} name
 * @param {HTMLElement} control
 */
export const labelled = (id, name, control) => h("div", {}, h("label", { class: "legend", for: id }, name), control);

/**
 * A cell of a table whose rows are laid out as blocks where there is little room: it says its column's name itself, and
 * that it is a cell, as that is no table to a browser.
 *
 * @type {(name: string, ...children: (Node | string)[]) => HTMLElement}
 */
export const cell = (name, ...children) => h("td", { role: "cell", "data-name": name }, ...children);
