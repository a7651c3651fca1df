// How much, where, when, and who buys it.
import {ranking, yearlyBars} from "../charts.js";
import {placeColour, ranked} from "../colours.js";
import {inAll, indexOf, plan} from "../data.js";
import {html} from "../dom.js";
import {number, percent} from "../format.js";
import {state} from "../state.js";

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

const capacity = (title, name) => yearlyBars({
  title, unit: "GW of IT, end of year", series: byPlace(name), among: inAll(name), year: state.year, line: {label: "committed part", values: plan.totals.committed_gw},
});
export const blocChart = () => capacity("Capacity on line by bloc", "gw_by_bloc");

export function drawPlan() {
  return [
    blocChart(), capacity("Capacity on line by country", "gw_by_country"),
    tokensMade(),
    html("h2", {}, `Demand met in ${state.year}`, html("small", {}, "sold of wanted, million H100e-years")),
    markets(),
  ];
}
