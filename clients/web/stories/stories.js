/** The place of signature stories: all of them, adding one, and the questions that none answers. */

import { addressOf } from "../page/address.js";
import { nameOf as partName } from "../transcript/answer.js";
import { actionButton, placeTitle, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { capital } from "../ui/format.js";
import { words } from "../words/words.js";
import { getStories, newStoryId, putStory } from "./api.js";
import { storyForm } from "./story-form.js";

/** @import { Page, PlaceView } from "../page/view.js" */
/** @import { Answered, Stories, StoryState } from "../protocol.js" */

const text = words.stories;

/** @param {string} id */
export const storyAddress = (id) => addressOf("story", id);

/** What a story lacks, by its name for people. @param {string} what */
export const lackName = (what) => text.lacks[what] ?? partName(what);

/** @type {PlaceView} */
export async function storiesView(_, page) {
  const all = await getStories();
  return [
    wayBack(addressOf("programme"), text.programme),
    placeTitle(text.title),
    h("p", { class: "lead" }, all.stories.length ? text.lead : text.none),
    all.stories.length ? h("ol", { class: "stories" }, all.stories.map((state) => storyItem(state, page))) : null,
    addForm(all, page),
    openQuestions(all, page),
  ];
}

/**
 * @param {StoryState} state
 * @param {Page} page
 */
function storyItem({ id, story, skill, takes, missing, note }, page) {
  const tell = actionButton(text.tell, "story_tell", "secondary", () => tellIt(page, id, story.title, story.answers[0] ?? ""));
  tell.setAttribute("aria-label", text.tellNamed(story.title));
  return h(
    "li",
    { "data-story": id },
    h("a", { href: storyAddress(id) }, h("b", {}, story.title)),
    tell,
    h("small", {}, text.shows(skill, story.framework, takes.length)),
    takes.length ? h("small", {}, note || (missing.length ? text.missing(missing.map(({ what }) => lackName(what))) : text.complete)) : null,
  );
}

/**
 * Begin a session in which a story is told, as an answer to a question or by itself.
 *
 * @param {Page} page
 * @param {string} id
 * @param {string} title
 * @param {string} question
 */
export function tellIt(page, id, title, question) {
  page.begin({ purpose: `story:${id}`, question: question || text.telling(title), story: id });
}

/**
 * @param {Stories} all
 * @param {Page} page
 */
function addForm(all, page) {
  const form = storyForm(all, null, (story) =>
    page.attempt(async () => {
      const id = newStoryId(story.title);
      await putStory(id, story);
      page.tell(text.added, "record");
      location.assign(storyAddress(id));
    }),
  );
  return h("details", { class: "mark-notes", open: all.stories.length === 0 }, h("summary", {}, text.add), form);
}

/**
 * @param {Stories} all
 * @param {Page} page
 */
function openQuestions({ questions, unanswered }, page) {
  const open = questions.filter(({ stories }) => !stories.length);
  const styles = [...new Set(open.map(({ style }) => style))];
  return h(
    "section",
    { "aria-labelledby": "open-title" },
    h("h3", { id: "open-title" }, text.questionsTitle),
    h("p", { class: "aside" }, open.length ? text.questionsLead(unanswered, questions.length) : text.allAnswered),
    styles.map((style) =>
      h(
        "details",
        { class: "mark-notes" },
        h("summary", {}, `${capital(style)} (${open.filter((one) => one.style === style).length})`),
        h("ol", { class: "asked-list" }, open.filter((one) => one.style === style).map((one) => questionItem(one, page))),
      ),
    ),
  );
}

/**
 * @param {Answered} question
 * @param {Page} page
 */
function questionItem({ text: asked }, page) {
  const button = actionButton(text.practise, "question_answer", "quiet", () => page.begin({ purpose: "", question: asked }));
  button.setAttribute("aria-label", text.practiseNamed(asked));
  return h("li", {}, h("span", {}, asked), button);
}
