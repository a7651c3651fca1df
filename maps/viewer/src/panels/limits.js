// What binds, and when.
import {plan} from "../data.js";
import {html} from "../dom.js";
import {number, plural, unit} from "../format.js";
import {state} from "../state.js";
import {drawPrices, priceLines} from "./prices.js";
import {bindingYears, familyLabel, limitName, strip, tightest} from "./strip.js";

const HALF = 0.5;

function family([name, rows]) {
  const sorted = [...rows].sort((a, b) => bindingYears(b) - bindingYears(a) || tightest(b) - tightest(a));
  const shown = sorted.filter((row) => tightest(row) >= HALF || bindingYears(row));
  const slack = sorted.filter((row) => !shown.includes(row));
  const label = familyLabel(name), asRow = (row) => ({label: row.label, unit: row.unit, years: row.years});
  const parts = [html("h3", {}, label, html("small", {}, `${plural(sorted.filter(bindingYears).length, "limit binds", "limits bind")} of ${rows.length}`))];
  if (shown.length) parts.push(strip(label, shown.map(asRow), state.year));
  if (slack.length) parts.push(html("details", {}, html("summary", {}, `${plural(slack.length, "limit", "limits")} of ${label} never half used`), strip(`${label}, never half used`, slack.map(asRow), state.year)));
  return html("section", {class: "family"}, ...parts);
}

/** How much a limit that leaves nothing is, and when within the year. */
function amount(entry, row) {
  const when = entry.when === String(state.year) ? "" : `${entry.when}: `;
  return `${when}${row.floor ? "" : "all "}${number(entry.limit)} ${unit(row.unit)}`;
}

/** Limits of one sort that leave nothing in the chosen year. */
export function bindingNow(floor) {
  const rows = plan.constraints.filter((row) => row.floor === floor)
    .flatMap((row) => row.years.filter((entry) => entry.year === state.year && entry.binding_rows > 0).map((entry) => ({row, entry})));
  return html("ul", {class: "plain", "data-list": floor ? "floors" : "caps"}, ...rows.map(({row, entry}) => html(
    "li", {class: "stacked", "data-limit": `${row.family} ${row.name}`}, html("strong", {}, limitName(row.family, row.name)), html("span", {}, amount(entry, row)),
    ...priceLines(row.family, row.name).map((text) => html("small", {}, text)),
  )), rows.length ? null : html("li", {class: "quiet"}, `None in ${state.year}.`));
}

export function drawLimits() {
  const families = new Map();
  for (const row of plan.constraints) families.set(row.family, [...(families.get(row.family) ?? []), row]);
  const total = (rows) => rows.reduce((count, row) => count + bindingYears(row), 0);
  const ordered = [...families].sort((a, b) => a[1][0].floor - b[1][0].floor || total(b[1]) - total(a[1]));
  return [
    html("h2", {}, `Used up in ${state.year}`), bindingNow(false),
    html("h2", {}, `Met without surplus in ${state.year}`, html("small", {}, "least amounts that the plan meets and no more")), bindingNow(true),
    ...drawPrices(),
    html("h2", {}, "All limits by year", html("small", {}, "per cent used in the tightest period; ● leaves nothing")),
    ...(ordered.length ? ordered.map(family) : [html("p", {class: "quiet"}, "This plan has no limits.")]),
  ];
}
