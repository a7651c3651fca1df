// The page that is printed: beside the map what matters most of the year, or of the open campus; all on one sheet.
import {byId, html} from "./dom.js";
import {indexOf, plan, siteById} from "./data.js";
import {number, outcome} from "./format.js";
import {limitsOf} from "./panels/account.js";
import {blocChart} from "./panels/plan.js";
import {powerColour, powerLabel} from "./colours.js";
import {bindingNow} from "./panels/limits.js";
import {timelineFigure} from "./panels/timeline.js";
import {worth} from "./panels/why.js";
import {state} from "./state.js";

const CAMPUSES = 9, LIMITS = 9;

/** The first items of a list, and how many more there are. */
function shortened(list, most) {
  const items = [...list.children], rest = items.slice(most);
  rest.forEach((item) => item.remove());
  if (rest.length) list.append(html("li", {class: "quiet"}, `and ${rest.length} more`));
  return list;
}

function largest() {
  const now = indexOf(state.year), online = plan.sites.filter((site) => site.online_gw[now] > 0);
  const shown = [...online].sort((a, b) => b.online_gw[now] - a.online_gw[now]).slice(0, CAMPUSES);
  return [
    html("h2", {}, `Largest campuses, end of ${state.year}`, html("small", {}, `${shown.length} of ${online.length} on line`)),
    html("table", {class: "numbers", "data-table": "sheet-campuses"}, html("tbody", {}, ...shown.map((site) => html(
      "tr", {}, html("th", {scope: "row"}, site.short_name), html("td", {}, site.country_name), html("td", {}, `since ${site.first_energised}`), html("td", {}, `${number(site.online_gw[now])} GW`),
    )))),
  ];
}

function campus(site) {
  const now = indexOf(state.year), power = site.main_power ? ` · most energy from ${powerLabel(site.main_power)}` : "";
  const limits = limitsOf(site);
  for (const part of limits) if (part.matches("ul")) shortened(part, LIMITS);
  return [
    html("h2", {class: "name"}, site.name, html("small", {}, `${site.country_name} · ${outcome(site.outcome)}${power}`)),
    html("p", {}, `${number(site.online_gw[now])} of ${number(site.max_gw)} GW that fit on line at the end of ${state.year}; operator ${site.operator}.`),
    ...(site.phases.length ? [timelineFigure(site, powerColour(site.main_power))] : []), ...[worth(site)].filter(Boolean), ...limits,
    html("p", {class: "quiet"}, `Source (confidence ${site.confidence || "not stated"}): ${site.source}`),
  ];
}

const overview = () => [
  blocChart(), ...largest(), html("h2", {}, `Used up in ${state.year}`), shortened(bindingNow(false), LIMITS),
];

function draw() {
  const site = state.tab === "site" ? siteById.get(state.site) : undefined;
  byId("sheet").replaceChildren(...(site ? campus(site) : overview()));
}

/** Have the sheet drawn whenever the page is about to be printed. */
export function setUpSheet() {
  addEventListener("beforeprint", draw);
  matchMedia("print").addEventListener("change", ({matches}) => { if (matches) draw(); });
}
