/** One signature story: what is missing, its takes, telling it, changing it. */

import { addressOf, takeAddress } from "../page/address.js";
import { NotThere } from "../page/record-api.js";
import { changeTake, listTakes } from "../takes/api.js";
import { about, nameOf } from "../takes/describe.js";
import { nameOf as partName } from "../transcript/answer.js";
import { actionButton, labelled, placeTitle, select, wayBack } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { clock, moment } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";
import { deleteStory, getStories, putStory } from "./api.js";
import { lackName, tellIt } from "./stories.js";
import { storyForm } from "./story-form.js";

/** @import { Page, PlaceView } from "../page/view.js" */
/** @import { Missing, Stories, StoryState, StoryTake, TakeEntry, ToldPart } from "../protocol.js" */

const text = words.stories;

/** @type {PlaceView} */
export async function storyView({ ids: [id = ""] }, page) {
  const [all, { takes: entries }] = await Promise.all([getStories(), listTakes()]);
  const state = all.stories.find((one) => one.id === id);
  if (!state) throw new NotThere("record", words.record.gone);
  const { story, skill, takes, missing, note } = state;
  return [
    wayBack(addressOf("stories"), text.back),
    placeTitle(story.title),
    h("p", { class: "aside" }, text.shows(skill, story.framework, takes.length)),
    story.outline ? h("p", { class: "own-note" }, story.outline) : null,
    tellRow(state, page),
    note ? h("p", { class: "lead" }, note) : missingSection(missing),
    takes.length ? takesSection(state, page) : null,
    linkForm(state, entries, page),
    changeForm(all, state, page),
    h("div", { class: "row" }, actionButton(text.remove, "story_remove", "secondary", () => remove(page, id))),
  ];
}

/**
 * @param {StoryState} state
 * @param {Page} page
 */
function tellRow({ id, story }, page) {
  let question = story.answers[0] ?? "";
  const options = [...story.answers.map((one) => [one, one]), ["", text.tellAlone]];
  const chosen = story.answers.length ? labelled("tell-as", text.tellAs, select("tell-as", options, question, (value) => (question = value))) : null;
  return h("div", { class: "link-row tell" }, chosen, actionButton(text.tell, "story_tell", "primary", () => tellIt(page, id, story.title, question)));
}

/** @param {Missing[]} missing */
function missingSection(missing) {
  const items = missing.map((one) => h("li", {}, h("small", {}, text.where(one)), h("p", {}, h("b", {}, lackName(one.what)), ": ", one.hint)));
  return h(
    "section",
    { "aria-labelledby": "missing-title" },
    h("h3", { id: "missing-title" }, text.missingTitle),
    items.length ? h("ol", { class: "missing" }, items) : h("p", {}, text.complete),
    h("p", { class: "aside" }, text.target),
  );
}

/**
 * @param {StoryState} state
 * @param {Page} page
 */
function takesSection(state, page) {
  return h(
    "section",
    { "aria-labelledby": "told-title" },
    h("h3", { id: "told-title" }, text.takesTitle),
    h("ol", { class: "told-takes" }, state.takes.map((take) => takeItem(state, take, page))),
  );
}

/**
 * @param {StoryState} state
 * @param {StoryTake} take
 * @param {Page} page
 */
function takeItem({ id, story, skill, best, best_is_own: own }, take, page) {
  const isBest = take.take === best;
  const set = (/** @type {string} */ to) => page.attempt(() => save(page, id, { ...wantedOf(story), best: to }));
  const does = [
    best && !isBest ? h("a", { class: "secondary", href: addressOf("compare", best, take.take) }, text.compareBest) : null,
    isBest ? null : actionButton(text.callBest, "story_best", "secondary", () => set(take.take)),
    isBest && own ? actionButton(text.letBest, "story_best_none", "secondary", () => set("")) : null,
    actionButton(text.unlink, "story_unlink", "secondary", () => page.attempt(() => link(page, take.take, null, text.unlinked))),
  ];
  return h(
    "li",
    { "data-take": take.take },
    h("div", { class: "told-head" }, h("a", { href: takeAddress(take.take) }, h("b", {}, [moment(take.at), take.title].filter(Boolean).join(", "))), isBest ? h("span", { class: "best" }, icon("good"), own ? text.bestOwn : text.bestMark) : null),
    h("small", {}, text.takes(take, skill, clock(take.length_s))),
    h("ul", { class: "told-parts" }, take.parts.map(partItem)),
    take.missing?.length ? h("small", {}, text.missing(take.missing.map(lackName))) : null,
    h("div", { class: "row" }, does),
  );
}

/** @param {ToldPart} part */
function partItem({ part, found }) {
  const said = found ? text.found : found === null ? text.unknown : text.notFound;
  return h("li", { "data-found": String(found) }, found ? icon("good") : null, h("span", {}, partName(part)), h("span", { class: found ? "unseen" : "" }, ` ${said}`));
}

/**
 * @param {StoryState} state
 * @param {TakeEntry[]} entries
 * @param {Page} page
 */
function linkForm({ id }, entries, page) {
  const others = entries.filter((entry) => entry.story !== id);
  if (!others.length) return null;
  let chosen = others[0].id;
  const options = others.map((entry) => [entry.id, `${nameOf(entry)}, ${about(entry)}`]);
  const control = select("link-take", options, chosen, (value) => (chosen = value));
  const add = actionButton(text.link, "story_link", "secondary", () => page.attempt(() => link(page, chosen, id, text.linked)));
  return h("div", { class: "link-row compare-with" }, labelled("link-take", text.linkTitle, control), add);
}

/**
 * @param {Stories} all
 * @param {StoryState} state
 * @param {Page} page
 */
function changeForm(all, { id, story }, page) {
  const form = storyForm(all, story, (wanted) => page.attempt(() => save(page, id, wanted)));
  return h("details", { class: "mark-notes" }, h("summary", {}, text.change), form);
}

/** @type {(story: import("../protocol.js").Story) => import("./api.js").WantedStory} */
const wantedOf = ({ title, skill, framework, outline, answers, best }) => ({ title, skill, framework, outline, answers, best });

/**
 * @param {Page} page
 * @param {string} id
 * @param {import("./api.js").WantedStory} wanted
 */
async function save(page, id, wanted) {
  await putStory(id, wanted);
  await page.places.open();
  page.tell(text.changed, "record");
}

/**
 * Say which story a take tells, or none.
 *
 * @param {Page} page
 * @param {string} take
 * @param {string | null} story
 * @param {string} said
 */
async function link(page, take, story, said) {
  await changeTake(take, { story });
  await page.places.open();
  page.tell(said, "record");
}

/**
 * @param {Page} page
 * @param {string} id
 */
function remove(page, id) {
  const sure = { title: text.removeTitle, lead: text.removeLead, yes: text.remove, no: text.cancel };
  page.sure.ask(sure, () =>
    page.attempt(async () => {
      await deleteStory(id);
      page.tell(text.removed, "record");
      location.replace(addressOf("stories"));
    }),
  );
}
