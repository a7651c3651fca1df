// Cash of one campus, and the limits that leave it nothing, with their prices where they are known.
import {ranking, yearlyBars} from "../charts.js";
import {cashColour, cashLabel} from "../colours.js";
import {plan} from "../data.js";
import {html} from "../dom.js";
import {money} from "../format.js";
import {priceLines} from "./prices.js";
import {state} from "../state.js";
import {limitName} from "./strip.js";

const GROUP_COLOURS = {inflow: "#009E73", running: "#E69F00", capital: "#0072B2"};

/** Yearly cash and present value by category; nothing where the plan does not say. */
export function cashOf(site) {
  if (!site.account) return [];
  const {yearly_busd: yearly, value_busd: value} = site.account;
  const present = site.account.present_busd.map((busd, at) => [plan.site_categories[at], busd]).filter(([, busd]) => busd !== 0).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const most = Math.max(...present.map(([, busd]) => Math.abs(busd)));
  return [
    yearlyBars({
      title: "Cash of this campus", unit: "B USD, undiscounted, inflow up", year: state.year,
      series: yearly.map((part) => ({...part, colour: GROUP_COLOURS[part.key]})),
    }),
    html("details", {}, html("summary", {}, `Present value by category: ${money(value)} in all`), html("div", {"data-list": "site-cash"}, ranking(present.map(([category, busd]) => ({
      label: cashLabel(category), value: Math.abs(busd), text: money(busd), colour: cashColour(category),
    })), {most}))),
    html("p", {class: "quiet"}, "Revenue and serving cost are its share, by compute, of what its country, zone and stack sell; quota steps belong to no campus."),
  ];
}

/** 2030, 2032–2034 */
export function spans(numbers) {
  const runs = [];
  for (const year of numbers) {
    const last = runs[runs.length - 1];
    if (last && year === last[1] + 1) last[1] = year;
    else runs.push([year, year]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(", ");
}

const OWN = {
  max_modules: ({years}) => `All modules that fit are committed, the last in ${years[0]}`,
  starts_per_year: ({years}) => `As many modules as a year allows are started in ${spans(years)}`,
};

function limitRow(limit) {
  const known = priceLines(limit.family, limit.name);
  const name = limit.family === "rule" ? `rule ${limit.name}` : limitName(limit.family, limit.name);
  return html(
    "li", {class: "stacked", "data-limit": `${limit.family} ${limit.name}`},
    html("strong", {}, OWN[limit.family] ? OWN[limit.family](limit) : name), OWN[limit.family] ? null : html("span", {}, spans(limit.years)),
    ...known.map((text) => html("small", {}, text)),
  );
}

/** Limits and rules in which the campus takes part while they leave nothing. */
export function limitsOf(site) {
  if (!site.phases.length) return [];
  const mine = site.limits.map((position) => plan.site_limits[position]);
  const floors = new Set(plan.constraints.filter((row) => row.floor).map((row) => `${row.family} ${row.name}`));
  const caps = mine.filter(({family, name}) => !floors.has(`${family} ${name}`)), least = mine.filter((limit) => !caps.includes(limit));
  const list = (rows) => html("ul", {class: "plain", "data-list": "site-limits"}, ...rows.map(limitRow));
  return [
    html("h3", {}, "Limits that leave nothing here", html("small", {}, "in years in which the campus draws on them")),
    caps.length ? list(caps) : html("p", {class: "quiet"}, "None."),
    ...(least.length ? [html("h4", {}, "Least amounts it helps to meet without surplus"), list(least)] : []),
  ];
}
