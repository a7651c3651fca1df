// Every campus in every scenario: which of them stand whatever happens.
import {saveCsv} from "../csv.js";
import {gwIn, plan, scenarios, shortTitle, siteIn} from "../data.js";
import {html} from "../dom.js";
import {number, plural} from "../format.js";
import {openSite, state} from "../state.js";

const MOST_ROWS = 40;

/** Campuses on line in any scenario at the end of the year; those in most scenarios first, then the largest. */
function rows() {
  const keys = new Set(scenarios.flatMap((scenario) => scenario.plan.sites.map((site) => site.site)));
  return [...keys].map((key) => {
    const values = scenarios.map((scenario) => gwIn(scenario, key, state.year));
    const site = scenarios.map((scenario) => siteIn(scenario, key)).find(Boolean);
    return {key, site, values, times: values.filter((gw) => gw > 0).length, most: Math.max(...values)};
  }).filter(({times}) => times > 0)
    .sort((a, b) => b.times - a.times || b.most - a.most || a.site.name.localeCompare(b.site.name));
}

/** All rows with every number, for saving. */
export const matrixRows = () => [
  ["site", "name", "country", "year", "scenarios", ...scenarios.map(({title}) => `gw ${title}`)],
  ...rows().map(({key, site, values, times}) => [key, site.name, site.country, state.year, times, ...values]),
];

function cell(gw, most) {
  if (!(gw > 0)) return html("td", {class: "none"}, html("span", {"aria-hidden": "true"}, "·"), html("span", {class: "unseen"}, "none"));
  const shade = html("td", {}, number(gw));
  shade.style.setProperty("--share", `${Math.round((100 * gw) / most)}%`);
  return shade;
}

export function drawMatrix() {
  const found = rows(), everywhere = found.filter(({times}) => times === scenarios.length).length;
  const title = html("h2", {}, `Which campuses stand in every scenario at the end of ${state.year}`, html("small", {}, "GW of IT on line"));
  if (!found.length) return [title, html("p", {class: "quiet"}, "None is on line in any scenario.")];
  const largest = Math.max(...found.map(({most}) => most));
  return [
    title,
    html("p", {id: "matrix-summary"}, `${plural(everywhere, "campus", "campuses")} of the ${found.length} that any scenario has on line ${everywhere === 1 ? "is" : "are"} on line in all ${scenarios.length}.`),
    html("p", {class: "tools"}, html("button", {type: "button", id: "matrix-csv", "data-focus": "matrix-csv", onclick: () => saveCsv(`${plan.name}-campuses-by-scenario-${state.year}.csv`, matrixRows())}, "Save campuses by scenario as CSV")),
    html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Campuses by scenario"}, html(
      "table", {class: "numbers matrix", "data-table": "matrix"},
      html("thead", {}, html("tr", {}, html("th", {scope: "col"}, "Campus"), ...scenarios.map((scenario) => html("th", {scope: "col"}, html("span", {class: "clipped", title: scenario.title}, shortTitle(scenario)))))),
      html("tbody", {}, ...found.slice(0, MOST_ROWS).map(({key, site, values}) => html(
        "tr", {"data-site": key}, html("th", {scope: "row"}, html("button", {type: "button", class: "link", title: site.name, "data-focus": `matrix-${key}`, onclick: () => openSite(key)}, site.short_name)),
        ...values.map((gw) => cell(gw, largest)),
      ))),
    )),
    found.length > MOST_ROWS ? html("p", {class: "quiet"}, `${found.length - MOST_ROWS} more in the CSV.`) : null,
  ];
}
