/** Charts over weeks: of skills, of measures, and one by itself. Each has a table behind it. */

import { addressOf, takeAddress } from "../page/address.js";
import { NotThere } from "../page/record-api.js";
import { cell, placeTitle, wayBack } from "../ui/controls.js";
import { h, present } from "../ui/elements.js";
import { capital, figure, moment } from "../ui/format.js";
import { words } from "../words/words.js";
import { getProgress, getSeries } from "./api.js";
import { chart } from "./chart.js";

/** @import { PlaceView } from "../page/view.js" */
/** @import { Point, Series } from "../protocol.js" */

const text = words.programme;

/** @type {PlaceView} */
export async function progressView({ name: place, ids: [name] }) {
  if (name) return one((await getSeries(place === "measure" ? "measure" : "skill", name)).series[0]);
  const { series, streak } = await getProgress();
  const [skills, measures] = ["skill", "measure"].map((kind) => series.filter((found) => found.kind === kind));
  return [
    wayBack(addressOf("programme"), text.back),
    placeTitle(text.progress),
    h("p", { class: "lead" }, streak.sentence),
    h("p", { class: "aside" }, text.progressLead),
    legend(),
    h("section", { "aria-labelledby": "skills-title" }, h("h3", { id: "skills-title" }, text.skills), ...charts(skills)),
    onceOpened(text.measures, () => charts(measures)),
  ];
}

/**
 * What is drawn only once it is opened: there may be much of it.
 *
 * @param {string} summary
 * @param {() => (Node | null)[]} draw
 */
function onceOpened(summary, draw) {
  const details = h("details", { class: "mark-notes" }, h("summary", {}, summary));
  details.addEventListener("toggle", () => details.append(...present(draw())), { once: true });
  return details;
}

/** @param {Series[]} all */
function charts(all) {
  const told = all.filter(({ points }) => points.length > 0);
  const rest = all.filter(({ points }) => points.length === 0);
  return [
    told.length ? h("div", { class: "charts" }, told.map(smallChart)) : null,
    rest.length ? h("p", { class: "aside" }, text.untold(rest.map(({ title }) => title))) : null,
  ];
}

/** @param {Series} series */
function smallChart(series) {
  const { name, kind, title, points, unit } = series;
  const link = h("a", { href: addressOf(kind === "skill" ? "progress" : "measure", name), "aria-label": text.bigger(capital(title)) }, capital(title));
  const last = h("small", {}, text.last(figure(points[points.length - 1].value, unit)));
  return h("figure", {}, h("figcaption", {}, link, last), chart(series, "small"));
}

/**
 * One chart with its table.
 *
 * @param {Series | undefined} series
 */
function one(series) {
  if (!series) throw new NotThere("record", words.record.gone);
  const { title, unit, points, target_low: low, target_high: high, baseline, spread } = series;
  const facts = [
    [text.target, words.summary.range(low, high, unit)],
    [text.baseline, baseline === null ? text.none : figure(baseline, unit)],
    [text.legend.spread, spread.sd === null ? text.noneSaid : figure(spread.sd, unit)],
  ];
  return [
    wayBack(addressOf("progress"), text.allCharts),
    placeTitle(capital(title)),
    ...(points.length ? [h("figure", {}, chart(series, "large")), legend()] : [h("p", { class: "lead" }, text.noPoints)]),
    h("dl", { class: "facts" }, facts.map(([term, said]) => h("div", {}, h("dt", {}, term), h("dd", {}, said)))),
    points.length ? table(series) : null,
  ];
}

/** @param {Series} series */
function table({ points, unit }) {
  const row = (/** @type {Point} */ { take, at, value }) =>
    h(
      "tr",
      { role: "row" },
      h("th", { scope: "row", role: "rowheader" }, h("a", { href: takeAddress(take) }, moment(at))),
      cell(text.figure, figure(value, unit)),
    );
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, text.openTake), h("th", { scope: "col" }, text.figure)));
  return onceOpened(text.table, () => [h("table", { role: "table", "aria-labelledby": "place-title" }, head, h("tbody", { role: "rowgroup" }, [...points].reverse().map(row)))]);
}

function legend() {
  const key = (/** @type {"target" | "baseline" | "spread" | "take"} */ name) => h("li", {}, h("i", { class: `key ${name === "take" ? "one" : name}`, "aria-hidden": "true" }), text.legend[name]);
  return h("ul", { class: "legend-of-charts" }, key("take"), key("target"), key("baseline"), key("spread"));
}
