/** Fields of the forms of stories and notes. */

import { labelled } from "../ui/controls.js";
import { h } from "../ui/elements.js";

/** @import { Attributes } from "../ui/elements.js" */

/**
 * A line of text under its label.
 *
 * @param {string} id
 * @param {string} name
 * @param {string} value
 * @param {Attributes} [more]
 */
export function line(id, name, value, more = {}) {
  const input = h("input", { type: "text", id, value, autocomplete: "off", ...more });
  return { input, field: labelled(id, name, input) };
}

/**
 * Several lines of text under their label, with a hint.
 *
 * @param {string} id
 * @param {string} name
 * @param {string} value
 * @param {string} hint
 * @param {number} longest
 */
export function lines(id, name, value, hint, longest) {
  const input = h("textarea", { id, rows: "3", maxlength: String(longest), "aria-describedby": hint ? `${id}-hint` : null }, value);
  return { input, field: h("div", {}, labelled(id, name, input), hint ? h("small", { id: `${id}-hint` }, hint) : null) };
}

/**
 * Choices of which any may hold.
 *
 * @param {string} id
 * @param {string[][]} options value and name
 * @param {string[]} chosen
 */
export function boxes(id, options, chosen) {
  const all = options.map(([value, name], i) => {
    const input = h("input", { type: "checkbox", id: `${id}-${i}`, value, checked: chosen.includes(value) });
    return { input, field: h("label", { class: "box" }, input, h("span", {}, name)) };
  });
  return { fields: all.map(({ field }) => field), chosen: () => all.filter(({ input }) => input.checked).map(({ input }) => input.value) };
}

/**
 * Choices of which one holds.
 *
 * @param {string} id
 * @param {string} name
 * @param {string[][]} options value and name
 * @param {string} chosen
 */
export function radios(id, name, options, chosen) {
  const all = options.map(([value, label]) => {
    const input = h("input", { type: "radio", name: id, value, checked: value === chosen });
    return { input, field: h("label", { class: "box" }, input, h("span", {}, label)) };
  });
  const field = h("fieldset", { class: "boxes" }, h("legend", { class: "legend" }, name), all.map((one) => one.field));
  return { field, chosen: () => all.find(({ input }) => input.checked)?.input.value ?? chosen };
}
