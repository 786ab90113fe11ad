/** How each state is shown: one row a state. A place of the page is a region of its own and the rows that show it. */

import { consent, inviting, observing, sharing, talking, waiting } from "../calls/views.js";
import { broken, card, choosing, countdown, drilling, preparing } from "../drills/views.js";
import { connecting, listening, lost, nudge, ready, unplugged, why } from "../session/views.js";
import { heading, orb } from "../ui/controls.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";
import { sentence, trouble } from "./trouble.js";

/** @import { StateView, View } from "../page/view.js" */

const STAGE = ["stage"];
const CALL = ["stage", "bar"];
const SESSION = ["stage", "bar", "instruments", "trace-figure"];

/** @type {(name: string, text: string) => StateView["floating"]} */
const sign = (name, text) => () => [icon(name), heading(text)];

/** @type {(text: string) => () => Node[]} */
const inProgress = (text) => () => [orb(true), heading(text)];

/** @type {StateView["floating"]} */
const briefNudge = ({ nudge: given }) => (given ? [icon(given.cue), heading(given.text)] : []);

const still = () => [orb(true)];

/** @type {Record<string, StateView>} */
export const VIEWS = {
  opening: { regions: STAGE, stage: still, floating: still },
  ready: { regions: STAGE, stage: ready, floating: sign("microphone", words.status.ready) },
  choosing: { regions: STAGE, stage: choosing, floating: sign("drill", words.drills.title) },
  sharing: { regions: STAGE, stage: sharing, floating: sign("microphone", words.coaching.title) },
  inviting: { regions: STAGE, stage: inviting, floating: sign("microphone", words.call.title) },
  consent: { regions: STAGE, stage: consent, floating: sign("microphone", words.call.consent) },
  waiting: { regions: STAGE, stage: waiting, floating: inProgress(words.status.waiting) },
  observing: { regions: STAGE, stage: observing, floating: sign("microphone", words.status.observing) },
  talking: { regions: CALL, stage: talking, floating: sign("microphone", words.status.talking) },
  preparing: { regions: STAGE, stage: preparing, floating: inProgress(words.drills.preparing) },
  countdown: { regions: STAGE, stage: countdown, floating: inProgress(words.drills.preparing), live: ({ seconds }) => String(seconds) },
  drilling: { regions: SESSION, stage: drilling, floating: listening },
  card: { regions: STAGE, stage: card, floating: sign("good", words.status.finished) },
  broken: { regions: STAGE, stage: broken, floating: sign("away", words.drills.broken) },
  connecting: { regions: STAGE, stage: connecting, floating: inProgress(words.connecting.title), live: ({ step }) => words.connecting.steps[step] ?? "" },
  listening: { regions: SESSION, stage: listening, floating: listening },
  nudge: { regions: SESSION, stage: nudge, floating: briefNudge },
  why: { regions: SESSION, stage: why, floating: briefNudge },
  unplugged: { regions: SESSION, stage: unplugged, floating: sign("no_microphone", words.status.unplugged) },
  lost: { regions: SESSION, stage: lost, floating: sign("away", words.status.lost), live: ({ seconds }) => words.lost.countdown(seconds) },
  finishing: { regions: SESSION, stage: inProgress(words.finishing.title), floating: inProgress(words.finishing.title) },
  finished: { regions: ["summary"], stage: () => [], floating: sign("good", words.status.finished) },
  place: { regions: ["place"], stage: () => [], floating: sign("note", words.places.title) },
  trouble: { regions: STAGE, stage: trouble, floating: sign("attention", words.status.trouble), live: problemLeft },
};

/** Every region that some state shows. */
export const REGIONS = [...new Set(Object.values(VIEWS).flatMap(({ regions }) => regions))];

/** @param {View} view */
function problemLeft({ problem, seconds }) {
  return problem?.retryAfter ? sentence(problem, seconds) : "";
}
