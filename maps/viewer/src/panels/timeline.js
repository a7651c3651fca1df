// When a campus is decided and when it is on line: one row a phase, on the axis of the plan.
import {scaleLinear} from "d3-scale";
import {years} from "../data.js";
import {html, svg} from "../dom.js";
import {money, number, plural} from "../format.js";
import {state} from "../state.js";

const WIDTH = 372, LEFT = 4, RIGHT = 4, ROW = 20, TOP = 18, SIGN = 4.5;
const LABEL = /^(\d{4})(?:Q(\d)|H(\d)|-(\d\d))?/;

/** Start of a period by its label (2027, 2027H2, 2027Q3, 2027-07), in years. */
export function startOf(label) {
  const [, year, quarter, half, month] = LABEL.exec(label);
  return Number(year) + (quarter ? (quarter - 1) / 4 : half ? (half - 1) / 2 : month ? (month - 1) / 12 : 0);
}

const said = (phase) => (phase.fact
  ? `${number(phase.it_gw)} GW committed before the plan, on line ${phase.energised || "after the plan"}`
  : `${number(phase.it_gw)} GW committed ${phase.committed}, at the latest ${phase.decide_by}, on line ${phase.energised}`);

function row(phase, position, x, colour) {
  const y = TOP + position * ROW, middle = y + ROW / 2, end = years[years.length - 1] + 1, parts = [svg("title", {}, said(phase))];
  const online = phase.energised ? startOf(phase.energised) : end;
  if (!phase.fact) parts.push(svg("rect", {class: "lead", x: x(startOf(phase.committed)), width: Math.max(0, x(online) - x(startOf(phase.committed))), y: middle - 2.5, height: 5}));
  parts.push(svg("rect", {class: "online", x: x(online), width: Math.max(0, x(end) - x(online)), y: middle - 6, height: 12, fill: phase.fact ? "#4D5B6B" : colour}));
  if (!phase.fact) {
    const at = x(startOf(phase.committed)), last = x(startOf(phase.decide_by));
    parts.push(svg("path", {class: "commit", d: `M${at - SIGN},${middle}L${at},${middle - SIGN}L${at + SIGN},${middle}L${at},${middle + SIGN}Z`}));
    parts.push(svg("line", {class: "deadline", x1: last, x2: last, y1: middle - 8, y2: middle + 8}));
  }
  return svg("g", {}, ...parts);
}

function drawing(site, colour) {
  const end = years[years.length - 1] + 1, x = scaleLinear([years[0], end], [LEFT + SIGN, WIDTH - RIGHT]);
  const height = TOP + site.phases.length * ROW + 4, every = Math.ceil(years.length / 6);
  const root = svg("svg", {viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `Timeline: ${site.phases.map(said).join("; ")}.`});
  root.append(svg("rect", {class: "chosen", x: x(state.year), width: x(state.year + 1) - x(state.year), y: TOP - 2, height: height - TOP}));
  years.forEach((year, position) => {
    root.append(svg("line", {class: "grid", x1: x(year), x2: x(year), y1: TOP - 2, y2: height - 4}));
    if (position % every === 0) root.append(svg("text", {class: year === state.year ? "axis now" : "axis", x: x(year) + 2, y: TOP - 6}, String(year)));
  });
  site.phases.forEach((phase, position) => root.append(row(phase, position, x, colour)));
  return root;
}

/** The picture alone. */
export const timelineFigure = (site, colour) => html("figure", {class: "chart timeline"}, html("figcaption", {}, html("strong", {}, "Timeline"), html("span", {}, "decision to modules on line")), drawing(site, colour));

function table(site) {
  const rows = site.phases.map((phase) => html(
    "tr", {}, html("th", {scope: "row"}, phase.fact ? "committed" : "new"), html("td", {}, phase.committed || "before"),
    html("td", {}, phase.fact ? "–" : phase.decide_by), html("td", {}, phase.energised || "after the plan"),
    html("td", {class: "right"}, `${number(phase.it_gw)}`), html("td", {class: "right"}, plural(phase.modules, "module", "modules")), html("td", {class: "right"}, money(phase.cost_busd)),
  ));
  return html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Phases"}, html(
    "table", {class: "phases", "data-table": "phases"}, html("caption", {}, "Phases; shell cost with opening, for facts what is still to be paid"),
    html("thead", {}, html("tr", {}, ...["Kind", "Committed", "Decide by", "On line", "GW", "", "Shell cost"].map((name) => (name ? html("th", {scope: "col", class: ["GW", "Shell cost"].includes(name) ? "right" : ""}, name) : html("td", {}))))),
    html("tbody", {}, ...rows),
  ));
}

/** Phases of a campus as a picture and as a table. */
export function timeline(site, colour) {
  if (!site.phases.length) return [html("p", {}, "No modules in this plan.")];
  const fresh = site.phases.some((phase) => !phase.fact);
  return [
    timelineFigure(site, colour),
    fresh ? html("p", {class: "quiet"}, "◆ modules committed · thin: lead time · upright line: last responsible moment, the last decision date that still brings them on line then. Power and chips have no lead time in the model: theirs is the day they arrive.") : null,
    table(site),
  ];
}
