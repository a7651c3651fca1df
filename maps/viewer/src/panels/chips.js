// Which chips arrive, which are at work, and how much compute they are.
import {yearlyBars} from "../charts.js";
import {chipColour, chipOrder} from "../colours.js";
import {saveCsv} from "../csv.js";
import {inAll, plan, several, shown} from "../data.js";
import {countryFlows, flows, flowRows} from "../flows.js";
import {html} from "../dom.js";
import {number} from "../format.js";
import {state} from "../state.js";

export const chipSeries = (series) => [...series]
  .sort((a, b) => chipOrder.indexOf(a.key) - chipOrder.indexOf(b.key))
  .map((part) => ({...part, colour: chipColour(part.key)}));

function arrivals() {
  const rows = countryFlows(flows());
  const title = html("h2", {}, `Who gets the chips of ${state.year}`, html("small", {}, "million chips that arrive, by the country that designs them and that of the campus"));
  if (!rows.length) return [title, html("p", {class: "quiet"}, "None.")];
  const save = () => saveCsv(`${plan.name}${several ? `-${shown.key}` : ""}-arrivals.csv`, flowRows());
  return [
    title, html("p", {class: "tools"}, html("button", {type: "button", id: "arrivals-csv", "data-focus": "arrivals-csv", onclick: save}, "Save all years by campus as CSV")),
    html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Who gets the chips"}, html(
      "table", {class: "numbers", "data-table": "flows"}, html("caption", {}, "The map shows them as its layer “Chips that arrive”"),
      html("thead", {}, html("tr", {}, ...["Designed in", "Arrive in", "million chips"].map((text, at) => html("th", {scope: "col", class: at < 2 ? "left" : ""}, text)))),
      html("tbody", {}, ...rows.map(({from, to, million}) => html("tr", {}, html("th", {scope: "row"}, from), html("td", {class: "left"}, to), html("td", {}, number(million))))),
    )),
  ];
}

export function drawChips() {
  const {totals} = plan;
  return [
    yearlyBars({title: "Chips installed", unit: "million in the year", series: chipSeries(totals.chips_installed_million), among: inAll("chips_installed_million"), year: state.year}),
    yearlyBars({title: "Chips at work", unit: "million, end of year", series: chipSeries(totals.chips_working_million), among: inAll("chips_working_million"), year: state.year}),
    yearlyBars({title: "Compute at work", unit: "million H100e, end of year", series: [{label: "compute", values: totals.compute_h100e_million, colour: "#0072B2"}], among: inAll("compute_h100e_million"), year: state.year}),
    html("p", {class: "quiet"}, "Each stack has its own hue, older chips are darker. A chip leaves when its life ends; the difference between the first two charts is what left or was sold early."),
    ...arrivals(),
  ];
}
