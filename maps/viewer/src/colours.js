// One palette (Okabe and Ito) for everything; the order of the list is the order of stacks and legends.
import {plan} from "./data.js";

const power = new Map(plan.palette.power.map(([kind, label, colour]) => [kind, {label, colour}]));
const cash = new Map(plan.palette.cash.map(([category, label, colour]) => [category, {label, colour}]));
const PLACES = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C510A", "#F0E442", "#7A7A7A"];
const SHADES = {
  us: ["#0B3C5D", "#0072B2", "#3F9BD1", "#86C5EA", "#BFE1F4"],
  cn: ["#7A3500", "#D55E00", "#F0914A", "#F8C49B", "#FBE3D0"],
};
const OTHER_SHADES = ["#00573F", "#009E73", "#57C2A3", "#A5DFCE", "#D9F1EA"];

export const powerKinds = [...power.keys()];
export const powerColour = (kind) => power.get(kind)?.colour ?? plan.palette.noPower;
export const powerLabel = (kind) => power.get(kind)?.label ?? (kind ? kind.replaceAll("_", " ") : "no energy yet");
export const cashOrder = [...cash.keys()];
export const cashColour = (category) => cash.get(category)?.colour ?? "#7A7A7A";

/** Colour of the n-th place in a list ordered by size. */
export const placeColour = (position) => PLACES[Math.min(position, PLACES.length - 1)];

/** Shades of one hue for the chips of one stack, oldest darkest. */
const chipShade = new Map();
for (const stack of new Set(plan.chip_stacks.map(([, name]) => name))) {
  const shades = SHADES[stack] ?? OTHER_SHADES;
  const used = new Set([...plan.totals.chips_installed_million.map((series) => series.key)]);
  const chips = plan.chip_stacks.filter(([chip, name]) => name === stack && used.has(chip));
  chips.forEach(([chip], position) => {
    chipShade.set(chip, shades[Math.round((position * (shades.length - 1)) / Math.max(1, chips.length - 1))]);
  });
}
export const chipColour = (chip) => chipShade.get(chip) ?? "#7A7A7A";
