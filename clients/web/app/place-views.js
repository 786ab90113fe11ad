/** The places beside the stage, by the name in their address. A new one is a row here, and a view in a folder of its own. */

import { progressView } from "../programme/progress.js";
import { skillView } from "../programme/skill.js";
import { programmeView } from "../programme/today.js";
import { validationView } from "../programme/validation.js";
import { compareView } from "../takes/compare.js";
import { listView } from "../takes/list.js";
import { takeView } from "../takes/take.js";

/** @import { PlaceEntry } from "../page/view.js" */

/** @type {Record<string, PlaceEntry>} */
export const PLACES = {
  programme: { row: "programme", view: programmeView },
  gap: { row: "programme", view: skillView },
  progress: { row: "programme", view: progressView },
  measure: { row: "programme", view: progressView },
  validation: { row: "programme", view: validationView },
  takes: { row: "takes", view: listView },
  take: { row: "takes", view: takeView },
  compare: { row: "takes", view: compareView },
};
