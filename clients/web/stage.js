/** The stage: the one thing to see in each state. The floating window has a second, smaller one. */

import { h, write } from "./dom.js";
import { icon } from "./icons.js";
import { beside } from "./beside.js";
import { consent, inviting, observing, talking, waiting as awaiting } from "./roomviews.js";
import { broken, card, choosing, countdown, drilling, preparing, stopping } from "./drills.js";
import { fillMicrophones, title } from "./settings.js";
import { clock, words } from "./words.js";

const QUIET_DBFS = -60;
const LOUD_DBFS = -12;

/** 0..1 for a meter or the sign of life. */
function loudness(dbfs) {
  return Math.min(1, Math.max(0, (dbfs - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS)));
}

/**
 * Draws a view `{state, nudge, problem, step, seconds, profile, permission}` into `root`.
 * `act(name)` is called for its buttons; `settings` is asked for the microphone.
 */
export class Stage {
  #shown = "";
  #loud = 0;
  #life = null;
  #hint = null;
  #silent = false;

  constructor(root, act, { settings = null, compact = false } = {}) {
    this.root = root;
    this.act = act;
    this.settings = settings;
    this.compact = compact;
  }

  /** Draw what differs from what is shown; the same view twice changes nothing. */
  show(view) {
    const look = `${view.state} ${view.nudge?.id} ${view.problem?.id} ${view.hasLast} ${view.permission} ${view.profile} ${view.drill?.look} ${view.room?.look}`;
    if (look !== this.#shown) {
      this.#shown = look;
      this.#life = this.#hint = null;
      this.root.dataset.look = view.state;
      this.root.dataset.tone = ["nudge", "why"].includes(view.state) ? view.nudge.tone : "";
      const draw = this.compact ? COMPACT[view.state] : FULL[view.state];
      this.root.replaceChildren(...draw(this, view).filter(Boolean));
      this.#life = this.root.querySelector(".life");
      this.#hint = this.root.querySelector(".hint");
      if (this.#silent) this.silent(true);
    }
    const reason = this.root.querySelector("[data-live]");
    if (reason) write(reason, live(view));
  }

  /** Let the sign of life and the meter follow the voice. */
  level(dbfs) {
    if (!this.#life) return;
    const target = loudness(dbfs);
    this.#loud += (target - this.#loud) * (target > this.#loud ? 0.5 : 0.15);
    this.#life.style.setProperty("--level", this.#loud.toFixed(3));
    if (this.#hint && this.#loud > 0.3) write(this.#hint, words.ready.heard);
  }

  /** Say below the meter that nothing is heard, or that it is again. */
  silent(silent) {
    this.#silent = silent;
    if (this.#hint) write(this.#hint, silent ? words.ready.silent : words.ready.notYet);
  }

  button(label, action, kind = "primary") {
    return h("button", { type: "button", class: kind, "data-act": action, onclick: () => this.act(action) }, label);
  }
}

function live(view) {
  if (view.state === "connecting") return words.connecting[view.step] ?? "";
  if (view.state === "countdown") return String(view.seconds);
  if (view.state === "lost") return words.lost.countdown(view.seconds);
  if (view.problem?.retryAfter) return sentence(view.problem, view.seconds);
  return "";
}

export const heading = (text) => h("h2", { class: "words" }, text);
export const row = (...children) => h("div", { class: "row" }, ...children.filter(Boolean));

function ready(stage, view) {
  const select = h("select", { id: "microphone", "aria-label": words.ready.microphone });
  select.addEventListener("change", () => stage.settings.set("deviceId", select.value));
  fillMicrophones(select, stage.settings);
  const granted = view.permission === "granted";
  const hear = granted
    ? h("div", { class: "hear" }, h("div", { class: "meter life", role: "img", "aria-label": words.ready.level }), h("small", { class: "hint" }, words.ready.notYet))
    : null;
  return [
    h("div", { class: "mark" }, orb(true)),
    heading(words.ready.title),
    h("p", { class: "lead" }, words.ready.lines.map((line) => h("span", {}, line))),
    h("div", { class: "microphone" }, icon("microphone"), select, granted ? null : stage.button(words.ready.tryIt, "try", "quiet")),
    hear,
    h("div", { class: "row" }, stage.button(words.actions.start, "start"), stage.button(words.actions.drills, "drills", "secondary"), stage.button(words.actions.invite, "invite", "secondary"), stage.button(words.actions.beside, "beside", "secondary")),
    h("p", { class: "aside" }, words.ready.profile(title(view.profile)), " ", stage.button(words.ready.change, "settings", "link")),
    view.hasLast ? stage.button(words.ready.last, "review", "link") : null,
  ];
}

export const orb = (still = false) => h("div", { class: still ? "orb still" : "orb life", "aria-hidden": "true" }, h("i"), h("b"));

function connecting(stage) {
  return [orb(true), heading(words.connecting.title), h("p", { class: "lead late", "data-live": "" }), stage.button(words.actions.cancel, "cancel", "secondary")];
}

function nudge(stage, { nudge: said, drill }) {
  const stop = drill?.running ? stopping(stage, "secondary") : null;
  return [h("div", { class: "sign" }, icon(said.cue)), heading(said.text), row(stage.button(words.actions.why, "why", "secondary"), stop)];
}

function why(stage, { nudge: said, drill }) {
  const { evidence, delay_ms: delay } = said;
  const facts = [
    [words.why.measured, figure(evidence.value, evidence.unit)],
    [words.why.limit, figure(evidence.threshold, evidence.unit)],
    [words.why.span, evidence.window_s.map(clock).join(" – ")],
    [words.why.sure, `${Math.round(evidence.confidence * 100)} %`],
    delay === null || delay === undefined ? null : [words.why.delay, milliseconds(delay)],
  ].filter(Boolean);
  return [
    h("h2", { class: "asked", "data-tone": said.tone }, h("span", { class: "disc" }, icon(said.cue)), said.text),
    h("p", { class: "lead" }, said.why),
    h("dl", { class: "facts" }, facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    said.delays ? h("p", { class: "stages" }, words.why.spent(stages(said.delays))) : null,
    row(stage.button(words.actions.close, "close", "secondary"), drill?.running ? stopping(stage, "secondary") : null),
  ].filter(Boolean);
}

const LEAST_MS = 0.05;

/** What of a delay went where, in the order of its way; parts that would be shown as 0 are left out. */
function stages(delays) {
  return Object.entries(words.why.stages)
    .map(([name, what]) => [delays[name], what])
    .filter(([spent]) => spent >= LEAST_MS)
    .map(([spent, what]) => `${what} ${milliseconds(spent)}`);
}

/** A time given in milliseconds, finer where it is short. */
const milliseconds = (time) => (time >= 999.5 ? `${(time / 1000).toFixed(1)}\u00a0s` : `${time.toFixed(time < 9.95 ? 1 : 0)}\u00a0ms`);

/** A value with its unit, as short as it can be. */
export function figure(value, unit) {
  if (unit === "share") return `${Math.round(value * 100)} %`;
  const short = Math.abs(value) >= 20 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
  return `${short} ${unit}`.trim();
}

function lost(stage) {
  return [
    h("div", { class: "sign" }, icon("away")),
    heading(words.lost.title),
    h("p", { class: "lead", "data-live": "" }),
    h("p", { class: "aside" }, words.lost.kept),
    stage.button(words.actions.tryNow, "retry"),
  ];
}

function unplugged(stage) {
  const { title: head, text } = words.problems.unplugged;
  return [h("div", { class: "sign" }, icon("no_microphone")), heading(head), h("p", { class: "lead" }, text), stage.button(words.actions.chooseMicrophone, "settings")];
}

/** The sentence of a problem; `seconds` are left until it is worth another try, where the server said so. */
export function sentence({ id, detail, retryAfter }, seconds = retryAfter) {
  const { text } = words.problems[id];
  return typeof text === "function" ? text(detail, seconds) : text;
}

const NO_RETRY = new Set(["insecure", "browser"]);
const ONLY_BACK = new Set(["roomFull", "roomOver", "roomUnknown", "roomElsewhere", "roomDismissed"]);
const PRESS_START = new Set(["refused", "none", "busy", "gone", "shutdown", "elsewhere", "expired"]);
const SIGNS = { refused: "no_microphone", none: "no_microphone", busy: "no_microphone", gone: "no_microphone", away: "away", firewall: "away" };

function trouble(stage, { problem, asked, hasLast }) {
  const what = words.asked[asked] ?? words.actions.start;
  const again = PRESS_START.has(problem.id) || problem.retryAfter ? what : words.actions.tryAgain;
  return [
    h("div", { class: "sign" }, icon(SIGNS[problem.id] ?? "attention")),
    heading(words.problems[problem.id].title),
    h("p", { class: "lead", "data-live": problem.retryAfter > 0 }, sentence(problem)),
    NO_RETRY.has(problem.id) ? null : row(stage.button(words.actions.back, "back", ONLY_BACK.has(problem.id) ? "primary" : "secondary"), ONLY_BACK.has(problem.id) ? null : stage.button(again, "once_more"), problem.id === "roomFull" ? stage.button(words.room.observe, "observe", "secondary") : null),
    hasLast ? stage.button(words.ready.last, "review", "link") : null,
  ];
}

const alive = () => [h("h2", { class: "unseen" }, words.listening.alive), orb()];
const waiting = (text) => () => [orb(true), heading(text)];

const FULL = {
  opening: () => [orb(true)],
  ready,
  choosing,
  beside,
  inviting,
  consent,
  waiting: awaiting,
  observing,
  talking,
  preparing,
  countdown,
  drilling,
  card,
  broken,
  connecting,
  listening: alive,
  nudge,
  why,
  unplugged,
  lost,
  finishing: waiting(words.finishing.title),
  finished: () => [],
  trouble,
};

const short = (name, text) => () => [icon(name), heading(text)];
const COMPACT = {
  opening: () => [orb(true)],
  ready: short("microphone", words.status.ready),
  choosing: short("drill", words.drills.title),
  beside: short("microphone", words.beside.title),
  inviting: short("microphone", words.room.title),
  consent: short("microphone", words.room.consent),
  waiting: waiting(words.status.waiting),
  observing: short("microphone", words.status.observing),
  talking: short("microphone", words.status.talking),
  preparing: waiting(words.drills.preparing),
  countdown: waiting(words.drills.preparing),
  drilling: alive,
  card: short("good", words.status.finished),
  broken: short("away", words.drills.broken),
  connecting: waiting(words.connecting.title),
  listening: alive,
  nudge: (_, { nudge: said }) => [icon(said.cue), heading(said.text)],
  why: (_, { nudge: said }) => [icon(said.cue), heading(said.text)],
  unplugged: short("no_microphone", words.status.unplugged),
  lost: short("away", words.status.lost),
  finishing: waiting(words.finishing.title),
  finished: short("good", words.status.finished),
  trouble: short("attention", words.status.trouble),
};
