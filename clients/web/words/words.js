/** Every text of the page, by feature. Nudges, their reasons and findings come from the engine. */

import { call, coaching, leaving } from "./calls.js";
import { captions, drills } from "./drills.js";
import { exercises } from "./exercises.js";
import { feedback } from "./feedback.js";
import { interview } from "./interview.js";
import { actions, asked, notices, privacy, settings, status } from "./page.js";
import { pitch } from "./pitch.js";
import { problems } from "./problems.js";
import { programme } from "./programme.js";
import { connecting, finishing, glosses, instruments, listening, lost, ready, trace, why } from "./session.js";
import { interviews, notes, stories } from "./stories.js";
import { shadowing } from "./shadowing.js";
import { summary } from "./summary.js";
import { keeping, places, record, recording, report, takes } from "./takes.js";
import { transcript } from "./transcript.js";

export const words = {
  name: "Sottovoce",
  actions,
  asked,
  call,
  captions,
  coaching,
  connecting,
  drills,
  exercises,
  feedback,
  finishing,
  glosses,
  instruments,
  interview,
  interviews,
  keeping,
  leaving,
  listening,
  lost,
  notes,
  notices,
  pitch,
  places,
  privacy,
  problems,
  programme,
  ready,
  record,
  recording,
  report,
  settings,
  shadowing,
  status,
  stories,
  summary,
  takes,
  trace,
  transcript,
  why,
};
