/** What is shown beside a drill while it goes on: notes, or a short program with numbered lines. */

import { byId, h, setAttribute, setText } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { Shown } from "../protocol.js" */

/**
 * Show it, or nothing.
 *
 * @param {Shown | null} shown
 */
export function showBeside(shown) {
  const section = byId("shown");
  section.hidden = !shown;
  document.body.toggleAttribute("data-shown", Boolean(shown));
  if (!shown || section.dataset.title === shown.title) return;
  section.dataset.title = shown.title;
  setText(byId("shown-title"), shown.title);
  const { code, lines } = shown;
  byId("shown-lines").replaceChildren(code === null ? h("ul", {}, lines.map((line) => h("li", {}, line))) : h("p", {}, lines.join(" ")));
  const pre = byId("shown-code");
  pre.hidden = code === null;
  setAttribute(pre, "aria-label", words.drills.program);
  const numbered = (code ?? "").trimEnd().split("\n");
  pre.replaceChildren(...numbered.map((line, place) => h("span", {}, h("i", {}, String(place + 1)), h("code", {}, `${line}\n`))));
}
