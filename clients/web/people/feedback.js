/** The place of feedback: asking people, what they say together, and the three columns. */

import { addressOf } from "../page/address.js";
import { placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { words } from "../words/words.js";
import { getRatings, getRounds } from "./api.js";
import { askSection } from "./ask.js";
import { columnsSection } from "./columns.js";
import { roundsSection } from "./rounds.js";

/** @import { PlaceView } from "../page/view.js" */

const text = words.feedback;

/** @type {PlaceView} */
export async function feedbackView(_, page) {
  const [rounds, ratings] = await Promise.all([getRounds(), getRatings()]);
  return [
    wayBack(addressOf("programme"), text.back),
    placeTitle(text.title),
    h("p", { class: "lead" }, text.lead),
    askSection(rounds, page),
    roundsSection(rounds, page),
    columnsSection(ratings, page),
  ];
}
