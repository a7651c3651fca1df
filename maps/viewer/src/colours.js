// One palette (Okabe and Ito) for everything; the order of the list is the order of stacks and legends.
// A chip or a country has the same colour in all scenarios.
import {scaleLinear} from "d3-scale";
import {page, scenarios, sum} from "./data.js";

const power = new Map(page.palette.power.map(([kind, label, colour]) => [kind, {label, colour}]));
const cash = new Map(page.palette.cash.map(([category, label, colour]) => [category, {label, colour}]));
const PLACES = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C510A", "#F0E442", "#7A7A7A"];
const SHADES = {us: ["#06304c", "#0072B2", "#b5def5"], cn: ["#6e2f00", "#D55E00", "#fbd9bd"]};
const OTHER_SHADES = ["#004c37", "#009E73", "#bde9dc"];

const sources = new Map(page.palette.sources.map(([kind, colour, hatched], place) => [kind, {colour, hatched, place}]));
const sourceKinds = new Map(scenarios.flatMap(({plan}) => plan.power_sources.map(({key, kind}) => [key, kind])));

export const powerKinds = [...power.keys()];
export const powerColour = (kind) => power.get(kind)?.colour ?? page.palette.noPower;
export const powerLabel = (kind) => power.get(kind)?.label ?? (kind ? kind.replaceAll("_", " ") : "no energy yet");
/** Series by source of power in the order of stacks; technologies of one colour are told apart by hatching. */
export const powerSeries = (series) => series
  .map((part) => ({...part, ...(sources.get(sourceKinds.get(part.key)) ?? {colour: page.palette.noPower, hatched: false, place: sources.size})}))
  .sort((a, b) => a.place - b.place);
/** Kind of a source of power: of a given option the source itself, else that of the technology. */
export const sourceKind = (key) => sourceKinds.get(key);
export const cashOrder = [...cash.keys()];
export const cashColour = (category) => cash.get(category)?.colour ?? "#7A7A7A";
export const cashLabel = (category) => cash.get(category)?.label ?? category.replaceAll("_", " ");

/** Colour of the n-th place in a list ordered by size. */
export const placeColour = (position) => PLACES[Math.min(position, PLACES.length - 1)];

/** Keys of some totals of all scenarios, those with most at the end first. */
export function ranked(name) {
  const size = new Map();
  for (const {plan} of scenarios) {
    for (const {key, values} of plan.totals[name]) {
      const [end, all] = size.get(key) ?? [0, 0];
      size.set(key, [end + values[values.length - 1], all + sum(values)]);
    }
  }
  const keys = [...size.keys()];
  return keys.sort((a, b) => size.get(b)[0] - size.get(a)[0] || size.get(b)[1] - size.get(a)[1] || (a < b ? -1 : 1));
}

/** Shades of one hue for the chips of one stack, oldest darkest; chips are told apart by order, notes and numbers. */
const chipShade = new Map();
const used = new Set(scenarios.flatMap(({plan}) => plan.totals.chips_installed_million.map((series) => series.key)));
const chipStacks = new Map(scenarios.flatMap(({plan}) => plan.chips.map(({chip, stack}) => [chip, stack])));
for (const stack of new Set(chipStacks.values())) {
  const chips = [...chipStacks].filter(([chip, name]) => name === stack && used.has(chip)).map(([chip]) => chip);
  const shade = scaleLinear([0, 0.4, 1], SHADES[stack] ?? OTHER_SHADES);
  chips.forEach((chip, position) => chipShade.set(chip, shade(chips.length > 1 ? position / (chips.length - 1) : 0.4)));
}

/** Colour of all chips of a stack together. */
export const stackColour = (stack) => (SHADES[stack] ?? OTHER_SHADES)[1];
export const chipColour = (chip) => chipShade.get(chip) ?? "#7A7A7A";

/** Chips in the order of stacks, then of release. */
export const chipOrder = [...chipShade.keys()];
