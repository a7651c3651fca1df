// What is shown, kept in the address so that a view can be shared; changes are announced to listeners.
import {lastYear, plan, siteById, years} from "./data.js";

export const TABS = [
  ["plan", "Plan"], ["site", "Site"], ["chips", "Chips"], ["power", "Power"], ["money", "Money"],
  ["limits", "Limits"], ["policy", "Policy"], ["table", "Table"],
];

const initial = {year: lastYear, view: plan.regions[0].key, tab: "plan", site: "", theme: ""};
export const state = {...initial};
const listeners = [];

const valid = {
  year: (value) => years.includes(value),
  view: (value) => plan.regions.some((region) => region.key === value),
  tab: (value) => TABS.some(([key]) => key === value),
  site: (value) => value === "" || siteById.has(value),
  theme: (value) => ["", "light", "dark"].includes(value),
};

function readAddress() {
  const found = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(initial)) {
    const text = found.get(name);
    const value = text === null ? initial[name] : name === "year" ? Number(text) : text;
    state[name] = valid[name](value) ? value : initial[name];
  }
}

function writeAddress() {
  const shown = Object.entries(state).filter(([name, value]) => value !== initial[name]);
  history.replaceState(null, "", `#${new URLSearchParams(shown)}`);
}

/** Call a function with the names of what changed, after every change. */
export const onChange = (listener) => listeners.push(listener);

/** Change what is shown; values that make no sense are ignored. */
export function show(changes) {
  const before = {...state};
  for (const [name, value] of Object.entries(changes)) if (valid[name](value)) state[name] = value;
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
