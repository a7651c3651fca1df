// What the marks on the map mean.
import {powerColour, powerKinds, powerLabel} from "./colours.js";
import {anyRules, other, plan, ruled, scenarios, shown} from "./data.js";
import {byId, html, svg, swatch} from "./dom.js";
import {anyQuota, chipName, flagship, quotaPath, showsRules, signPath} from "./standing.js";
import {state} from "./state.js";

const named = (swatched, words, scenario) => html("span", {class: "named"}, swatched, words, html("em", {title: scenario.title}, scenario.title));

function drawDifferences() {
  byId("meanings").replaceChildren(
    ...heading("Difference in GW on line"),
    named(swatch("", "disc more"), "more in", shown), named(swatch("", "less"), "more in", other),
    html("span", {}, swatch("", "same"), "no difference"),
    html("span", {class: "quiet"}, "area: difference in GW of IT capacity, end of year"),
  );
}

/** A mark as it stands on the map. */
const mark = (standing, share = null) => svg(
  "svg", {class: `mark-sample site ${standing}`, viewBox: "-9 -9 18 18", "aria-hidden": "true"},
  svg("circle", {class: "mark", r: 6}), svg("path", {class: "sign", d: signPath(standing, 6)}), svg("path", {class: "quota", d: quotaPath(share, 8)}),
);

function drawStandings() {
  const chip = flagship(), end = plan.year_ends[plan.years.indexOf(state.year)];
  const said = !ruled(shown) ? "This plan has no export rules: every chip is free to go anywhere."
    : chip ? html("span", {class: "said"}, html("strong", {}, chipName(chip)), `, the most powerful chip on sale in ${end}, is`) : `No chip is on sale in ${end}.`;
  byId("meanings").replaceChildren(
    said,
    html("span", {}, mark("free"), "free"), html("span", {}, mark("permitted"), "permitted"), html("span", {}, mark("denied"), "denied"),
    ...(anyQuota() ? [html("span", {}, mark("permitted", 0.7), "arc: used part of its quota")] : []),
    html("span", {}, swatch("", "hollow"), "not on line"),
    ...(other ? [named(swatch("", "apart"), "stands otherwise in", other)] : []),
    html("span", {class: "quiet"}, "area: GW of IT capacity"),
  );
}

/** The name of the layer, where there is no switch that says it. */
const heading = (text) => (anyRules ? [] : [html("strong", {}, text)]);

export function drawLegend() {
  if (showsRules()) {
    drawStandings();
    return;
  }
  if (other) {
    drawDifferences();
    return;
  }
  const sites = scenarios.flatMap(({plan}) => plan.sites);
  const used = new Set(sites.filter((site) => site.online_gw.some((gw) => gw > 0)).map((site) => site.main_power));
  const kinds = powerKinds.filter((kind) => used.has(kind));
  if (used.has("")) kinds.push("");
  byId("meanings").replaceChildren(
    ...heading("Power that delivers most energy"),
    ...kinds.map((kind) => html("span", {}, swatch(powerColour(kind), "disc"), powerLabel(kind))),
    html("span", {}, swatch("", "ring"), "committed part"),
    html("span", {}, swatch("", "hollow"), "not on line"),
    html("span", {class: "quiet"}, "area: GW of IT capacity"),
  );
}
