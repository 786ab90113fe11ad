/** The place *Programme*: what to practise today and why, the week's longer practice, and where one stands. */

import { addressOf } from "../page/address.js";
import { zone } from "../page/record-api.js";
import { reportControls } from "../page/report.js";
import { actionButton, notice, placeTitle } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { capital } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { words } from "../words/words.js";
import { getGaps, getToday, getTomorrow, getWeek } from "./api.js";
import { gapSection } from "./gaps.js";
import { remindersSection } from "./reminders.js";

/** @import { Page, PlaceView } from "../page/view.js" */
/** @import { Plan, PlanItem } from "../protocol.js" */
/** @import { Child } from "../ui/elements.js" */

const text = words.programme;

/** Places beside this one, by the name in their address. */
const ALSO = /** @type {const} */ (["progress", "validation", "stories", "notes", "interviews", "feedback"]);

/** @type {PlaceView} */
export async function programmeView(_, page) {
  const { kept, problem } = await page.takes.read();
  if (!kept) return firstVisit(page);
  const [today, week, table] = await Promise.all([getToday(), getWeek(), getGaps()]);
  const tomorrow = today.items.every(({ done }) => done) ? await getTomorrow() : null;
  return [
    placeTitle(text.title),
    problem ? notice(problem) : null,
    kept.figures ? wordsOff(page) : figuresOff(page),
    todaySection(today, tomorrow, page),
    weekSection({ ...week, day: today.day }, page),
    gapSection(table),
    h("nav", { class: "row", "aria-label": text.also }, ALSO.map((name) => h("a", { class: "secondary", href: addressOf(name) }, text[`${name}Link`]))),
    h("div", { class: "row" }, ...reportControls(page, "record/programme", "programme", { zone: zone() })),
    remindersSection(page),
  ];
}

/**
 * Before anything may be kept: what the programme does, and the one question.
 *
 * @param {Page} page
 * @returns {Child[]}
 */
function firstVisit(page) {
  const { title, lead, needs, button } = text.first;
  return [
    placeTitle(title),
    h("p", { class: "lead" }, lead),
    h("p", { class: "aside" }, needs),
    h("div", { class: "row" }, actionButton(button, "keeping", "primary", () => page.act("keeping"))),
  ];
}

/** @param {Page} page */
const figuresOff = (page) =>
  h("div", { class: "notice" }, icon("attention"), h("span", {}, text.figuresOff), actionButton(text.keepFigures, "keeping", "quiet", () => page.act("keeping")));

/** @param {Page} page */
function wordsOff(page) {
  const { on, can } = page.transcript.view;
  if (on || can === false) return null;
  return h("p", { class: "aside words-off" }, text.wordsOff, " ", actionButton(text.wordsOn, "words", "link", () => page.act("words")));
}

/**
 * @param {Plan} plan
 * @param {Plan | null} tomorrow where today is done
 * @param {Page} page
 */
function todaySection(plan, tomorrow, page) {
  const { day, items, minutes, note } = plan;
  const first = items.find(({ done }) => !done);
  const said = first ? note : items.length ? text.dayDone : text.dayEmpty;
  return h(
    "section",
    { class: "plan", "aria-labelledby": "today-title" },
    h("h3", { id: "today-title" }, text.today, " ", h("small", {}, text.about(dayName(day), minutes))),
    said ? h("p", { class: "lead" }, said) : null,
    h("ol", { class: "items" }, items.map((item) => planItem(plan, item, item === first, page))),
    leftOut(plan, page),
    tomorrow ? h("p", { class: "tomorrow" }, text.tomorrow(tomorrow.items.map(({ title }) => title))) : null,
  );
}

/**
 * @param {Plan} plan of the week, with the day on which something of it is done
 * @param {Page} page
 */
function weekSection(plan, page) {
  const { items, minutes } = plan;
  if (!items.length && !plan.skipped.length) return null;
  const done = items.length > 0 && items.every((item) => item.done);
  return h(
    "details",
    { class: "plan mark-notes" },
    h("summary", {}, text.week, " ", done ? doneMark() : h("small", {}, text.minutes(minutes))),
    h("p", { class: "aside" }, text.weekLead),
    h("ol", { class: "items" }, items.map((item) => planItem(plan, item, false, page))),
    leftOut(plan, page),
  );
}

/**
 * One thing to do; the next one has the main button.
 *
 * @param {Plan} plan
 * @param {PlanItem} item
 * @param {boolean} isNext
 * @param {Page} page
 */
function planItem(plan, item, isNext, page) {
  const { name, title, how, why, minutes, kind, drill, level, done } = item;
  const about = [text.kinds[kind], drill && text.drill(level ? words.drills.levels[level].toLowerCase() : ""), text.minutes(minutes)];
  return h(
    "li",
    { "data-item": name, class: isNext ? "up-next" : null },
    h("h4", {}, title, done ? doneMark() : null),
    h("small", {}, about.filter(Boolean).join(" · ")),
    h("p", { class: kind === "exercise" || drill ? "how" : "say" }, how),
    h("p", { class: "why" }, h("b", {}, text.why), " ", why),
    h("div", { class: "row" }, ...buttons(plan, item, isNext, page)),
  );
}

/** @type {(plan: Plan, item: PlanItem, isNext: boolean, page: Page) => Child[]} */
function buttons({ day }, item, isNext, page) {
  const { title, kind, done } = item;
  const { programme } = page;
  const button = (/** @type {string} */ label, /** @type {string} */ action, /** @type {string} */ style, /** @type {() => unknown} */ press) => {
    const made = actionButton(label, action, style, press);
    made.setAttribute("aria-label", text.of(label, title));
    return made;
  };
  const begin = button(done ? text.again : text.begin, "item_begin", isNext ? "primary" : "secondary", () => programme.beginItem(item));
  if (done) return [begin];
  const isExercise = kind === "exercise"; // a guided take is done by being made
  return [
    begin,
    isExercise ? button(text.markDone, "item_done", "quiet", () => programme.mark(day, item, "done")) : null,
    isExercise ? button(text.swap, "item_swap", "quiet", () => programme.mark(day, item, "swapped")) : null,
    button(text.skip, "item_skip", "quiet", () => programme.mark(day, item, "skipped")),
  ];
}

const doneMark = () => h("span", { class: "done-mark" }, icon("good"), text.done);

/**
 * What was left out, with the way to take it back.
 *
 * @param {Plan} plan
 * @param {Page} page
 */
function leftOut({ day, skipped }, page) {
  if (!skipped.length) return null;
  const items = skipped.map((item) => {
    const undo = actionButton(text.undo, "item_undo", "link", () => page.programme.mark(day, item, null));
    undo.setAttribute("aria-label", text.of(text.undo, item.title));
    return h("li", {}, item.title, " ", undo);
  });
  return h("div", { class: "left-out" }, h("small", {}, text.leftOut), h("ul", { class: "plain" }, items));
}

/** @param {string} day */
const dayName = (day) => capital(new Date(`${day}T12:00:00`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" }));
