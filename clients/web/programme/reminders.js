/** Reminders: a calendar file, and a word at the chosen time while the page is open and nobody speaks. */

import { labelled, toggle } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { remindersAddress } from "./api.js";

/** @import { Page } from "../page/view.js" */

const text = words.programme;

/** @param {Page} page */
export function remindersSection({ settings, programme }) {
  const { remindAt, remind } = settings.values;
  const file = h("a", { class: "secondary", href: remindersAddress(remindAt), download: "practice.ics" }, text.calendar);
  const time = h("input", { type: "time", id: "remind-at", value: remindAt, required: true });
  time.addEventListener("change", () => {
    if (!time.value) return;
    settings.set("remindAt", time.value);
    file.setAttribute("href", remindersAddress(time.value));
  });
  return h(
    "details",
    { class: "mark-notes reminders" },
    h("summary", {}, text.reminders),
    h("p", { class: "aside" }, text.remindersLead),
    h("div", { class: "at-what-time" }, labelled("remind-at", text.at, time), file),
    toggle(text.remind, text.remindHint, remind, (on) => programme.remind(on)),
  );
}

/** Milliseconds from a moment to the next time of day. @type {(now: Date, at: string) => number} */
export function untilNext(now, at) {
  const [hours, minutes] = at.split(":").map(Number);
  const next = new Date(now);
  next.setHours(hours, minutes, 0, 0);
  if (next.getTime() <= now.getTime()) next.setDate(next.getDate() + 1);
  return next.getTime() - now.getTime();
}
