/** The places beside the stage, by the name in their address. A new one is a row here, and a view in a folder of its own. */

import { feedbackView } from "../people/feedback.js";
import { progressView } from "../programme/progress.js";
import { skillView } from "../programme/skill.js";
import { programmeView } from "../programme/today.js";
import { validationView } from "../programme/validation.js";
import { interviewView, interviewsView } from "../stories/interviews.js";
import { noteView } from "../stories/note.js";
import { notesView } from "../stories/notes.js";
import { storiesView } from "../stories/stories.js";
import { storyView } from "../stories/story.js";
import { exerciseView } from "../exercises/exercise.js";
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
  exercise: { row: "programme", view: exerciseView },
  feedback: { row: "programme", view: feedbackView },
  takes: { row: "takes", view: listView },
  take: { row: "takes", view: takeView },
  stories: { row: "programme", view: storiesView },
  story: { row: "programme", view: storyView },
  notes: { row: "programme", view: notesView },
  note: { row: "programme", view: noteView },
  interviews: { row: "programme", view: interviewsView },
  interview: { row: "programme", view: interviewView },
  compare: { row: "takes", view: compareView },
};
