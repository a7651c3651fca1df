// What comes in and goes out, by year and in present value.
import {ranking, yearlyBars} from "../charts.js";
import {cashColour, cashLabel, cashOrder} from "../colours.js";
import {inAll, indexOf, plan, sum} from "../data.js";
import {html} from "../dom.js";
import {money} from "../format.js";
import {state} from "../state.js";

export function drawMoney() {
  const series = [...plan.totals.cash_busd].sort((a, b) => cashOrder.indexOf(a.key) - cashOrder.indexOf(b.key))
    .map((part) => ({...part, colour: cashColour(part.key)}));
  const present = plan.totals.cash_pv_busd.filter(([, value]) => value !== 0).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const most = Math.max(...present.map(([, value]) => Math.abs(value)), 0);
  const net = sum(series.map((part) => part.values[indexOf(state.year)]));
  return [
    yearlyBars({title: "Cash by year", unit: "B USD, undiscounted, inflow up", series, among: inAll("cash_busd"), year: state.year}),
    html("p", {class: "quiet"}, `Net cash of ${state.year}: ${money(net)}. The value left at the end stands in the last year.`),
    html("h2", {}, "Present value by category", html("small", {}, `they add up to ${money(sum(present.map(([, value]) => value)))}`)),
    ranking(present.map(([category, value]) => ({
      label: cashLabel(category), value: Math.abs(value), text: money(value), colour: cashColour(category),
    })), {most}),
  ];
}
