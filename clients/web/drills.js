/** Drills: choosing one, the count-down, the drill as it goes, its card, and earlier runs of one's own. */

import { h } from "./dom.js";
import { toggle } from "./settings.js";
import { heading, orb, row } from "./stage.js";
import { clock, words } from "./words.js";

const text = words.drills;
const KEY = "sottovoce.drills";
const MOST_RUNS = 200;
const WELL = 7;

/** Name of what an interviewer made happen in a call: of no difficulty. */
const CONDUCTED = "conducted";

/** Softest that noises can be: off. */
export const OFF_DB = -60;

/** What the server has; throws when it can't be asked. */
export async function listed() {
  const response = await fetch("drills");
  if (!response.ok) throw new Error(text.none);
  return response.json();
}

/**
 * What the person chose, and the drill as it goes: the stage draws it, `look` says when it must be
 * drawn anew.
 */
export class Drill {
  offers = [];
  name = "interruptions";
  level = "medium";
  db = 0;
  ready = null;
  ended = null;
  running = false;
  wanted = false;
  #drawn = 0;

  get offer() {
    return this.offers.find(({ name }) => name === this.name) ?? this.offers[0];
  }

  get look() {
    return `${this.#drawn} ${this.ready?.seed} ${this.ended?.seq}`;
  }

  /** What to talk about, from the count-down to the end. */
  get question() {
    return this.ready?.question ?? "";
  }

  choose(choice) {
    Object.assign(this, choice);
    if (!this.offer.levels.includes(this.level)) this.level = this.offer.levels[0];
  }

  /** Take up what a page before a reload knew of it. */
  restore({ drill, cards }) {
    if (!drill) return;
    const { name, level, after } = drill;
    const ended = cards.length > after ? cards.at(-1) : null;
    // The run that has just ended is remembered already.
    Object.assign(this, { name, level, ended, earlier: ended ? comparable(ended.card).slice(0, -1) : [] });
  }

  draw() {
    this.#drawn += 1;
  }

  /** Over, one way or the other. */
  stop() {
    this.running = this.wanted = false;
    this.ready = null;
  }

  /** Lower the noises by one step; says how loud they are now. */
  softer() {
    this.db = this.db - 6 < -24 ? OFF_DB : this.db - 6;
    return text.softer(this.db);
  }
}

/** What to say of a step's result: that it went well, when it did. */
export function praise({ composure, do: kind }) {
  return composure !== null && composure >= WELL && kind !== "ask" ? text.wellTaken : "";
}

// Earlier runs, in this browser only

export function runs(storage = localStorage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // not ours, or of another version
  }
}

export function forget(storage = localStorage) {
  storage.removeItem(KEY);
}

/** Runs that compare with a card: of the same drill and level, counted the same way. */
function comparable({ drill, level, formula }, storage = localStorage) {
  const alike = (run) => run.drill === drill && run.level === level && run.formula === formula;
  return runs(storage).filter((run) => alike(run) && run.composure !== null);
}

/** Note a card; gives the earlier runs that compare. */
export function remember(ended, storage = localStorage) {
  const all = runs(storage);
  const { drill, level, formula, composure } = ended.card;
  const earlier = comparable(ended.card, storage);
  const run = { drill, level, formula, composure, ...medians(ended.card), at: Date.now() };
  storage.setItem(KEY, JSON.stringify([...all, run].slice(-MOST_RUNS)));
  return earlier;
}

function medians({ events }) {
  const of = (name, part) => {
    const found = events.filter((one) => one[name] !== null && one.parts[part] !== null).map((one) => one[name]);
    found.sort((a, b) => a - b);
    return found.length ? found[Math.floor((found.length - 1) / 2)] : null;
  };
  return { yield_s: of("yield_s", "floor"), resume_s: of("resume_s", "resume") };
}

// The stage

export function choosing(stage, { drill }) {
  const { offer } = drill;
  if (!offer) return [orb(true)];
  const change = (choice) => {
    drill.choose(choice);
    drill.draw();
    stage.act("redraw");
  };
  const which = select("drill", drill.offers.map(({ name, title }) => [name, title]), offer.name, (name) => change({ name }));
  const level = select("level", offer.levels.map((name) => [name, text.levels[name]]), drill.level, (name) => change({ level: name }));
  const read = toggle(words.settings.captions, "", stage.settings.captions, (on) => stage.settings.set("captions", on));
  const loud = select("noises", Object.entries(text.loud), String(drill.db), (db) => change({ db: Number(db) }));
  return [
    heading(text.title),
    h("p", { class: "lead" }, text.lead),
    h(
      "div",
      { class: "choosing" },
      h("div", { class: "fields" }, field("drill", text.which, which), field("level", text.level, level), field("noises", text.noises, loud), read),
      h(
        "dl",
        {},
        fact(text.trains, offer.trains),
        fact(text.use, `${offer.use_when} (${text.minutes(offer.minutes)})`),
        fact(text.will, h("ul", {}, offer.will[drill.level].map((line) => h("li", {}, line)))),
      ),
    ),
    row(stage.button(words.actions.back, "back", "secondary"), stage.button(words.actions.go, "go")),
    h("p", { class: "aside" }, text.headphones, runs().length ? [" ", stage.button(text.forget, "forget", "link")] : ""),
  ];
}

function select(id, options, value, change) {
  const element = h("select", { id }, options.map(([key, name]) => h("option", { value: key }, name)));
  element.value = value;
  element.addEventListener("change", () => change(element.value));
  return element;
}

const field = (id, name, element) => h("div", {}, h("label", { class: "legend", for: id }, name), element);
const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value));

export function preparing(stage) {
  return [orb(true), heading(text.preparing), stage.button(words.actions.cancel, "cancel", "secondary")];
}

export function countdown(stage) {
  return [
    h("p", { class: "count", "data-live": "", "aria-hidden": "true" }),
    stage.button(words.actions.cancel, "cancel", "secondary"),
  ];
}

export function drilling(stage) {
  return [
    h("div", { class: "small" }, orb()),
    row(keyed(stage.button(words.actions.softer, "softer", "secondary"), "−"), stopping(stage)),
  ];
}

/** The way out, at any moment. */
export function stopping(stage, kind = "primary") {
  return keyed(stage.button(words.actions.stop, "stop", kind), "Esc");
}

/** A button that says which key does the same; not to screen readers, for whom it is an attribute. */
function keyed(button, key) {
  button.setAttribute("aria-keyshortcuts", key === "−" ? "-" : "Escape");
  button.setAttribute("aria-label", button.textContent);
  button.append(" ", h("kbd", {}, key));
  return button;
}

const figure = (value) => (value === null ? "–" : value.toFixed(1));

/** The card on the stage. */
export function card(stage, { drill }) {
  const { ended, earlier } = drill;
  return [
    ...cardOf(ended, earlier),
    row(stage.button(words.actions.repeat, "again"), stage.button(words.actions.another, "another", "secondary"), stage.button(words.actions.finish, "end", "secondary")),
  ];
}

/** One that the connection's end cut short, with nothing to show. */
export function broken(stage) {
  return [
    heading(text.broken),
    h("p", { class: "lead" }, text.brokenLead),
    row(stage.button(words.actions.begin, "again"), stage.button(words.actions.another, "another", "secondary"), stage.button(words.actions.finish, "end", "secondary")),
  ];
}

/** What a drill found, for the stage and the summary. */
export function cardOf({ card: found, stopped }, earlier = []) {
  const { yield_s: yields, resume_s: resumes } = medians(found);
  const known = earlier.map(({ composure }) => composure);
  const level = text.levels[found.level];
  const compared = known.length ? text.earlier(figure(known.at(-1)), figure(Math.max(...known)), known.length, level) : text.firstRun(level);
  return [
    h("h2", { class: "asked" }, found.drill === CONDUCTED ? found.title : text.card(found.title, level)),
    h(
      "p",
      { class: "composure", "data-tone": found.composure === null ? "" : found.composure >= WELL ? "thanks" : "change" },
      found.composure === null ? h("span", {}, text.unknown) : [h("b", {}, figure(found.composure)), " ", h("small", {}, `${text.of}, ${text.composure.toLowerCase()}`)],
    ),
    found.composure === null ? null : h("p", { class: "aside" }, compared),
    yields === null && resumes === null ? null : h("p", { class: "aside" }, text.median(yields, resumes)),
    stopped ? h("p", { class: "aside" }, text.stopped) : null,
    h("p", { class: "next" }, h("small", {}, text.next), h("span", {}, found.try_next)),
    h("ol", { class: "events" }, found.events.map(happened)),
    h("details", { class: "formula" }, h("summary", {}, text.formula), h("p", {}, text.formulaText)),
  ];
}

/** One event with how it was taken. */
export function happened(event) {
  const parts = Object.entries(text.part)
    .filter(([name]) => event.parts[name] !== null)
    .map(([name, said]) => `${said} ${Math.round(event.parts[name] * 100)} %`);
  const judged = event.composure !== null;
  return h(
    "li",
    {},
    h("time", {}, clock(event.start_s)),
    h(
      "div",
      {},
      h("p", {}, event.happened),
      judged ? h("p", { class: "aside" }, event.changed) : null,
      event.try_next ? h("p", { class: "aside" }, event.try_next) : null,
      judged ? h("small", {}, parts.join(" · ")) : null,
    ),
    h("b", { "aria-label": judged ? `${text.composure} ${figure(event.composure)}` : null }, judged ? figure(event.composure) : ""),
  );
}
