// Who computes on which stack: series for the chart, and shares of one year in a table.
import {placeColour, ranked} from "../colours.js";
import {other, scenarios, shortTitle, shown, sum, valueIn} from "../data.js";
import {html} from "../dom.js";
import {number, percent} from "../format.js";
import {state} from "../state.js";

const MOST_BLOCS = 8;

/** Stacks of all scenarios, the one with most compute first; all others are hatched. */
const stacks = () => {
  const size = new Map();
  for (const {plan: {policy}} of scenarios) for (const row of policy.compute) size.set(row.stack, (size.get(row.stack) ?? 0) + sum(row.values));
  return [...size.keys()].sort((a, b) => size.get(b) - size.get(a));
};

/** Compute by bloc and stack with colours as in the tab of the plan; small blocs are summed up by stack. */
export function blocSeries(scenario) {
  const order = ranked("gw_by_bloc"), most = order.length > MOST_BLOCS + 1 ? MOST_BLOCS : order.length, names = stacks();
  const rows = scenario.plan.policy.compute, large = rows.filter((row) => order.indexOf(row.bloc) < most);
  const shownRows = large.sort((a, b) => order.indexOf(a.bloc) - order.indexOf(b.bloc) || names.indexOf(a.stack) - names.indexOf(b.stack))
    .map((row) => ({label: `${row.label}, ${row.stack} stack`, colour: placeColour(order.indexOf(row.bloc)), hatched: row.stack !== names[0], values: row.values}));
  for (const stack of names) {
    const rest = rows.filter((row) => row.stack === stack && order.indexOf(row.bloc) >= most);
    if (!rest.length) continue;
    const values = scenario.plan.years.map((_, position) => sum(rest.map((row) => row.values[position])));
    shownRows.push({label: `${rest.length} other${rest.length > 1 ? "s" : ""}, ${stack} stack`, colour: placeColour(99), hatched: stack !== names[0], values});
  }
  return shownRows;
}

function line(label, of, total) {
  const here = of(shown), there = other ? of(other) : null;
  const share = (scenario, value) => (total(scenario) > 0 ? value / total(scenario) : 0);
  const apart = other ? 100 * (share(shown, here) - share(other, there)) : 0;
  return {label, here, there, shareHere: share(shown, here), shareThere: other ? share(other, there) : null, apart};
}

const points = (value) => (Math.abs(value) < 0.05 ? "0" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`);

/** Table of the year: compute and share by bloc and stack, then by stack. */
export function shares() {
  const now = (scenario, rows) => sum(rows.map((row) => valueIn(scenario, row.values, state.year)));
  const total = (scenario) => now(scenario, scenario.plan.policy.compute);
  const both = other ? [shown, other] : [shown], keys = new Map();
  for (const scenario of both) for (const row of scenario.plan.policy.compute) keys.set(`${row.bloc} ${row.stack}`, row);
  const pick = (wanted) => (scenario) => now(scenario, scenario.plan.policy.compute.filter(wanted));
  const rows = [...keys.values()].map(({bloc, label, stack}) => line(`${label}, ${stack} stack`, pick((row) => row.bloc === bloc && row.stack === stack), total))
    .filter((row) => row.here > 0 || row.there > 0).sort((a, b) => b.here - a.here);
  const sums = stacks().map((stack) => ({...line(`all of the ${stack} stack`, pick((row) => row.stack === stack), total), total: true}));
  if (!rows.length) return [html("p", {class: "quiet"}, `No chip is at work at the end of ${state.year}.`)];
  const heads = ["Bloc and stack", "million H100e", "share", ...(other ? [html("span", {}, "share in ", html("span", {class: "clipped", title: other.title}, shortTitle(other))), "points"] : [])];
  return [html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Shares of compute"}, html(
    "table", {class: "numbers pair", "data-table": "compute"}, html("caption", {}, `Compute at work at the end of ${state.year}`),
    html("thead", {}, html("tr", {}, ...heads.map((text) => html("th", {scope: "col"}, text)))),
    html("tbody", {}, ...[...rows, ...sums].map((row) => html(
      "tr", {class: row.total ? "total" : ""}, html("th", {scope: "row"}, row.label), html("td", {}, number(row.here)), html("td", {}, percent(row.shareHere, 1)),
      ...(other ? [html("td", {}, percent(row.shareThere, 1)), html("td", {class: "apart"}, points(row.apart))] : []),
    ))),
  ))];
}
