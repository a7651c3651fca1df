// What a study found over all its plans: sites that stay, assumptions that matter, and what one objective costs in another.
import {scaleLinear} from "d3-scale";
import {saveCsv} from "../csv.js";
import {plan, siteById, study} from "../data.js";
import {html, svg} from "../dom.js";
import {money, number, percent, plural, tick, words} from "../format.js";
import {openSite} from "../state.js";

const WIDTH = 372;
const value = (one) => (one === null ? "no plan" : number(one));
const siteName = (site) => siteById.get(site)?.short_name ?? site;
const cells = (...values) => values.map((one) => html("td", {class: "right"}, one));
const heads = (...labels) => html("thead", {}, html("tr", {}, ...labels.map((label, at) => html("th", {scope: "col", class: at ? "right" : ""}, label))));
const scrolled = (label, content) => html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label}, content);

function siteButton(site) {
  if (!siteById.has(site)) return site;
  return html("button", {type: "button", class: "link", "data-focus": `support-${site}`, onclick: () => openSite(site)}, siteName(site));
}

/** A button that saves one table of the study with every number in full. */
const csvButton = (name, rows) => html("p", {class: "tools"}, html("button", {type: "button", id: `${name}-csv`, "data-focus": `${name}-csv`, onclick: () => saveCsv(`${plan.name}-${name}.csv`, rows())}, "Save as CSV"));

const standingRows = () => [
  ["site", "name", ...study.slacks.flatMap(({share}) => [`within_${share}`, `within_${share}_proven`])],
  ...study.standings.map((row) => [row.site, siteById.get(row.site)?.name ?? "", ...row.standings.flatMap((standing, at) => [standing, row.certified[at] ? "proven" : "seen"])]),
];

function standingTable(rows, label) {
  const words = (row) => row.standings.map((standing, at) => html("span", {class: `standing ${row.certified[at] ? "sure" : ""}`}, standing));
  return scrolled(label, html(
    "table", {class: "sites", "data-table": "standings"}, html("caption", {}, label),
    heads("Campus", ...study.slacks.map(({share}) => `within ${percent(share, 2)}`)),
    html("tbody", {}, ...rows.map((row) => html("tr", {"data-site": row.site}, html("th", {scope: "row"}, siteButton(row.site)), ...cells(...words(row))))),
  ));
}

/** What every plan that is good enough has in common. */
function drawStandings() {
  const never = study.standings.filter((row) => row.standings.every((standing) => standing === "never build")), open = study.standings.filter((row) => !never.includes(row));
  const count = (wanted, at) => study.standings.filter((row) => row.standings[at] === wanted).length;
  return [
    html("h2", {}, "What is truly decided", html("small", {}, "over all plans that are nearly as good as the best")),
    html("ul", {class: "plain", "data-list": "slacks"}, ...study.slacks.map((slack, at) => html(
      "li", {}, html("strong", {}, `within ${percent(slack.share, 2)} of gross value`), html("span", {}, `NPV at least ${money(slack.least_npv_busd)}: ${count("must build", at)} must, ${count("never build", at)} never, ${count("free", at)} free`),
    ))),
    html("p", {class: "quiet"}, "Bold: proven. The others hold in the plans found, and a longer search may prove or refute them."),
    csvButton("standings", standingRows),
    ...(open.length ? [standingTable(open, "Campuses that some plan may build on")] : []),
    ...(never.length ? [html("details", {}, html("summary", {}, `${plural(never.length, "campus is", "campuses are")} never built on, proven`), standingTable(never, "Never built on"))] : []),
  ];
}

/** What stays over all plans of the study. */
export const drawRobustness = () => [...(study.standings.length ? drawStandings() : []), ...(study.robustness.length ? drawSupport() : [])];

const supportRows = () => [["site", "name", "plans", "of_plans", "earliest", "latest"], ...study.robustness.map((one) => [one.site, siteById.get(one.site)?.name ?? "", one.plans, study.plans, one.earliest, one.latest])];
const swingRows = () => [
  ["assumption", "low", "objective_low", "status_low", "high", "objective_high", "status_high", "swing", "proven", "sites_that_enter_or_leave"],
  ...study.swings.map((one) => [one.assumption, one.low, one.objective_low ?? "", one.status_low, one.high, one.objective_high ?? "", one.status_high, one.swing ?? "", one.proven ?? "", one.moves.join("; ")]),
];
const frontierRows = () => [["plan", ...study.axes.map(({label}) => label), "bound"], ...study.frontier.map((point) => [point.plan, ...point.values, point.bound ?? ""])];

/** How many plans of the study build on each site. */
function drawSupport() {
  const {robustness, plans} = study;
  const always = robustness.filter((one) => one.plans === plans).length;
  const table = html(
    "table", {class: "sites", "data-table": "robustness"}, html("caption", {}, `Sites by the plans that build on them, of ${plans}`),
    heads("Campus", "Plans", "Share", "First commitment"),
    html("tbody", {}, ...robustness.map((one) => html(
      "tr", {"data-site": one.site}, html("th", {scope: "row"}, siteButton(one.site)),
      ...cells(String(one.plans), percent(one.plans / plans), one.earliest === one.latest ? one.earliest : `${one.earliest} to ${one.latest}`),
    ))),
  );
  return [
    html("h2", {}, "What stays", html("small", {}, `over ${plural(plans, "plan", "plans")} of the study`)),
    html("p", {class: "quiet"}, `${plural(always, "campus gets", "campuses get")} new modules in every plan; ${plural(robustness.length - always, "other", "others")} in some. A site that no row names is built on in no plan. First commitment: the earliest and the latest over those plans.`),
    csvButton("robustness", supportRows), scrolled("Robustness", table),
  ];
}

function bar(one, x) {
  const drawing = svg("svg", {viewBox: `0 0 ${WIDTH} 20`, role: "img", "aria-label": `${one.assumption}: ${value(one.objective_low)} at ${one.low}, ${value(one.objective_high)} at ${one.high} ${study.objective}`});
  for (const [end, kind, y] of [[one.objective_low, "low", 2], [one.objective_high, "high", 10]]) {
    if (end === null) continue;
    drawing.append(svg("rect", {class: `swing ${kind}`, x: Math.min(x(end), x(study.base)), width: Math.max(0.5, Math.abs(x(end) - x(study.base))), y, height: 7}));
  }
  drawing.append(svg("line", {class: "zero", x1: x(study.base), x2: x(study.base), y1: 0, y2: 20}));
  return drawing;
}

/** Every assumption at its low and its high, the widest swing first. */
export function drawTornado() {
  const {swings, base, objective} = study;
  const ends = [base, ...swings.flatMap((one) => [one.objective_low, one.objective_high])].filter((one) => one !== null);
  const x = scaleLinear([Math.min(...ends), Math.max(...ends)], [4, WIDTH - 4]);
  const table = html(
    "table", {class: "numbers", "data-table": "tornado"}, html("caption", {}, `${objective} at both ends of each assumption`),
    heads("Assumption", "Low", "at low", "High", "at high", "Swing", "Proven", "Sites that enter or leave"),
    html("tbody", {}, ...swings.map((one) => html(
      "tr", {}, html("th", {scope: "row"}, one.assumption),
      ...cells(one.low, one.objective_low === null ? words(one.status_low) : number(one.objective_low), one.high, one.objective_high === null ? words(one.status_high) : number(one.objective_high), one.swing === null ? "–" : number(one.swing), one.proven === null ? "–" : number(one.proven), one.moves.map(siteName).join(", ") || "none"),
    ))),
  );
  return [
    html("h2", {}, "What moves the plan", html("small", {}, `${objective}; ${number(base)} as it stands`)),
    html("p", {class: "quiet"}, "Upper bar: the assumption at its low; lower bar: at its high; the upright line is the plan as it stands. A swing is proven as far as the bounds of the solves leave nothing open."),
    html("ol", {class: "plain tornado"}, ...swings.map((one) => html(
      "li", {}, html("span", {class: "name"}, `${one.assumption} (${one.low} to ${one.high})`),
      html("span", {class: "value"}, one.swing === null ? "no plan at one end" : `swing ${number(one.swing)}, of it proven ${number(one.proven)}`), bar(one, x),
    ))),
    csvButton("tornado", swingRows), scrolled("Tornado, numbers", table),
  ];
}

const HEIGHT = 200, LEFT = 52, BOTTOM = 34;

function scatter(first, across) {
  const [xs, ys] = [study.frontier.map((point) => point.values[across]), study.frontier.map((point) => point.values[first])];
  const tops = study.frontier.map((point, at) => point.bound ?? ys[at]);
  const span = (values) => [Math.min(...values), Math.max(...values)];
  const x = scaleLinear(span(xs), [LEFT + 8, WIDTH - 10]).nice(4), y = scaleLinear(span([...ys, ...tops]), [HEIGHT - BOTTOM, 10]).nice(4);
  const title = `${study.axes[first].label} against ${study.axes[across].label}`;
  const root = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}. Numbers below.`});
  for (const at of y.ticks(4)) root.append(svg("line", {class: "grid", x1: LEFT, x2: WIDTH - 4, y1: y(at), y2: y(at)}), svg("text", {class: "axis", x: LEFT - 5, y: y(at) + 3.5, "text-anchor": "end"}, tick(at)));
  for (const at of x.ticks(4)) root.append(svg("text", {class: "axis", x: x(at), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle"}, tick(at)));
  root.append(svg("text", {class: "axis", x: (LEFT + WIDTH) / 2, y: HEIGHT - 4, "text-anchor": "middle"}, `${study.axes[across].label} (${study.axes[across].more_is_better ? "more" : "less"} is better)`));
  study.frontier.forEach((point, at) => root.append(
    svg("line", {class: "tick", x1: x(xs[at]), x2: x(xs[at]), y1: y(ys[at]), y2: y(tops[at])}),
    svg("circle", {class: "frontier", cx: x(xs[at]), cy: y(ys[at]), r: 4}, svg("title", {}, `${point.plan}: ${number(ys[at])}, ${number(xs[at])}`)),
  ));
  return html("figure", {class: "chart"}, html("figcaption", {}, html("strong", {}, study.axes[first].label), html("span", {}, `against ${study.axes[across].label}`)), root);
}

/** Plans that no other beats in every objective. */
export function drawFrontier() {
  const {axes, frontier} = study;
  const bounded = frontier.some((point) => point.bound !== null);
  const table = html(
    "table", {class: "numbers", "data-table": "frontier"}, html("caption", {}, "Plans of the frontier"),
    heads("Plan", ...axes.map((axis) => axis.label), ...(bounded ? [`Bound on ${axes[0].label}`] : [])),
    html("tbody", {}, ...frontier.map((point) => html("tr", {}, html("th", {scope: "row"}, point.plan), ...cells(...point.values.map(number), ...(bounded ? [point.bound === null ? "–" : number(point.bound)] : []))))),
  );
  return [
    html("h2", {}, "What one objective costs in another", html("small", {}, plural(frontier.length, "plan", "plans"))),
    html("p", {class: "quiet"}, "No plan shown is beaten in every objective by another. Upright line: up to the proven bound. Shares are of all compute, 0 to 1."),
    ...axes.slice(1).map((_, at) => scatter(0, at + 1)),
    csvButton("frontier", frontierRows), scrolled("Frontier, numbers", table),
  ];
}
