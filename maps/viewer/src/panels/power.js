// What feeds the campuses, what it costs and emits, what bridges gain, and what binds it.
import {yearlyBars} from "../charts.js";
import {powerSeries} from "../colours.js";
import {saveCsv} from "../csv.js";
import {inAll, indexOf, plan, several, shown, sum, years} from "../data.js";
import {html} from "../dom.js";
import {money, number, percent, plural} from "../format.js";
import {openSite, state} from "../state.js";
import {spans} from "./account.js";
import {priceLines} from "./prices.js";
import {limitName} from "./strip.js";
import {CLEAN_WORDS, COST_WORDS, cleanShare, deliveredTable, without} from "./supply.js";

const POWER_FAMILIES = ["slots", "grid_headroom", "technology_limits", "site_carbon", "gas_gw"];
const MOST_CAMPUSES = 12;
const scrolling = (label, table) => html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label}, table);
const file = (name) => `${plan.name}${several ? `-${shown.key}` : ""}-${name}.csv`;
const campus = (site, place) => html("th", {scope: "row"}, html("button", {type: "button", class: "link", title: site.name, "data-focus": `${place}-${site.site}`, onclick: () => openSite(site.site)}, site.short_name));

function summary() {
  const {supply} = plan;
  if (!supply) return null;
  const gained = supply.bridged_sites ? ` Bridge power lets ${plural(supply.bridged_sites, "campus", "campuses")} start earlier, by ${number(supply.months_gained / supply.bridged_sites)} months on average.` : "";
  return html("p", {id: "power-summary"}, `Over the plan ${number(supply.energy_twh)} TWh are delivered, at $${number(supply.usd_per_mwh)} and ${number(supply.carbon_t_per_mwh)} t of CO₂ per MWh; ${cleanShare(supply.clean_share)} of it is clean.${gained}`);
}

const than = (value, text) => `${text(Math.abs(value))} ${value < 0 ? "less" : "more"}`;

/** What all hours of the years say about computed power, and whether that is more than the plan may be off by. */
function overAllHours() {
  const check = plan.supply?.hours;
  if (!check) return null;
  const off = check.warnings ? ` ${plural(check.warnings, "campus-year is", "campus-years are")} off by more than ${percent(check.tolerance)} of the cost, or lack${check.warnings === 1 ? "s" : ""} energy in some hours: see the panels of the campuses.` : ` No campus is off by more than ${percent(check.tolerance)} of the cost in any year.`;
  return html(
    "p", {id: "all-hours", class: check.warnings ? "" : "quiet"},
    `Check over every hour of the years (${plural(check.sites, "campus", "campuses")} with computed power, ${percent(check.energy_share)} of all energy): it costs ${than(check.cost_difference_busd, money)} than planned, emits ${than(check.carbon_difference_mt, (mt) => `${number(mt)} Mt of CO₂`)}, and ${number(1000 * check.unserved_twh)} GWh stay unserved.${off}`,
  );
}

// --- what binds ------------------------------------------------------------------------------

function binding() {
  const rows = plan.constraints.filter(({family}) => POWER_FAMILIES.includes(family))
    .map((row) => ({row, bound: row.years.filter((entry) => entry.binding_rows > 0).map(({year}) => year)}))
    .filter(({bound}) => bound.length)
    .sort((a, b) => POWER_FAMILIES.indexOf(a.row.family) - POWER_FAMILIES.indexOf(b.row.family) || b.bound.length - a.bound.length);
  const title = html("h2", {}, "What binds power", html("small", {}, `delivery slots, grids and technologies that leave nothing, and when; ● in ${state.year}`));
  if (!rows.length) return [title, html("p", {class: "quiet"}, "Nothing in this plan.")];
  return [title, html("ul", {class: "plain", "data-list": "power-limits"}, ...rows.map(({row, bound}) => {
    const now = bound.includes(state.year);
    return html(
      "li", {class: "stacked", "data-limit": `${row.family} ${row.name}`}, html("strong", {class: now ? "" : "later"}, limitName(row.family, row.name)),
      html("span", {}, now ? html("span", {"aria-hidden": "true"}, "● ") : null, now ? html("span", {class: "unseen"}, `binds in ${state.year}; `) : null, spans(bound)),
      ...priceLines(row.family, row.name).map((text) => html("small", {}, text)),
    );
  }))];
}

// --- months gained ---------------------------------------------------------------------------

const bridgeRows = () => [
  ["site", "name", "country", "first_chips_at_work", "bridge", "without_bridge", "months_gained"],
  ...plan.sites.filter(({supply}) => supply?.bridge).map(({site, name, country, supply: {bridge}}) => [site, name, country, bridge.energised, bridge.sources, bridge.without, bridge.months_gained]),
];

function bridges() {
  const rows = plan.sites.filter(({supply}) => supply?.bridge?.months_gained > 0).sort((a, b) => b.supply.bridge.months_gained - a.supply.bridge.months_gained || a.name.localeCompare(b.name));
  const title = html("h2", {}, "Months gained by bridge power", html("small", {}, rows.length ? "first chips at work, with it and without" : "engines, turbines and fuel cells until the grid comes"));
  const tools = html("p", {class: "tools"}, html("button", {type: "button", id: "bridges-csv", "data-focus": "bridges-csv", onclick: () => saveCsv(file("energisation"), bridgeRows())}, "Save all campuses as CSV"));
  if (!rows.length) return [title, html("p", {class: "quiet"}, "None: no campus works earlier for it.")];
  return [
    title, scrolling("Months gained by bridge power", html(
      "table", {class: "numbers", "data-table": "bridges"},
      html("thead", {}, html("tr", {}, ...["Campus", "bridge", "with", "without", "months"].map((name, at) => html("th", {scope: "col", class: at === 1 ? "left" : ""}, name)))),
      html("tbody", {}, ...rows.slice(0, MOST_CAMPUSES).map((site) => {
        const {bridge} = site.supply;
        return html("tr", {"data-site": site.site}, campus(site, "bridge"), html("td", {class: "left"}, bridge.sources), html("td", {}, bridge.energised), html("td", {}, without(bridge)), html("td", {}, `${bridge.without ? "" : "≥ "}${bridge.months_gained}`));
      })),
    )), rows.length > MOST_CAMPUSES ? html("p", {class: "quiet"}, `${rows.length - MOST_CAMPUSES} more in the CSV.`) : null, tools,
  ];
}

// --- campuses --------------------------------------------------------------------------------

const made = (site, position) => sum(site.energy_twh.map(({values}) => values[position]));

/** Every campus and year with energy, with every source of the plan. */
export function powerRows() {
  const of = (series, key, position) => series.find((part) => part.key === key)?.values[position] ?? 0;
  const makers = plan.power_sources.filter(({stores}) => !stores);
  const heads = ["site", "name", "country", "year", "delivered_usd_per_mwh", "carbon_t_per_mwh", "clean_share", "interrupted_hours", "cut_hours"];
  const rows = plan.sites.filter(({supply}) => supply).flatMap((site) => years.flatMap((year, at) => {
    const {delivered, interrupted_hours: hours, cut_hours: cuts} = site.supply;
    if (delivered.usd_per_mwh[at] === null) return [];
    return [[
      site.site, site.name, site.country, year, delivered.usd_per_mwh[at], delivered.carbon_t_per_mwh[at], delivered.clean_share[at], hours[at], cuts[at] ?? 0,
      ...makers.map(({key}) => of(site.energy_twh, key, at)), ...plan.power_sources.map(({key}) => of(site.power_gw, key, at)),
    ]];
  }));
  return [[...heads, ...makers.map(({key}) => `made_twh_${key}`), ...plan.power_sources.map(({key}) => `capacity_gw_${key}`)], ...rows];
}

function campuses() {
  const now = indexOf(state.year);
  const rows = plan.sites.filter(({supply}) => supply && supply.delivered.usd_per_mwh[now] !== null).sort((a, b) => made(b, now) - made(a, now) || a.name.localeCompare(b.name));
  const title = html("h2", {}, `Power by campus in ${state.year}`, html("small", {}, `${rows.length > MOST_CAMPUSES ? `the ${MOST_CAMPUSES} that take most of ${rows.length}` : plural(rows.length, "campus", "campuses")}; hours: without interruptible grid`));
  const tools = html("p", {class: "tools"}, html("button", {type: "button", id: "power-csv", "data-focus": "power-csv", onclick: () => saveCsv(file("power"), powerRows())}, "Save all campuses and years by source as CSV"));
  if (!rows.length) return [title, tools];
  return [title, scrolling(`Power by campus in ${state.year}`, html(
    "table", {class: "numbers", "data-table": "site-power"},
    html("thead", {}, html("tr", {}, ...["Campus", "TWh", "USD/MWh", "t CO₂/MWh", "clean", "hours"].map((name) => html("th", {scope: "col"}, name)))),
    html("tbody", {}, ...rows.slice(0, MOST_CAMPUSES).map((site) => {
      const {delivered, interrupted_hours: hours} = site.supply;
      return html(
        "tr", {"data-site": site.site}, campus(site, "power"), html("td", {}, number(made(site, now))), html("td", {}, number(delivered.usd_per_mwh[now])),
        html("td", {}, number(delivered.carbon_t_per_mwh[now])), html("td", {}, cleanShare(delivered.clean_share[now])), html("td", {}, number(hours[now])),
      );
    })),
  )), tools];
}

// --- all together ----------------------------------------------------------------------------

function delivered() {
  if (!plan.supply) return [];
  const twh = years.map((_, position) => sum(plan.totals.energy_twh.map(({values}) => values[position])));
  return [
    html("h2", {}, "What delivered power costs and emits", html("small", {}, "average over all campuses, by energy")),
    deliveredTable("delivered", "Delivered power by year", plan.supply.delivered, [{head: "TWh", values: twh, text: number}]),
    html("p", {class: "quiet"}, `${COST_WORDS} ${CLEAN_WORDS}`),
  ];
}

export function drawPower() {
  const {totals} = plan, stores = plan.power_sources.some((source) => source.stores);
  return [
    summary(), overAllHours(),
    yearlyBars({title: "Energy", unit: stores ? "TWh made in the year; what storage loses is in it" : "TWh in the year", series: powerSeries(totals.energy_twh), among: inAll("energy_twh"), year: state.year}),
    yearlyBars({title: "Power capacity", unit: "GW at the facility, end of year", series: powerSeries(totals.power_gw), among: inAll("power_gw"), year: state.year}),
    ...delivered(), ...binding(), ...bridges(), ...campuses(),
    yearlyBars({title: "Carbon", unit: "Mt CO₂ in the year", series: [{label: "carbon", values: totals.carbon_mt, colour: "#7A7A7A"}], among: inAll("carbon_mt"), year: state.year}),
    yearlyBars({title: "Water", unit: "million m³ in the year", series: [{label: "water", values: totals.water_million_m3, colour: "#0072B2"}], among: inAll("water_million_m3"), year: state.year}),
  ];
}
