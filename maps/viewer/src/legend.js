// What the marks on the map mean.
import {powerColour, powerKinds, powerLabel} from "./colours.js";
import {plan} from "./data.js";
import {byId, html, swatch} from "./dom.js";

export function drawLegend() {
  const used = new Set(plan.sites.filter((site) => site.online_gw.some((gw) => gw > 0)).map((site) => site.main_power));
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
