// Small charts as SVG, each with its numbers in a table that opens below it.
import {scaleBand, scaleLinear} from "d3-scale";
import {stack, stackOffsetDiverging} from "d3-shape";
import {sum, years} from "./data.js";
import {html, svg, swatch} from "./dom.js";
import {number, tick as tickText} from "./format.js";

const WIDTH = 372, HEIGHT = 168;
const MARGIN = {right: 4, top: 8, bottom: 20};
const HATCH = 5, AXIS_CHARACTER = 6.2, LEAST_LEFT = 28;

/**
 * Bars by year, stacked; negative values hang below the axis.
 * `series`: [{label, colour, values}], first one at the bottom. `line`: a second quantity drawn as a tick on each bar.
 * `among`: series of charts that this one is read against; they must fit under the same axis.
 */
export function yearlyBars({title, note, unit, series, year, line, among = [], format = number}) {
  const shown = series.filter((part) => part.values.some((value) => value !== 0));
  const heading = html("figcaption", {}, html("strong", {}, title), html("span", {}, note ?? unit));
  if (!shown.length) return html("figure", {class: "chart"}, heading, html("p", {class: "quiet"}, "Nothing in this plan."));
  return html(
    "figure", {class: "chart"}, heading, drawing({title, unit, shown, year, line, among, format}),
    keys(shown, line), numbers({title, unit, shown, line, format}),
  );
}

/** Upper and lower ends of stacked bars. */
function ends(series) {
  const length = Math.max(0, ...series.map((part) => part.values.length));
  const at = (position, way) => sum(series.map((part) => way(0, part.values[position] ?? 0)));
  return Array.from({length}, (_, position) => [at(position, Math.min), at(position, Math.max)]).flat();
}

function drawing({title, unit, shown, year, line, among, format}) {
  const layers = stack()
    .keys(shown.keys()).value((position, key) => shown[key].values[position])
    .offset(stackOffsetDiverging)([...years.keys()]);
  const edges = [shown, ...among].flatMap(ends);
  const y = scaleLinear([Math.min(0, ...edges), Math.max(0, ...edges, ...(line?.values ?? []))], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4);
  const ticks = y.ticks(4), left = Math.max(LEAST_LEFT, 9 + AXIS_CHARACTER * Math.max(...ticks.map((tick) => tickText(tick).length)));
  const x = scaleBand(years, [left, WIDTH - MARGIN.right]).padding(0.16);
  const chosen = years.indexOf(year);
  const total = sum(shown.map((part) => part.values[chosen]));
  const root = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${format(total)} ${unit} in ${year}. Numbers below.`,
  });
  for (const tick of ticks) {
    root.append(
      svg("line", {class: "grid", x1: left, x2: WIDTH - MARGIN.right, y1: y(tick), y2: y(tick)}),
      svg("text", {class: "axis", x: left - 5, y: y(tick) + 3.5, "text-anchor": "end"}, tickText(tick)),
    );
  }
  root.append(svg("rect", {
    class: "chosen", x: x(year) - 1.5, width: x.bandwidth() + 3, y: MARGIN.top - 4, height: HEIGHT - MARGIN.bottom - MARGIN.top + 4,
  }));
  layers.forEach((layer, key) => layer.forEach((bar, position) => {
    if (bar[0] === bar[1]) return;
    const label = `${shown[key].label}, ${years[position]}: ${format(shown[key].values[position])} ${unit}`;
    const box = {x: x(years[position]), width: x.bandwidth(), y: y(bar[1]), height: Math.max(0, y(bar[0]) - y(bar[1]))};
    root.append(svg("rect", {class: "bar", ...box, fill: shown[key].colour}, svg("title", {}, label)));
    if (shown[key].hatched) root.append(svg("path", {class: "hatch", d: hatching(box)}));
  }));
  line?.values.forEach((value, position) => {
    if (value > 0) root.append(svg("line", {class: "tick", x1: x(years[position]) - 1, x2: x(years[position]) + x.bandwidth() + 1, y1: y(value), y2: y(value)}));
  });
  root.append(svg("line", {class: "zero", x1: left, x2: WIDTH - MARGIN.right, y1: y(0), y2: y(0)}));
  const every = Math.ceil(years.length / 6);
  years.forEach((label, position) => {
    const near = Math.abs(position - chosen) < every && position !== chosen;
    if (label !== year && (position % every || near)) return;
    root.append(svg("text", {
      class: label === year ? "axis now" : "axis", x: x(label) + x.bandwidth() / 2, y: HEIGHT - 5, "text-anchor": "middle",
    }, String(label)));
  });
  return root;
}

/** Slanting lines across a bar, a fixed distance apart whatever its height. */
function hatching({x, y, width, height}) {
  const lines = [];
  for (let at = Math.ceil((y - width) / HATCH) * HATCH; at < y + height; at += HATCH) {
    const [from, to] = [Math.max(0, y - at), Math.min(width, y + height - at)];
    if (from < to) lines.push(`M${x + from},${at + from}L${x + to},${at + to}`);
  }
  return lines.join("");
}

function keys(shown, line) {
  const entries = shown.map((part) => html("span", {}, swatch(part.colour, part.hatched ? "hatched" : ""), part.label));
  if (line) entries.push(html("span", {}, swatch("", "tick"), line.label));
  return html("div", {class: "keys"}, ...entries);
}

function numbers({title, unit, shown, line, format}) {
  const rows = line ? [...shown, line] : shown;
  const table = html(
    "table", {class: "numbers"}, html("caption", {}, `${title} [${unit}]`),
    html("thead", {}, html("tr", {}, html("th", {scope: "col"}, "Year"), ...rows.map((part) => html("th", {scope: "col"}, part.label)), shown.length > 1 ? html("th", {scope: "col"}, "Sum") : null)),
    html("tbody", {}, ...years.map((label, position) => html(
      "tr", {}, html("th", {scope: "row"}, String(label)),
      ...rows.map((part) => html("td", {}, format(part.values[position]))),
      shown.length > 1 ? html("td", {}, format(sum(shown.map((part) => part.values[position])))) : null,
    ))),
  );
  return html("details", {}, html("summary", {}, "Numbers", html("span", {class: "unseen"}, ` of ${title}`)), html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, numbers`}, table));
}

/** Horizontal bars: [{label, value, text, colour}]. */
export function ranking(rows, {most}) {
  return html("ol", {class: "ranking"}, ...rows.map((row) => {
    const bar = html("span", {class: "bar"});
    bar.style.width = `${Math.max(0.5, (100 * row.value) / (most || 1))}%`;
    if (row.colour) bar.style.background = row.colour;
    return html("li", {}, html("span", {class: "name"}, row.label), html("span", {class: "value"}, row.text), html("span", {class: "track"}, bar));
  }));
}
