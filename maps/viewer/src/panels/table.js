// Every campus in one table, sortable, and all years as CSV.
import {powerLabel} from "../colours.js";
import {saveCsv} from "../csv.js";
import {indexOf, plan, several, shown, sum, years} from "../data.js";
import {html} from "../dom.js";
import {number, words} from "../format.js";
import {openSite, state} from "../state.js";

const COLUMNS = [
  {key: "name", label: "Campus", of: (site) => site.short_name},
  {key: "gw", label: "GW", numeric: true, of: (site, now) => site.online_gw[now]},
  {key: "committed", label: "of it committed", numeric: true, of: (site, now) => site.committed_gw[now]},
  {key: "chips", label: "M chips at work", numeric: true, of: (site, now) => sum(site.chips_working_million.map((part) => part.values[now]))},
  {key: "capital", label: "Capital, B USD", numeric: true, of: (site) => site.capital_busd},
  {key: "country", label: "Country", of: (site) => site.country_name},
  {key: "power", label: "Power", of: (site) => (site.main_power ? powerLabel(site.main_power) : "")},
  {key: "outcome", label: "Outcome", of: (site) => words(site.outcome)},
];
const order = {key: "gw", down: true};
const MOST_ROWS = 100;
let whole = false;

function compare(column, now) {
  const way = order.down ? -1 : 1;
  return (a, b) => {
    const [x, y] = [column.of(a, now), column.of(b, now)];
    return way * (column.numeric ? x - y : x.localeCompare(y)) || a.name.localeCompare(b.name);
  };
}

function heading(column, redraw) {
  const sorted = order.key === column.key;
  const press = () => {
    order.down = sorted ? !order.down : Boolean(column.numeric);
    order.key = column.key;
    redraw();
  };
  return html(
    "th", {scope: "col", class: column.numeric ? "right" : "", "aria-sort": sorted ? (order.down ? "descending" : "ascending") : "none"},
    html("button", {type: "button", "data-focus": `sort-${column.key}`, onclick: press}, column.label, html("span", {"aria-hidden": "true"}, sorted ? (order.down ? " ▾" : " ▴") : "")),
  );
}

function table() {
  const now = indexOf(state.year), sorted = [...plan.sites].sort(compare(COLUMNS.find(({key}) => key === order.key), now));
  const sites = whole ? sorted : sorted.slice(0, MOST_ROWS);
  const redraw = () => {
    const focused = document.activeElement?.dataset?.focus, fresh = table();
    document.getElementById("sites-table").replaceWith(fresh);
    if (focused) fresh.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  };
  return html(
    "table", {class: "sites", id: "sites-table"}, html("caption", {}, `${sites.length < sorted.length ? `The first ${MOST_ROWS} of ${sorted.length} campuses` : "All campuses"}, end of ${state.year}`),
    html("thead", {}, html("tr", {}, ...COLUMNS.map((column) => heading(column, redraw)))),
    html("tbody", {}, ...sites.map((site) => html("tr", {"data-site": site.site}, ...COLUMNS.map((column, position) => {
      const value = column.of(site, now);
      if (position === 0) return html("th", {scope: "row"}, html("button", {type: "button", class: "link", title: site.name, "data-focus": `site-${site.site}`, onclick: () => openSite(site.site)}, value));
      return html("td", {class: column.numeric ? "right" : ""}, column.numeric ? number(value) : value);
    })))),
  );
}

const YEARLY = [["online_gw", "online_gw"], ["committed_gw", "committed_gw"], ["installed_gw", "installed_gw"], ["compute_h100e_million", "compute_h100e_million"]];
const TEXTS = ["site", "name", "country", "country_name", "bloc", "operator", "operator_hq", "grid_region", "outcome", "standing", "confidence", "main_power", "opened", "first_energised"];
const NUMBERS = ["latitude", "longitude", "max_gw", "capital_busd"];

/** All campuses with all years, as rows of cells. */
export function csvRows() {
  const heads = [...TEXTS, ...NUMBERS, "value_busd", "cost_usd_per_h100e_hour", ...YEARLY.flatMap(([name]) => years.map((year) => `${name}_${year}`)), "source"];
  const rows = plan.sites.map((site) => [...TEXTS, ...NUMBERS].map((name) => site[name]).concat([site.account?.value_busd ?? "", site.account?.cost_usd_per_h100e_hour ?? ""], YEARLY.flatMap(([, name]) => site[name]), [site.source]));
  return [heads, ...rows];
}

/** Long tables are drawn whole only when asked: every year they would be sorted and laid out anew. */
function showAll() {
  whole = true;
  const fresh = table();
  document.getElementById("sites-table").replaceWith(fresh);
  document.getElementById("all-rows").parentElement.remove();
  fresh.querySelectorAll("tbody button")[MOST_ROWS].focus();
}

export function drawTable() {
  return [
    html("p", {class: "tools"}, html("button", {type: "button", id: "csv", onclick: () => saveCsv(`${plan.name}${several ? `-${shown.key}` : ""}-sites.csv`, csvRows())}, "Save all years as CSV")),
    html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "All campuses"}, table()),
    ...(whole || plan.sites.length <= MOST_ROWS ? [] : [html("p", {class: "tools"}, html("button", {type: "button", id: "all-rows", "data-focus": "all-rows", onclick: showAll}, `Show all ${plan.sites.length} campuses`))]),
  ];
}
