// Which chips arrive, which are at work, and how much compute they are.
import {yearlyBars} from "../charts.js";
import {chipColour, chipOrder} from "../colours.js";
import {inAll, plan} from "../data.js";
import {html} from "../dom.js";
import {state} from "../state.js";

export const chipSeries = (series) => [...series]
  .sort((a, b) => chipOrder.indexOf(a.key) - chipOrder.indexOf(b.key))
  .map((part) => ({...part, colour: chipColour(part.key)}));

export function drawChips() {
  const {totals} = plan;
  return [
    yearlyBars({title: "Chips installed", unit: "million in the year", series: chipSeries(totals.chips_installed_million), among: inAll("chips_installed_million"), year: state.year}),
    yearlyBars({title: "Chips at work", unit: "million, end of year", series: chipSeries(totals.chips_working_million), among: inAll("chips_working_million"), year: state.year}),
    yearlyBars({title: "Compute at work", unit: "million H100e, end of year", series: [{label: "compute", values: totals.compute_h100e_million, colour: "#0072B2"}], among: inAll("compute_h100e_million"), year: state.year}),
    html("p", {class: "quiet"}, "Each stack has its own hue, older chips are darker. A chip leaves when its life ends; the difference between the first two charts is what left or was sold early."),
  ];
}
