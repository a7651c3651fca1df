// How much, where, when, and who buys it.
import {ranking, yearlyBars} from "../charts.js";
import {placeColour, ranked} from "../colours.js";
import {saveCsv} from "../csv.js";
import {inAll, indexOf, plan, several, shown, sum} from "../data.js";
import {html} from "../dom.js";
import {money, number, percent, plural} from "../format.js";
import {openSite, state} from "../state.js";
import {startOf} from "./timeline.js";

const MOST_PLACES = 8;

/** Totals by place, with a colour each; all but the places that are largest over all scenarios are summed up. */
function byPlace(name) {
  const order = ranked(name), most = order.length > MOST_PLACES + 1 ? MOST_PLACES : order.length;
  const series = [...plan.totals[name]].sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  const rest = series.filter((part) => order.indexOf(part.key) >= most);
  const shown = series.filter((part) => !rest.includes(part)).map((part) => ({...part, colour: placeColour(order.indexOf(part.key))}));
  if (rest.length) {
    const values = plan.years.map((_, position) => rest.reduce((total, part) => total + part.values[position], 0));
    shown.push({label: `${rest.length} others`, values, colour: placeColour(99)});
  }
  return shown;
}

function markets() {
  const now = indexOf(state.year);
  const rows = plan.markets.map((market) => ({...market, share: market.offered[now] > 0 ? market.sold[now] / market.offered[now] : 0}))
    .filter((market) => market.offered[now] > 0).sort((a, b) => b.sold[now] - a.sold[now]);
  if (!rows.length) return html("p", {class: "quiet"}, "No demand in this year.");
  return ranking(rows.map((market) => ({
    label: market.name, value: market.share, colour: "#0072B2",
    text: `${number(market.sold[now])} of ${number(market.offered[now])} (${percent(market.share)})`,
  })), {most: 1});
}

function tokensMade() {
  const all = inAll("tokens_trillion"), many = Math.max(...all.flatMap(([part]) => part.values)) >= 9999.5;
  const scaled = (values) => (many ? values.map((value) => value / 1000) : values);
  return yearlyBars({
    title: "Tokens made", unit: many ? "quadrillion a year" : "trillion a year", year: state.year,
    series: [{label: "tokens", values: scaled(plan.totals.tokens_trillion), colour: "#009E73"}],
    among: all.map(([part]) => [{values: scaled(part.values)}]),
  });
}

const MOST_DECISIONS = 12;

/** New phases of all campuses, in the order of their last responsible moments, the largest first. */
const commitments = () => plan.sites.flatMap((site) => site.phases.filter((phase) => !phase.fact).map((phase) => ({site, phase})))
  .sort((a, b) => startOf(a.phase.decide_by) - startOf(b.phase.decide_by) || b.phase.it_gw - a.phase.it_gw || a.site.name.localeCompare(b.site.name));

const commitmentRows = () => [
  ["site", "name", "country", "decide_by", "committed", "on_line", "it_gw", "modules", "cost_busd"],
  ...commitments().map(({site, phase}) => [site.site, site.name, site.country, phase.decide_by, phase.committed, phase.energised, phase.it_gw, phase.modules, phase.cost_busd]),
];

/** What must be decided in the year at the latest. */
function decisions() {
  const all = commitments(), due = all.filter(({phase}) => Math.floor(startOf(phase.decide_by)) === state.year);
  const gw = sum(due.map(({phase}) => phase.it_gw)), cost = sum(due.map(({phase}) => phase.cost_busd));
  const title = html("h2", {}, `To decide in ${state.year} at the latest`, html("small", {}, due.length ? `${plural(due.length, "commitment", "commitments")}, ${number(gw)} GW of IT, ${money(cost)} of shells and openings` : "nothing"));
  if (!all.length) return [title];
  const save = () => saveCsv(`${plan.name}${several ? `-${shown.key}` : ""}-commitments.csv`, commitmentRows());
  const tools = html("p", {class: "tools"}, html("button", {type: "button", id: "commitments-csv", "data-focus": "commitments-csv", onclick: save}, "Save commitments of all years as CSV"));
  if (!due.length) return [title, tools];
  return [
    title, html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Commitments"}, html(
      "table", {class: "numbers", "data-table": "decisions"}, html("caption", {}, "After that date the modules cannot be on line when the plan wants them"),
      html("thead", {}, html("tr", {}, ...["Campus", "decide by", "on line", "GW", "cost"].map((name) => html("th", {scope: "col"}, name)))),
      html("tbody", {}, ...due.slice(0, MOST_DECISIONS).map(({site, phase}) => html(
        "tr", {}, html("th", {scope: "row"}, html("button", {type: "button", class: "link", title: site.name, "data-focus": `decision-${site.site}-${phase.committed}`, onclick: () => openSite(site.site)}, site.short_name)),
        html("td", {}, phase.decide_by), html("td", {}, phase.energised), html("td", {}, number(phase.it_gw)), html("td", {}, money(phase.cost_busd)),
      ))),
    )),
    due.length > MOST_DECISIONS ? html("p", {class: "quiet"}, `${due.length - MOST_DECISIONS} more in the CSV.`) : null, tools,
  ];
}

const capacity = (title, name) => yearlyBars({
  title, unit: "GW of IT, end of year", series: byPlace(name), among: inAll(name), year: state.year, line: {label: "committed part", values: plan.totals.committed_gw},
});
export const blocChart = () => capacity("Capacity on line by bloc", "gw_by_bloc");

export function drawPlan() {
  return [
    blocChart(), capacity("Capacity on line by country", "gw_by_country"),
    tokensMade(),
    ...decisions(),
    html("h2", {}, `Demand met in ${state.year}`, html("small", {}, "sold of wanted, million H100e-years")),
    markets(),
  ];
}
