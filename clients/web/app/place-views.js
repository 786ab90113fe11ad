/** The places beside the stage, by the name in their address. A new one is a row here, and a view in a folder of its own. */

import { compareView } from "../takes/compare.js";
import { listView } from "../takes/list.js";
import { takeView } from "../takes/take.js";

/** @import { PlaceEntry } from "../page/view.js" */

/** @type {Record<string, PlaceEntry>} */
export const PLACES = {
  takes: { row: "takes", view: listView },
  take: { row: "takes", view: takeView },
  compare: { row: "takes", view: compareView },
};
