// What feeds the campuses, and what it emits.
import {yearlyBars} from "../charts.js";
import {powerColour, powerKinds} from "../colours.js";
import {inAll, plan} from "../data.js";
import {state} from "../state.js";

export const powerSeries = (series) => [...series]
  .sort((a, b) => powerKinds.indexOf(a.key) - powerKinds.indexOf(b.key))
  .map((part) => ({...part, colour: powerColour(part.key)}));

export function drawPower() {
  const {totals} = plan;
  return [
    yearlyBars({title: "Power capacity", unit: "GW at the facility, end of year", series: powerSeries(totals.power_gw), among: inAll("power_gw"), year: state.year}),
    yearlyBars({title: "Energy", unit: "TWh in the year", series: powerSeries(totals.energy_twh), among: inAll("energy_twh"), year: state.year}),
    yearlyBars({title: "Carbon", unit: "Mt CO₂ in the year", series: [{label: "carbon", values: totals.carbon_mt, colour: "#7A7A7A"}], among: inAll("carbon_mt"), year: state.year}),
    yearlyBars({title: "Water", unit: "million m³ in the year", series: [{label: "water", values: totals.water_million_m3, colour: "#0072B2"}], among: inAll("water_million_m3"), year: state.year}),
  ];
}
