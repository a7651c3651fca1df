// What is shown, kept in the address so that a view can be shared; changes are announced to listeners.
import {LAYERS} from "./layers.js";
import {anyRules, choose, comparable, lastYear, page, scenarioOf, scenarios, several, siteById, study, years} from "./data.js";

export const TABS = [
  ["plan", "Plan"], ...(several ? [["compare", "Compare"]] : []), ["site", "Site"], ["chips", "Chips"],
  ["power", "Power"], ["money", "Money"], ["limits", "Limits"], ...(anyRules ? [["policy", "Policy"]] : []),
  ...(study.robustness.length || study.standings.length ? [["robustness", "Robustness"]] : []), ...(study.swings.length ? [["tornado", "Tornado"]] : []),
  ...(study.frontier.length ? [["frontier", "Frontier"]] : []), ["table", "Table"],
];

/** What an address says that says nothing; the year depends on the scenario. */
const initial = () => ({
  scenario: scenarios[0].key, compare: "", year: lastYear, view: page.regions[0].key, tab: "plan", site: "", theme: "", layer: "power",
});
export const state = initial();
const listeners = [];

const valid = {
  scenario: (value) => scenarioOf(value) !== undefined,
  compare: (value) => value === "" || scenarioOf(value) !== undefined,
  year: (value) => years.includes(value),
  view: (value) => page.regions.some((region) => region.key === value),
  tab: (value) => TABS.some(([key]) => key === value),
  site: (value) => value === "" || siteById.has(value),
  theme: (value) => ["", "light", "dark"].includes(value),
  layer: (value) => LAYERS.some(([key]) => key === value),
};

function dropUnfitComparison() {
  const held = scenarioOf(state.compare);
  if (held && (state.compare === state.scenario || !comparable(held, scenarioOf(state.scenario)))) state.compare = "";
}

/** Bring the plan to the scenarios of the state, and the rest of the state to the plan. */
function settle() {
  dropUnfitComparison();
  choose(state.scenario, state.compare);
  state.year = Math.min(lastYear, Math.max(years[0], state.year));
  if (!valid.site(state.site)) state.site = "";
}

function readAddress() {
  const found = new URLSearchParams(location.hash.slice(1));
  for (const name of ["scenario", "compare"]) {
    const text = found.get(name) ?? "";
    state[name] = valid[name](text) ? text : initial()[name];
  }
  dropUnfitComparison();
  choose(state.scenario, state.compare);
  const usual = initial();
  for (const name of Object.keys(usual).slice(2)) {
    const text = found.get(name);
    const value = text === null ? usual[name] : name === "year" ? Number(text) : text;
    state[name] = valid[name](value) ? value : usual[name];
  }
}

function writeAddress() {
  const usual = initial();
  const said = Object.entries(state).filter(([name, value]) => value !== usual[name]);
  history.replaceState(null, "", `#${new URLSearchParams(said)}`);
}

/** Call a function with the names of what changed, after every change. */
export const onChange = (listener) => listeners.push(listener);

/** Change what is shown; values that make no sense are ignored. The two scenarios change places rather than meet. */
export function show(changes) {
  const before = {...state};
  if (changes.scenario === state.compare && state.compare) state.compare = state.scenario;
  for (const [name, value] of Object.entries(changes)) if (valid[name](value)) state[name] = value;
  settle();
  announce(before);
  writeAddress();
}

function announce(before) {
  const changed = new Set(Object.keys(state).filter((name) => state[name] !== before[name]));
  if (changed.size) listeners.forEach((listener) => listener(changed));
}

/** Open a campus in the panel. */
export const openSite = (site) => show({site, tab: "site"});

readAddress();
addEventListener("hashchange", () => {
  const before = {...state};
  readAddress();
  announce(before);
});
