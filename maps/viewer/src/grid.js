// The map's layer of grid headroom: how much of what a grid region can give the plan has taken by the end of the year.
import {sourceKind} from "./colours.js";
import {siteIn, shown, valueIn} from "./data.js";
import {number, percent} from "./format.js";
import {state} from "./state.js";

const HALF = 0.5, TIGHT = 0.9;
export const showsGrid = () => state.layer === "grid";
export const GRID_WORDS = {ample: "less than half used", tight: "half to 90 % used", scarce: "more than 90 % used", full: "nothing left", unlimited: "no limit"};

/** Row of the limits table for the region of a campus in the year; undefined if the region has no limit then. */
export function headroomOf(site, scenario = shown) {
  const region = siteIn(scenario, site.site)?.grid;
  return scenario.plan.constraints.find(({family, name}) => family === "grid_headroom" && name === region)?.years.find(({year}) => year === state.year);
}

export function roomOf(site) {
  const row = headroomOf(site);
  if (!row) return "unlimited";
  if (row.binding_rows > 0) return "full";
  const share = row.share ?? 0;
  return share > TIGHT ? "scarce" : share >= HALF ? "tight" : "ample";
}

/** What is said of a campus. */
export function describeRoom(site) {
  const row = headroomOf(site), here = siteIn(shown, site.site);
  const kinds = ["grid_firm", "grid_interruptible", "hydro", "hydro_contract"];
  const own = (here?.power_gw ?? []).filter(({key}) => kinds.includes(sourceKind(key))).reduce((total, {values}) => total + valueIn(shown, values, state.year), 0);
  const lines = [row ? `${here.grid_region}: ${number(row.used)} of ${number(row.limit)} GW of headroom used (${percent(row.share ?? 0)}), ${number(Math.max(0, row.slack))} GW left` : `${here?.grid_region ?? ""}: no limit on headroom`];
  return own > 0 ? [...lines, `${number(own)} GW of grid power here`] : lines;
}
