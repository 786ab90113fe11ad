/** What is said to screen readers, and the tick and vibration for those who want them. */

import { at } from "./dom.js";

/**
 * Say a sentence: `urgent` interrupts what is being read. The same sentence twice is said twice,
 * which needs the region to be empty in between.
 */
export function announce(text, { urgent = false } = {}) {
  const region = at(urgent ? "urgent" : "polite");
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

/** A nudge, felt and heard as the settings say. */
export function feel(settings, microphone) {
  if (settings.tick) microphone.tick();
  if (settings.vibrate) navigator.vibrate?.(60);
}
