// All scenarios at a glance, and two of them side by side.
import {yearlyBars} from "../charts.js";
import {cashLabel} from "../colours.js";
import {saveCsv} from "../csv.js";
import {comparable, gwIn, onlineSites, other, plan, scenarios, shortTitle, shown, siteIn, sum, valueIn, years} from "../data.js";
import {html} from "../dom.js";
import {money, number, percent, signed, signedMoney, signedPoints} from "../format.js";
import {SAME_GW} from "../map.js";
import {openSite, show, state} from "../state.js";
import {drawMatrix} from "./matrix.js";
import {limitName} from "./strip.js";

const MOST_ROWS = 40;
const missing = (value, text) => (value === null || value === undefined ? "not stated" : text(value));
const scrolling = (label, table) => html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label}, table);
const columnOf = (scenario) => html("th", {scope: "col", class: "right"}, html("span", {class: "clipped", title: scenario.title}, shortTitle(scenario)));
const gwOf = (scenario) => valueIn(scenario, scenario.plan.totals.online_gw, state.year);

function overview() {
  const heads = ["NPV", "gap", `GW, ${state.year}`, "capital", "M chips", "campuses"];
  const rows = scenarios.map((scenario) => {
    const {headline} = scenario.plan, here = scenario === shown, held = scenario === other;
    const covered = scenario.plan.years.includes(state.year), inYear = (text) => (covered ? text() : "no such year");
    const action = here || !comparable(scenario, shown) ? html("span", {class: "quiet action"}, here ? "shown" : "other years") : html("button", {
      type: "button", class: "link action", "data-focus": `compare-${scenario.key}`,
      "aria-label": held ? `compared, stop comparing with ${scenario.title}` : `Compare with ${scenario.title}`,
      onclick: () => show({compare: held ? "" : scenario.key}),
    }, held ? "compared" : "compare", held ? html("span", {"aria-hidden": "true"}, " ✕") : null);
    return html(
      "tr", {"data-scenario": scenario.key, "aria-current": here ? "true" : null},
      html("th", {scope: "row"}, html("button", {type: "button", class: "link", "data-focus": `scenario-${scenario.key}`, title: scenario.title, "aria-label": scenario.title, onclick: () => show({scenario: scenario.key})}, shortTitle(scenario)), action),
      html("td", {}, missing(headline.npv_busd, money)), html("td", {}, missing(headline.gap_rel, (gap) => percent(gap, 2))),
      html("td", {}, inYear(() => number(gwOf(scenario)))), html("td", {}, money(headline.capital_busd)), html("td", {}, number(headline.chips_million)),
      html("td", {}, inYear(() => String(onlineSites(scenario, state.year).length))),
    );
  });
  return scrolling("Scenarios", html(
    "table", {class: "numbers overview"}, html("caption", {}, `All scenarios, end of ${state.year}`),
    html("thead", {}, html("tr", {}, html("th", {scope: "col"}, "Scenario"), ...heads.map((head) => html("th", {scope: "col"}, head)))),
    html("tbody", {}, ...rows),
  ));
}

/** What the proven bounds say about the difference of the best plans, whatever the gap of each search. */
function proof() {
  const [a, b] = [shown.plan.headline, other.plan.headline];
  if (a.npv_busd === null || b.npv_busd === null) return ["A plan without a stated net present value cannot be compared in money."];
  const between = a.npv_busd - b.npv_busd, said = `This plan is worth ${money(Math.abs(between))} ${between < 0 ? "less" : "more"} than that of ${other.title}.`;
  const npv = a.objective === "npv" && b.objective === "npv" && a.bound_busd !== null && b.bound_busd !== null;
  if (!npv) return [said];
  const [least, most] = [a.npv_busd - b.bound_busd, a.bound_busd - b.npv_busd];
  const whole = (busd) => html("span", {class: "whole"}, signedMoney(busd));
  const verdict = least < 0 && most > 0 ? ": which is worth more is not settled." : ".";
  return [
    `${said} By the proven bounds, the best possible plans differ by `, whole(least), " to ", whole(most),
    `${verdict} Small shifts of campuses may be chance of the search.`,
  ];
}

// --- rows: {label, here, there, text, sign}; a value that a plan does not state is null ------------------------------

const gigawatt = {text: number, sign: signed}, dollars = {text: money, sign: signedMoney};

function keyFigures() {
  const row = (label, of, form = gigawatt) => ({label, here: of(shown), there: of(other), ...form});
  const total = (name) => (scenario) => valueIn(scenario, scenario.plan.totals[name], state.year);
  const added = (name) => (scenario) => sum(scenario.plan.totals[name].map((part) => valueIn(scenario, part.values, state.year)));
  const delivered = (name) => (scenario) => scenario.plan.supply?.delivered[name][scenario.plan.years.indexOf(state.year)] ?? null;
  const head = (name) => ({plan: {headline}}) => headline[name];
  return [
    row("net present value", head("npv_busd"), dollars), row("no plan is worth more than", head("bound_busd"), dollars),
    row("capital, whole plan", head("capital_busd"), dollars), row("chips, whole plan, million", head("chips_million")),
    row("trillion tokens a month, at the end", head("tokens_trillion_per_month_end")),
    row(`GW on line, ${state.year}`, gwOf), row(`GW of it committed, ${state.year}`, total("committed_gw")),
    row(`campuses on line, ${state.year}`, (scenario) => onlineSites(scenario, state.year).length),
    row(`compute at work, million H100e, ${state.year}`, total("compute_h100e_million")),
    row(`energy, TWh, ${state.year}`, added("energy_twh")), row(`carbon, Mt CO₂, ${state.year}`, total("carbon_mt")),
    row(`delivered power, USD per MWh, ${state.year}`, delivered("usd_per_mwh")), row(`carbon, t CO₂ per MWh, ${state.year}`, delivered("carbon_t_per_mwh")),
    row(`clean share of energy, ${state.year}`, delivered("clean_share"), {text: (share) => percent(share, 1), sign: signedPoints}),
    row("months gained by bridge power, all campuses", ({plan: {supply}}) => supply?.months_gained ?? null),
    row(`net cash, ${state.year}`, added("cash_busd"), dollars),
  ];
}

/** Rows from series of both plans, the widest apart first; `of` gives the number of one series. */
function series(name, of, {label, text, sign} = gigawatt) {
  const found = new Map();
  [shown, other].forEach((scenario, place) => scenario.plan.totals[name].forEach((part) => {
    const row = found.get(part.key) ?? {label: label?.(part.key) ?? part.label, values: [0, 0]};
    row.values[place] = of(scenario, part.values);
    found.set(part.key, row);
  }));
  return apart([...found.values()].map((row) => ({label: row.label, here: row.values[0], there: row.values[1], text, sign})));
}

const apart = (rows) => rows.filter((row) => row.here !== 0 || row.there !== 0)
  .sort((a, b) => Math.abs(b.here - b.there) - Math.abs(a.here - a.there));
const now = (scenario, values) => valueIn(scenario, values, state.year);
const whole = (_, values) => sum(values);

function presentValues() {
  const value = (scenario) => new Map(scenario.plan.totals.cash_pv_busd);
  const [here, there] = [value(shown), value(other)];
  return apart([...new Set([...here.keys(), ...there.keys()])].map((key) => ({label: cashLabel(key), here: here.get(key) ?? 0, there: there.get(key) ?? 0, ...dollars})));
}

function demand() {
  const found = new Map();
  [shown, other].forEach((scenario, place) => scenario.plan.markets.forEach((market) => {
    const row = found.get(market.region) ?? {label: market.name, values: [0, 0]};
    row.values[place] = valueIn(scenario, market.sold, state.year);
    found.set(market.region, row);
  }));
  return apart([...found.values()].map(({label, values}) => ({label, here: values[0], there: values[1], ...gigawatt})));
}

const differenceOf = ({here, there, sign}) => (here === null || there === null ? "not stated" : sign(here - there));

function sideBySide(title, note, rows, {name, added = false}) {
  if (!rows.length) return [html("h3", {}, title, html("small", {}, note)), html("p", {class: "quiet"}, "Nothing in either plan.")];
  const all = added ? [...rows, {...rows[0], label: "sum", here: sum(rows.map((row) => row.here)), there: sum(rows.map((row) => row.there)), total: true}] : rows;
  return [html("h3", {}, title, html("small", {}, note)), scrolling(title, html(
    "table", {class: "numbers pair", "data-table": name},
    html("thead", {}, html("tr", {}, html("td", {}), columnOf(shown), columnOf(other), html("th", {scope: "col", class: "right"}, "difference"))),
    html("tbody", {}, ...all.map((row) => html(
      "tr", {class: row.total ? "total" : ""}, html("th", {scope: "row"}, row.label), html("td", {}, missing(row.here, row.text)),
      html("td", {}, missing(row.there, row.text)), html("td", {class: "apart"}, differenceOf(row)),
    ))),
  ))];
}

// --- campuses and limits ---------------------------------------------------------------------

/** Campuses on which the two plans differ in the year, or in when the first capacity comes. */
function campuses() {
  const keys = new Set([...shown.plan.sites, ...other.plan.sites].map((site) => site.site));
  return [...keys].map((key) => {
    const [here, there] = [siteIn(shown, key), siteIn(other, key)];
    return {
      key, site: here ?? there, here: gwIn(shown, key, state.year), there: gwIn(other, key, state.year),
      firstHere: here?.first_energised || "never", firstThere: there?.first_energised || "never",
    };
  }).filter((row) => Math.abs(row.here - row.there) >= SAME_GW || row.firstHere !== row.firstThere)
    .sort((a, b) => Math.abs(b.here - b.there) - Math.abs(a.here - a.there) || a.site.name.localeCompare(b.site.name));
}

function campusTable(rows) {
  const title = `Campuses that differ at the end of ${state.year}`;
  const note = "GW on line, or the first of it at another time; less than 0.5 MW counts as nothing";
  if (!rows.length) return [html("h3", {}, title, html("small", {}, note)), html("p", {class: "quiet"}, "None.")];
  return [html("h3", {}, title, html("small", {}, note)), scrolling(title, html(
    "table", {class: "numbers pair", "data-table": "campuses"},
    html("thead", {}, html("tr", {}, html("td", {}), columnOf(shown), columnOf(other), html("th", {scope: "col", class: "right"}, "difference"))),
    html("tbody", {}, ...rows.slice(0, MOST_ROWS).map((row) => html(
      "tr", {"data-site": row.key},
      html("th", {scope: "row"}, html("button", {type: "button", class: "link", title: row.site.name, "data-focus": `site-${row.key}`, onclick: () => openSite(row.key)}, row.site.short_name), row.firstHere === row.firstThere ? null : html("small", {}, `first on line ${row.firstHere}, there ${row.firstThere}`)),
      html("td", {}, number(row.here)), html("td", {}, number(row.there)), html("td", {class: "apart"}, Math.abs(row.here - row.there) < SAME_GW ? "0" : signed(row.here - row.there)),
    ))),
  )), rows.length > MOST_ROWS ? html("p", {class: "quiet"}, `${rows.length - MOST_ROWS} more in the CSV.`) : null];
}

function limitsOfOne() {
  const binding = (scenario) => new Set(scenario.plan.constraints
    .filter((row) => row.years.some((entry) => entry.year === state.year && entry.binding_rows > 0))
    .map((row) => limitName(row.family, row.name)));
  const [here, there] = [binding(shown), binding(other)];
  const list = (scenario, names, key) => [
    html("p", {}, html("strong", {}, `Only in ${scenario.title}: `)),
    html("ul", {class: "plain", "data-list": key}, ...(names.length ? names : ["none"]).map((name) => html("li", {}, name))),
  ];
  return [
    html("h3", {}, `What binds in ${state.year} in one of the two`, html("small", {}, "limits that leave nothing, by name")),
    ...list(shown, [...here].filter((name) => !there.has(name)), "binds-here"), ...list(other, [...there].filter((name) => !here.has(name)), "binds-there"),
  ];
}

// --- all together ----------------------------------------------------------------------------

const tables = () => [
  {title: "Key figures", note: "B USD and others as named", rows: keyFigures(), name: "figures"},
  {title: "Capacity on line by country", note: `GW of IT, end of ${state.year}`, rows: series("gw_by_country", now), name: "countries", added: true},
  {title: "Chips installed", note: "million over the whole plan", rows: series("chips_installed_million", whole), name: "chips", added: true},
  {title: "Power capacity", note: `GW at the facility, end of ${state.year}`, rows: series("power_gw", now), name: "power", added: true},
  {title: "Present value by category", note: "whole plan; the sum is the net present value", rows: presentValues(), name: "money", added: true},
  {title: "Compute sold by market", note: `million H100e-years in ${state.year}`, rows: demand(), name: "demand", added: true},
];

/** The comparison as rows of cells, with every number in full. */
export function comparisonRows() {
  const gap = ({here, there}) => (here === null || there === null ? "" : here - there);
  const rows = tables().flatMap(({title, note, rows: found}) => found.map((row) => [title, note, row.label, row.here ?? "", row.there ?? "", gap(row)]));
  const sites = campuses().map((row) => ["Campuses", `GW of IT, end of ${state.year}`, row.site.name, row.here, row.there, row.here - row.there]);
  return [["table", "unit", "row", shown.title, other.title, "difference"], ...rows, ...sites];
}

function chart() {
  const there = years.map((year) => valueIn(other, other.plan.totals.online_gw, year));
  return yearlyBars({
    title: "Capacity on line", unit: "GW of IT, end of year", year: state.year,
    series: [{label: shown.title, values: plan.totals.online_gw, colour: "#0072B2"}], line: {label: other.title, values: there},
  });
}

/** What was changed for a scenario; nothing if its title says it already. */
function changesOf(scenario) {
  const said = scenario.changes.length ? scenario.changes.join("; ") : "no changes stated";
  return said === scenario.title ? null : html("p", {}, html("strong", {}, `${scenario.title}: `), said);
}

export function drawCompare() {
  if (!other) return [overview(), html("p", {class: "quiet"}, "Press “compare” to put another scenario beside the one shown: the map then shows the difference, and its numbers stand here. The keys [ and ] go from scenario to scenario."), ...drawMatrix()];
  const name = `${plan.name}-${shown.key}-less-${other.key}.csv`;
  return [
    overview(),
    html("h2", {class: "pairing"}, `${shown.title} less ${other.title}`), html("p", {id: "pair-proof"}, ...proof()), changesOf(shown), changesOf(other),
    html("p", {class: "tools"}, html("button", {type: "button", id: "pair-csv", "data-focus": "pair-csv", onclick: () => saveCsv(name, comparisonRows())}, "Save the comparison as CSV")),
    chart(), ...tables().flatMap((table) => sideBySide(table.title, table.note, table.rows, table)), ...campusTable(campuses()), ...limitsOfOne(), ...drawMatrix(),
  ];
}
