// The map's layer of chips: which arrive in the year, from the country that designs them to the campus.
import {page, plan, plans, siteIn, shown, sum} from "./data.js";
import {number} from "./format.js";
import {state} from "./state.js";

const THINNEST = 0.7, WIDEST = 10;
export const showsFlows = () => state.layer === "flows";
const position = () => plan.years.indexOf(state.year);
const chipOf = (key) => plan.chips.find(({chip}) => chip === key);

/** Arrivals of a campus in the year by stack and country of design, the largest first: [{stack, country, million, chips}]. */
export function arrivalsOf(site) {
  const found = new Map();
  for (const {key, values} of siteIn(shown, site.site)?.chips_installed_million ?? []) {
    const million = values[position()], chip = chipOf(key);
    if (!(million > 0)) continue;
    const name = `${chip.stack} ${chip.design_country}`;
    const flow = found.get(name) ?? {stack: chip.stack, country: chip.design_country, million: 0, chips: []};
    found.set(name, {...flow, million: flow.million + million, chips: [...flow.chips, [chip.name, million]]});
  }
  return [...found.values()].sort((a, b) => b.million - a.million);
}

/** Every flow of the year: [{site, stack, country, million}], the largest first. */
export const flows = () => plan.sites.flatMap((site) => arrivalsOf(site).map((flow) => ({site, ...flow}))).sort((a, b) => b.million - a.million);

/** Countries of design with what they send in the year; a country that the basemap does not place has no mark. */
export function origins() {
  const found = new Map();
  for (const {country, stack, million} of flows()) {
    const known = found.get(country) ?? {country, stack, million: 0, name: plan.chips.find((chip) => chip.design_country === country).design_country_name};
    found.set(country, {...known, million: known.million + million});
  }
  return [...found.values()].filter(({country}) => page.places[country]);
}

// Widths are the same in all years and scenarios, so that they can be compared.
const most = Math.max(0, ...plans.flatMap((one) => one.sites.flatMap((site) => {
  const series = site.chips_installed_million;
  return series.length ? one.years.map((_, at) => sum(series.map(({values}) => values[at]))) : [];
})));
export const flowWidth = (million) => Math.max(THINNEST, (WIDEST * million) / (most || 1));
export const widest = () => ({million: most, width: WIDEST});

/** What is said of a campus. */
export function describeFlows(site) {
  const found = arrivalsOf(site);
  if (!found.length) return [`no chips arrive in ${state.year}`];
  return found.flatMap(({chips}) => chips.map(([name, million]) => `${number(million)} million ${name} arrive in ${state.year}`));
}

/** The stack of most of what arrives; "" if nothing does. */
export const stackOf = (site) => arrivalsOf(site)[0]?.stack ?? "";

/** Flows added up by country of design and of the campus, the largest first. */
export function countryFlows(found) {
  const rows = new Map();
  for (const {site, country, million} of found) {
    const key = `${country} ${site.country}`, from = plan.chips.find((chip) => chip.design_country === country).design_country_name;
    rows.set(key, {from, to: site.country_name, million: (rows.get(key)?.million ?? 0) + million});
  }
  return [...rows.values()].sort((a, b) => b.million - a.million);
}

/** Arrivals of all years as rows of cells. */
export const flowRows = () => [
  ["chip", "stack", "design_country", "site", "name", "country", ...plan.years.map((year) => `installed_million_${year}`)],
  ...plan.sites.flatMap((site) => site.chips_installed_million.map(({key, values}) => [chipOf(key).name, chipOf(key).stack, chipOf(key).design_country, site.site, site.name, site.country, ...values])),
];
