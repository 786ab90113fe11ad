/** After the session: what to keep and work on, the measures, the nudges along time. */

import { at, h } from "./dom.js";
import { cardOf, happened } from "./drills.js";
import { icon } from "./icons.js";
import { title } from "./settings.js";
import { figure } from "./stage.js";
import { clock, words } from "./words.js";

const text = words.summary;

/** Rows of the table: name, the value, how to say it, the cue whose aim is its target, how to say that, and whether it takes two. */
const ROWS = [
  ["pace", (m) => m.pace_wpm, (v) => figure(v, text.units.wpm), "pace", text.units.wpm],
  ["pitch", (m) => m.f0_sd_st, (v) => figure(v, text.units.st), "pitch_range", text.units.st],
  ["pauses", (m) => m.pause_count, (v, m) => text.pauses(v, figure(m.longest_pause_s, "s")), null, ""],
  ["stretch", (m) => m.longest_stretch_s, (v) => clock(v), "check_in", "clock"],
  ["share", (m) => m.talk_share, (v) => figure(v, "share"), "talk_share", "share", true],
  ["monologue", (m) => m.exchange?.longest_monologue_s, (v) => clock(v), null, "", true],
  ["gap", (m) => m.exchange?.response_gap_s, (v, m) => text.gap(figure(v, "s"), m.exchange.slow_responses), null, "", true],
  ["interruptions", (m) => m.interruptions, (v, m) => text.interruptions(v, m.exchange?.interruptions_suffered ?? 0), null, "", true],
  ["listening", (m) => m.backchannels, (v) => String(v), null, "", true],
  ["questions", (m) => m.exchange?.questions, (v) => String(v), null, "", true],
  ["fillers", (m) => m.fillers_per_min, (v) => figure(v, text.units.perMin), "fillers", text.units.perMin],
  ["creak", (m) => m.creak_share, (v) => figure(v, "share"), "creak", "share"],
  ["rises", (m) => m.rises, (v, m) => text.rises(v, m.endings), null, ""],
];

/** The fields that rows are of which may be guesses: `unsure` of the measures names those. */
const FIELDS = { pace: "pace_wpm", pitch: "f0_sd_st", share: "talk_share", fillers: "fillers_per_min", creak: "creak_share" };

/** Fill `#summary`; `record` has the summary and the aims, `act(name)` is called for the buttons. */
export function showSummary(record, act, room = null) {
  const focused = document.activeElement;
  const { summary, parts } = record;
  const nudges = summary.nudges.filter((nudge) => nudge.channel === 0);
  const mine = summary.measures[0];
  const lost = mine && mine.lost_s >= 0.5 ? h("p", { class: "aside" }, text.lost(figure(mine.lost_s, ""))) : null;
  const muted = mine && mine.muted_s >= 1 ? h("p", { class: "aside" }, text.muted(clock(mine.muted_s))) : null;
  at("summary").replaceChildren(
    h("h2", { class: "words", id: "summary-title", tabindex: "-1" }, text.title),
    h("p", { class: "aside" }, text.meta(clock(summary.duration_s), title(summary.profile))),
    ...(room?.ending() ?? []),
    summary.partial ? h("p", { class: "notice" }, icon("away"), h("span", {}, text.partial)) : "",
    ...parts.map((part) => h("p", { class: "notice" }, icon("away"), h("span", {}, text.part[part.kind](clock(part.until_s))))),
    summary.unmeasured ? h("p", { class: "lead" }, words.room.unmeasured) : summary.partial ? "" : findings(summary.findings[0] ?? []),
    h("div", { class: "row" }, button("again", "primary"), button("save", "secondary"), button("remove", "secondary")),
    ...(room?.afterwards(act) ?? []),
    record.cards.length ? drills(record.cards) : "",
    mine ? measures(mine, record) : "",
    lost ?? "",
    muted ?? "",
    ...parts.filter((part) => part.summary?.measures[0]).map((part) => measures(part.summary.measures[0], record, part)),
    summary.unmeasured ? "" : timeline(nudges, summary.duration_s, parts, Boolean(summary.findings[0]?.length)),
    room?.shared ? measures(room.shared.summary.measures[0], record, null, words.room.theirs) : "",
    room?.shared?.results.length ? taken(room.shared.results) : "",
  );
  if (at("summary").contains(focused)) focused.focus({ preventScroll: true });

  function button(name, kind) {
    return h("button", { type: "button", class: kind, "data-act": name, onclick: () => act(name) }, words.actions[name]);
  }
}

/** The cards of the drills that were run. */
function drills(cards) {
  const all = cards.map((ended) => h("div", { class: "card" }, cardOf(ended).slice(0, 2), cardOf(ended).slice(-3)));
  return h("section", { "aria-labelledby": "drills-title" }, h("h3", { id: "drills-title" }, words.drills.went), all);
}

/** How the other one took what the interviewer let happen. */
function taken(results) {
  return h("section", { "aria-labelledby": "taken-title" }, h("h3", { id: "taken-title" }, words.room.took), h("ol", { class: "events" }, results.map(happened)));
}

function findings(list) {
  if (!list.length) return h("p", { class: "lead" }, text.noFindings);
  const items = list.map(({ cue, good, text: said }) =>
    h(
      "li",
      { "data-tone": good ? "thanks" : "change" },
      h("span", { class: "disc" }, icon(cue)),
      h("div", {}, h("small", { class: "verdict" }, icon(good ? "good" : "work"), good ? text.good : text.work), h("p", {}, said)),
    ),
  );
  return h("section", { "aria-label": text.findings }, h("ol", { class: "findings" }, items));
}

/** Table of measures: of the last part, or of an earlier one. */
function measures(mine, record, part = null, name = text.measures) {
  const id = part ? `measures-${record.parts.indexOf(part)}` : `measures-${name.replace(" ", "-").toLowerCase()}`;
  const rows = ROWS.filter((row) => !row[5] || mine.exchange).map(([name, read, say, cue, unit]) => {
    const value = read(mine);
    const [low, high] = cue ? record.aim(cue) : [null, null];
    const known = value !== null && value !== undefined;
    const guess = known && (mine.unsure ?? []).includes(FIELDS[name]);
    const said = !known ? text.none : guess ? text.guess(say(value, mine)) : say(value, mine);
    const bounded = known && !guess && (low !== null || high !== null);
    const inside = !bounded || ((low === null || value >= low) && (high === null || value <= high));
    return h(
      "tr",
      { role: "row" }, // said again, as it is no table to a browser where its rows are laid out as blocks
      h("th", { scope: "row", role: "rowheader" }, text.rows[name], bounded ? scale(value, low, high) : ""),
      h("td", { role: "cell" }, bounded ? judged(inside) : "", said),
      h("td", { role: "cell", "data-name": text.target }, target(low, high, unit)),
    );
  });
  const who = name === text.measures ? text.you : words.room.they;
  const head = h("tr", {}, ...[text.measure, who, text.target].map((name) => h("th", { scope: "col" }, name)));
  return h(
    "section",
    { "aria-labelledby": id },
    h("h3", { id }, part ? text.part.until(clock(part.until_s)) : name),
    h("table", { role: "table" }, h("thead", {}, head), h("tbody", { role: "rowgroup" }, rows)),
  );
}

function judged(inside) {
  const tone = inside ? "thanks" : "change";
  return h("span", { class: "judged", "data-tone": tone }, icon(inside ? "good" : "work"), h("span", { class: "unseen" }, inside ? text.inside : text.outside));
}

function target(low, high, unit) {
  const say = (value) => (unit === "clock" ? clock(value) : unit === "share" ? String(Math.round(value * 100)) : figure(value, ""));
  const name = unit === "clock" ? "" : unit === "share" ? "%" : unit;
  if (low !== null && high !== null) return text.between(say(low), say(high), name);
  if (high !== null) return text.atMost(say(high), name);
  if (low !== null) return text.atLeast(say(low), name);
  return "–";
}

/** The same mark as the pace instrument: the comfortable zone and a dot. */
function scale(value, low, high) {
  const [from, to] = low !== null && high !== null ? [low - (high - low), high + (high - low)] : [0, 2 * (high ?? low)];
  const share = (x) => Math.min(1, Math.max(0, (x - from) / (to - from))).toFixed(3);
  const zone = h("i", { class: "zone" });
  const dot = h("b", { class: "dot" });
  zone.style.setProperty("--from", share(low ?? from));
  zone.style.setProperty("--to", share(high ?? to));
  dot.style.setProperty("--at", share(value));
  return h("span", { class: "scale", "aria-hidden": "true" }, zone, dot);
}

/** The nudges along time; `told` is whether enough was heard to say that none were needed. */
function timeline(nudges, duration_s, parts, told) {
  const marked = (time, tone) => {
    const mark = h("i", { "data-tone": tone });
    mark.style.setProperty("--at", Math.min(1, time / Math.max(1, duration_s)).toFixed(4));
    return mark;
  };
  const marks = [...nudges.map(({ at_s: time, tone }) => marked(time, tone)), ...parts.map(({ from_s: time }) => marked(time, "anew"))];
  const said = nudges.map(({ cue, text: said, at_s: time, why, tone }) => ({
    time,
    item: h(
      "li",
      { "data-tone": tone },
      h(
        "details",
        {},
        h("summary", {}, h("time", {}, clock(time)), icon(cue), h("span", {}, said), h("small", {}, words.actions.why)),
        h("p", {}, why),
      ),
    ),
  }));
  const anew = parts.map(({ until_s, from_s: time, kind }) => ({
    time,
    item: h("li", { class: "anew" }, h("time", {}, clock(time)), icon("away"), h("span", {}, text.part.mark[kind](figure(time - until_s, "")))),
  }));
  const items = [...said, ...anew].sort((a, b) => a.time - b.time).map(({ item }) => item);
  const drawn = h("div", { class: "timeline", "aria-hidden": "true" }, h("div", {}, marks), h("small", {}, clock(0)), h("small", {}, clock(duration_s)));
  return h(
    "section",
    { "aria-labelledby": "timeline-title" },
    h("h3", { id: "timeline-title" }, text.timeline),
    items.length ? [drawn, h("ol", { class: "given" }, items)] : "",
    nudges.length ? "" : h("p", {}, told ? text.noNudges : text.noneGiven),
  );
}

/** Download the session as one JSON file. */
export function saveSummary({ session, summary, parts, cues, cards }) {
  const drills = cards.map(({ card }) => card);
  const saved = { program: words.name, session, saved_at: new Date().toISOString(), ...summary, parts, cues, drills };
  const link = h("a", { download: `sottovoce-${saved.saved_at.slice(0, 16).replace(/[:T]/g, "-")}.json` });
  link.href = URL.createObjectURL(new Blob([JSON.stringify(saved, null, 2)], { type: "application/json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
