/** Line drawings on a 24 px grid, one for each cue and each sign of the page. */

import { svg } from "./elements.js";

/** @type {Record<string, string[]>} */
const DRAWINGS = {
  // cues
  pace: ["M9.5 3.5h5l4 17h-13z", "M7 15.5h10", "M12 15.5l5.5-9"],
  check_in: ["M4 5.5h16v11h-9l-4.5 4v-4H4z", "M8.5 11l2.5 2.5 4.5-5"],
  pause: ["M8.5 5v14", "M15.5 5v14"],
  pitch_range: ["M2.5 12c1.5-4 2.5-4 4 0s2.5 4 4 0c2-9 3.5-9 5.5 0s3 6 5.5 0"],
  ending: ["M3.5 4.5c6.5 0 9.5 4 9.5 11", "M8.5 11.5l4.5 4.5 4.5-4.5", "M4 20.5h16"],
  creak: ["M4 10v4", "M8 7v10", "M12 3.5v17", "M16 7v10", "M20 10v4"],
  loudness: ["M3.5 9.5v5h3.5l5 4.5v-14l-5 4.5z", "M15.5 9a4.5 4.5 0 0 1 0 6", "M18.5 6a8.5 8.5 0 0 1 0 12"],
  fillers: ["M3 9h10.5a3 3 0 1 0-3-3", "M3 13h15.5a2.75 2.75 0 1 1-2.75 2.75", "M3 17h6.5a2.25 2.25 0 1 1-2.25 2.25"],
  interruption: ["M3.5 4h11v8H8l-3 3v-3H3.5z", "M17.5 8.5h3v8H19v3l-3-3H10.5v-1.5"],
  talk_share: ["M4 4.5h16v12h-8l-4.5 4v-4H4z", "M9.75 8.5a2.3 2.3 0 1 1 3 2.2c-.5.2-.75.5-.75 1.1", "M12 14v.01"],
  wanted_in: ["M4 4.5h16v11h-9l-4.5 4v-4H4z", "M9 10h5.5", "M12.3 7.6l2.4 2.4-2.4 2.4"],
  recovery: ["M19.5 12a7.5 7.5 0 1 1-2.4-5.5", "M17.5 2.5v4.3h-4.3", "M8.7 12.2l2.4 2.4 4.3-4.7"],
  headline_first: ["M4 5.5h16", "M4 8.5h16", "M4 13.5h10", "M4 16.5h10", "M4 19.5h6"],
  say_it_simply: ["M4 4.5h16v12h-8l-4.5 4v-4H4z", "M8 10.5h8"],
  what_changed: ["M4 17.5l5-5 3.5 3.5 7-8", "M15 8h4.5v4.5"],
  ask_first: ["M8.5 9a3.5 3.5 0 1 1 4.7 3.3c-.8.3-1.2.9-1.2 1.7v1", "M12 19v.01"],
  // signs
  microphone: ["M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3z", "M5.5 11.5a6.5 6.5 0 0 0 13 0", "M12 18v3"],
  no_microphone: ["M9 9v2.5a3 3 0 0 0 4.5 2.6M15 11V6.5a3 3 0 0 0-5.8-1.1", "M5.5 11.5a6.5 6.5 0 0 0 10.4 5.2M18.5 11.5c0 1-.2 2-.6 2.8", "M12 18v3", "M4 4l16 16"],
  attention: ["M12 4l9 16H3z", "M12 10v4.5", "M12 17.3v.01"],
  away: ["M2.8 9.8a13.2 13.2 0 0 1 18.4 0", "M6.3 13.4a8.2 8.2 0 0 1 11.4 0", "M9.8 17a3.2 3.2 0 0 1 4.4 0", "M5 4l14 16"],
  settings: ["M4 7h8.5M17.5 7H20", "M4 17h2.5M11.5 17H20", "M12.5 7a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0z", "M6.5 17a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0z"],
  drill: ["M12 3.5l2.6 5.6 6 .7-4.5 4.1 1.2 6-5.3-3-5.3 3 1.2-6-4.5-4.1 6-.7z"],
  float: ["M20.5 10V5h-17v14H10", "M13 13.5h8v6h-8z"],
  close: ["M6 6l12 12M18 6L6 18"],
  back: ["M9 7L4 12l5 5", "M4 12h10.5a5 5 0 0 1 0 10"],
  note: ["M5 6h14", "M5 12h14", "M5 18h8"],
  good: ["M5 12.5l4.5 4.5L19 7.5"],
  work: ["M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z", "M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z"],
};

/**
 * Return a drawing that takes the colour of the text around it; hidden from screen readers.
 *
 * @param {string} name
 */
export function icon(name) {
  const lines = DRAWINGS[name] ?? DRAWINGS.attention;
  const attributes = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" };
  return svg("svg", attributes, ...lines.map((d) => svg("path", { d })));
}
