/** The few lines that stand in for a framework. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children. `on…` adds a listener, `class`, `hidden` and the like
 * are set as they are; `null` and `false` leave an attribute or child out.
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Element of the page by its id. */
export const at = (id) => document.getElementById(id);

/** Set a text only when it differs, so that nothing is laid out or read out anew in vain. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute only when it differs. */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
