// What the marks on the map may show, as far as the plans have it.
import {anyRules, plans} from "./data.js";

const anyChips = plans.some(({totals}) => totals.chips_installed_million.length > 0);
const anyGrid = plans.some(({constraints}) => constraints.some(({family}) => family === "grid_headroom"));

export const LAYERS = [
  ["power", "Power that delivers most energy"], ...(anyChips ? [["flows", "Chips that arrive"]] : []),
  ...(anyGrid ? [["grid", "Grid headroom"]] : []), ...(anyRules ? [["rules", "Export rules"]] : []),
];
