// What the marks on the map mean.
import {powerColour, powerKinds, powerLabel, stackColour} from "./colours.js";
import {other, plan, ruled, scenarios, shown} from "./data.js";
import {byId, html, svg, swatch} from "./dom.js";
import {flows, showsFlows, widest} from "./flows.js";
import {number} from "./format.js";
import {GRID_WORDS, showsGrid} from "./grid.js";
import {LAYERS} from "./layers.js";
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
const heading = (text) => (LAYERS.length > 1 ? [] : [html("strong", {}, text)]);

/** Layers that do not compare say whose they are. */
const ofShown = () => (other ? [named("", "of", shown)] : []);

function drawFlows() {
  const stacks = [...new Set(flows().map(({stack}) => stack))], {million, width} = widest();
  const sample = svg("svg", {class: "flow-sample", viewBox: "0 0 34 10", "aria-hidden": "true"}, svg("line", {x1: 1, x2: 33, y1: 5, y2: 5, "stroke-width": width}));
  byId("meanings").replaceChildren(
    html("span", {class: "said"}, `Chips that arrive in ${state.year}, from the country that designs them (not where they are made).`),
    ...stacks.map((stack) => html("span", {}, swatch(stackColour(stack), "disc"), `${stack} stack`)),
    html("span", {}, sample, `${number(million)} million chips`), html("span", {}, swatch("", "idle"), "none arrive"), ...ofShown(),
    html("span", {class: "quiet"}, "area: GW of IT capacity"),
  );
}

/** A mark of the layer of grid headroom. */
const roomMark = (room) => svg(
  "svg", {class: "mark-sample site", "data-room": room, viewBox: "-9 -9 18 18", "aria-hidden": "true"},
  svg("circle", {class: "mark", r: 6}), svg("path", {class: "sign", d: room === "full" ? signPath("permitted", 6) : ""}),
);

function drawRooms() {
  byId("meanings").replaceChildren(
    html("span", {class: "said"}, `Grid headroom of the region, end of ${state.year}`),
    ...Object.entries(GRID_WORDS).map(([room, words]) => html("span", {}, roomMark(room), words)),
    html("span", {}, swatch("", "hollow"), "campus not on line"), ...ofShown(), html("span", {class: "quiet"}, "area: GW of IT capacity"),
  );
}

export function drawLegend() {
  if (showsFlows() || showsGrid()) {
    (showsFlows() ? drawFlows : drawRooms)();
    return;
  }
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
