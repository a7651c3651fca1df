// What the marks on the map mean.
import {powerColour, powerKinds, powerLabel} from "./colours.js";
import {other, scenarios, shown} from "./data.js";
import {byId, html, swatch} from "./dom.js";

const named = (swatched, words, scenario) => html("span", {class: "named"}, swatched, words, html("em", {title: scenario.title}, scenario.title));

function drawDifferences() {
  byId("legend").replaceChildren(
    html("strong", {}, "Difference in GW on line"),
    named(swatch("", "disc more"), "more in", shown), named(swatch("", "less"), "more in", other),
    html("span", {}, swatch("", "same"), "no difference"),
    html("span", {class: "quiet"}, "area: difference in GW of IT capacity, end of year"),
  );
}

export function drawLegend() {
  if (other) {
    drawDifferences();
    return;
  }
  const sites = scenarios.flatMap(({plan}) => plan.sites);
  const used = new Set(sites.filter((site) => site.online_gw.some((gw) => gw > 0)).map((site) => site.main_power));
  const kinds = powerKinds.filter((kind) => used.has(kind));
  if (used.has("")) kinds.push("");
  byId("legend").replaceChildren(
    html("strong", {}, "Power that delivers most energy"),
    ...kinds.map((kind) => html("span", {}, swatch(powerColour(kind), "disc"), powerLabel(kind))),
    html("span", {}, swatch("", "ring"), "committed part"),
    html("span", {}, swatch("", "hollow"), "not on line"),
    html("span", {class: "quiet"}, "area: GW of IT capacity"),
  );
}
