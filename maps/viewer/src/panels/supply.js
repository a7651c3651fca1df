// Power of one campus: its sources, what they cost and emit, and what a bridge gains. Shared with the tab of all power.
import {yearlyBars} from "../charts.js";
import {powerSeries} from "../colours.js";
import {years} from "../data.js";
import {html} from "../dom.js";
import {number, percent, plural} from "../format.js";
import {state} from "../state.js";

export const COST_WORDS = "Cost: energy with tax, fixed cost, and capital as an annuity.";
export const CLEAN_WORDS = "Clean: sun, wind, hydro, nuclear, geothermal; what comes from the grid counts as not clean.";

/** 42 %, 1.8 %, 0 %. */
export const cleanShare = (share) => percent(share, share > 0 && share < 0.1 ? 1 : 0);

export const without = (bridge) => bridge.without || "not in plan";

const known = (value, text) => (value === null || value === undefined ? "–" : text(value));

/** A row for every year with energy; `more`: further columns before the common ones, `last` after them. */
export function deliveredTable(name, label, power, more, last = []) {
  const columns = [
    ...more, {head: "USD/MWh", values: power.usd_per_mwh, text: number}, {head: "t CO₂/MWh", values: power.carbon_t_per_mwh, text: number},
    {head: "clean", values: power.clean_share, text: cleanShare}, ...last,
  ];
  const rows = years.map((year, at) => ({year, at})).filter(({at}) => power.usd_per_mwh[at] !== null);
  return html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label}, html(
    "table", {class: "numbers", "data-table": name},
    html("thead", {}, html("tr", {}, html("th", {scope: "col"}, "Year"), ...columns.map(({head}) => html("th", {scope: "col"}, head)))),
    html("tbody", {}, ...rows.map(({year, at}) => html(
      "tr", {class: year === state.year ? "chosen-year" : ""}, html("th", {scope: "row"}, String(year)), ...columns.map(({values, text}) => html("td", {}, known(values[at], text))),
    ))),
  ));
}

function bridged({bridge}) {
  if (!bridge) return null;
  if (!bridge.sources) return html("p", {"data-bridge": ""}, `First chips at work in ${bridge.energised}, without bridge power.`);
  const instead = bridge.without ? `instead of ${bridge.without}` : "; without it the plan ends before other power suffices";
  const gained = bridge.months_gained > 0 ? `${bridge.without ? ` ${instead}: ` : `${instead}: at least `}${plural(bridge.months_gained, "month", "months")} gained.` : ", no earlier than other power would allow.";
  return html("p", {"data-bridge": ""}, `Bridge power (${bridge.sources}) stands when the first chips work, in ${bridge.energised}${gained}`);
}

const share = (value) => (Math.abs(value) < 0.0005 ? "0 %" : `${value > 0 ? "+" : "−"}${percent(Math.abs(value), 1)}`);

/** Columns of the check over every hour; none for campuses with given options. */
function hourColumns({hours}) {
  if (!hours.length) return [];
  const of = (name, scale = 1) => years.map((year) => { const row = hours.find((one) => one.year === year); return row ? scale * row[name] : null; });
  return [{head: "cost over all hours", values: of("cost_difference_share"), text: share}, {head: "GWh unserved", values: of("unserved_twh", 1000), text: number}];
}

/** Power of a campus by source, and what it costs and emits. */
export function powerOf(site) {
  const charts = [
    yearlyBars({title: "Power capacity", unit: "GW at the facility, end of year", series: powerSeries(site.power_gw), year: state.year}),
    yearlyBars({title: "Energy", unit: "TWh made in the year", series: powerSeries(site.energy_twh), year: state.year}),
  ];
  if (!site.supply) return charts;
  const off = site.supply.interrupted_hours.some((hours) => hours > 0) ? [{head: "hours off the grid", values: site.supply.interrupted_hours, text: number}] : [];
  const cuts = site.supply.cut_hours.length ? [{head: "hours of cuts", values: site.supply.cut_hours, text: number}] : [];
  const hours = hourColumns(site.supply);
  return [
    html("h3", {}, "Power"), bridged(site.supply), ...charts,
    deliveredTable("site-power-years", "Delivered power of this campus by year", site.supply.delivered, [], [...off, ...cuts, ...hours]),
    html("p", {class: "quiet"}, `${COST_WORDS} ${CLEAN_WORDS}${off.length ? " Hours off the grid: of the year, without the interruptible grid." : ""}${cuts.length ? " Hours of cuts: of the year, at full depth, that make up the energy which the load does without." : ""}${hours.length ? " Over all hours: the same capacity dispatched in every hour of the year, less the plan." : ""}`),
  ];
}
