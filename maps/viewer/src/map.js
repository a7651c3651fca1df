// The map: land, campuses, labels, and moving about in it.
import {geoAlbers, geoArea, geoEqualEarth, geoGraticule10, geoPath} from "d3-geo";
import {scaleSqrt} from "d3-scale";
import {select} from "d3-selection";
import {zoom, zoomIdentity, zoomTransform} from "d3-zoom";
import {feature, mesh} from "topojson-client";
import {powerColour, powerLabel, stackColour} from "./colours.js";
import {basemap} from "./basemap.js";
import {gwIn, other, page, scenarios, shown, siteIn, valueIn} from "./data.js";
import {byId} from "./dom.js";
import {describeFlows, flows, flowWidth, origins, showsFlows, stackOf} from "./flows.js";
import {number, outcome, signed} from "./format.js";
import {describeRoom, roomOf, showsGrid} from "./grid.js";
import {placeLabels} from "./labels.js";
import {describeStanding, quotaPath, quotaUsed, showsRules, signPath, standingOf, standsApart} from "./standing.js";
import {openSite, state} from "./state.js";
import {hideTip, showTip} from "./tip.js";

const CANDIDATE_RADIUS = 2.5, SMALLEST_RADIUS = 2.6, SAME_RADIUS = 1.7, ARC_SPACE = 5, ORIGIN = 6;
/** Two plans agree on a campus if they are closer than this; modules are a hundred times larger. */
export const SAME_GW = 0.0005;
const frame = select("#map");
const world = frame.append("g");
const layers = Object.fromEntries(
  ["sea", "graticule", "land", "lakes", "states", "flows", "sites", "labels"].map((name) => [name, world.append("g").attr("class", name)]),
);
const countries = facingOut(feature(basemap, basemap.objects.countries));
const lakes = facingOut(feature(basemap, basemap.objects.lakes));
const states = mesh(basemap, basemap.objects.admin1);

// Campuses of all scenarios, largest first, once and for all: small ones lie on top, and the order of the Tab key never
// changes. What a campus does in a scenario is looked up when it is drawn.
const sites = campuses();
let width = 1000, height = 560, covered = [], project, path, radiusOf = scaleSqrt();

function campuses() {
  const found = new Map();
  for (const scenario of scenarios) {
    for (const site of scenario.plan.sites) {
      const known = found.get(site.site) ?? {...site, most: 0};
      found.set(site.site, {...known, most: Math.max(known.most, ...site.online_gw)});
    }
  }
  return [...found.values()].sort((a, b) => b.most - a.most);
}

/** On a sphere a ring drawn the wrong way round floods the globe, and encoders differ. */
function facingOut(collection) {
  for (const {geometry} of collection.features) {
    const polygons = geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
    for (const polygon of polygons) {
      polygon.forEach((ring, position) => {
        const floods = geoArea({type: "Polygon", coordinates: [ring]}) > 2 * Math.PI;
        if (floods !== position > 0) ring.reverse();
      });
    }
  }
  return collection;
}

const region = () => page.regions.find(({key}) => key === state.view);

function projection() {
  const {world: whole, west, east, south, north, central_longitude: middle} = region();
  const corners = [[west, south], [east, south], [west, north], [east, north], [middle, south], [middle, north]];
  if (whole) {
    const edge = 179.9;
    const box = [[middle - edge, 0], [middle + edge, 0], [middle, north], [middle, south]];
    return geoEqualEarth().rotate([-middle, 0]).fitExtent([[8, 8], [width - 8, height - 8]], {type: "MultiPoint", coordinates: box});
  }
  const sixth = (north - south) / 6;
  return geoAlbers().parallels([south + sixth, north - sixth]).rotate([-middle, 0]).center([0, (south + north) / 2])
    .fitExtent([[10, 10], [width - 10, height - 10]], {type: "MultiPoint", coordinates: corners})
    .clipExtent([[-width, -height], [2 * width, 2 * height]]);
}

/** Draw land and place the campuses: after a change of view or size. */
export function drawLand() {
  const box = byId("map").getBoundingClientRect();
  width = Math.max(280, Math.round(box.width));
  height = Math.max(200, Math.round(box.height));
  frame.attr("viewBox", `0 0 ${width} ${height}`);
  move.translateExtent([[0, 0], [width, height]]);
  project = projection();
  path = geoPath(project).digits(1);
  // Area is proportional to GW; 1 GW has a radius of 7 pixels on a wide screen.
  radiusOf = scaleSqrt([0, 1], [0, Math.max(4.2, Math.min(8, width / 135))]);
  layers.sea.selectAll("path").data([{type: "Sphere"}]).join("path").attr("d", path);
  layers.graticule.selectAll("path").data([geoGraticule10()]).join("path").attr("d", path);
  layers.land.selectAll("path").data(countries.features).join("path").attr("d", path);
  layers.lakes.selectAll("path").data([lakes]).join("path").attr("d", path);
  layers.states.selectAll("path").data([states]).join("path").attr("d", path);
  for (const site of sites) [site.x, site.y] = project([site.longitude, site.latitude]) ?? [-999, -999];
  frame.call(move.transform, zoomIdentity);
}

const move = zoom().scaleExtent([1, 32]).on("zoom", ({transform}) => {
  world.attr("transform", transform);
  resize(transform.k);
});
frame.call(move).on("dblclick.zoom", null);
export const zoomBy = (factor) => frame.call(move.scaleBy, factor);
export const zoomAll = () => frame.call(move.transform, zoomIdentity);

/** Marks grow more slowly than the map, so that zooming in pulls crowded campuses apart. */
const shrink = (scale) => scale ** 0.72;
const markRadius = (gw, scale) => (gw > 0 ? Math.max(SMALLEST_RADIUS, radiusOf(gw)) : CANDIDATE_RADIUS) / shrink(scale);

const gwNow = (site) => gwIn(shown, site.site, state.year);
const gwThere = (site) => gwIn(other, site.site, state.year);
const committedNow = (site) => valueIn(shown, siteIn(shown, site.site)?.committed_gw, state.year);

/** What the scenario shown has more than the other [GW]; nought if that is as good as nothing. */
function difference(site) {
  const more = gwNow(site) - gwThere(site);
  return Math.abs(more) < SAME_GW ? 0 : more;
}

/** Whether marks show by how much two scenarios differ. */
const showsDifference = () => other !== null && state.layer === "power";
const showsPower = () => other === null && state.layer === "power";

/** GW that the area of a mark stands for: what is on line, or by how much two scenarios differ. */
const drawnGw = (site) => (showsDifference() ? Math.abs(difference(site)) : gwNow(site));
const isPresent = (site) => [shown, showsDifference() ? other : null].some((scenario) => scenario && siteIn(scenario, site.site));

/** Radius of a mark before zooming shrinks it. */
const drawnRadius = (site, scale) => (showsDifference() && drawnGw(site) === 0 ? SAME_RADIUS / shrink(scale) : markRadius(drawnGw(site), scale));

/** Sign in a mark: told without colour what the layer says. */
function signOf(site, radius) {
  if (showsGrid()) return roomOf(site) === "full" ? signPath("permitted", radius) : null;
  return showsRules() ? signPath(standingOf(site), radius) : null;
}

function resize(scale) {
  layers.flows.selectAll("path.origin").attr("d", diamond(ORIGIN / shrink(scale)));
  layers.sites.selectAll("g.site")
    .each(function each(site) {
      const mark = select(this), radius = drawnRadius(site, scale), committed = showsPower() ? committedNow(site) : 0;
      mark.select(".mark").attr("r", radius);
      mark.select(".ring").attr("r", committed > 0 ? markRadius(committed, scale) : 0);
      mark.select(".halo").attr("r", markRadius(drawnGw(site), scale) + 3.5 / shrink(scale));
      mark.select(".sign").attr("d", signOf(site, radius));
      mark.select(".quota").attr("d", showsRules() ? quotaPath(quotaUsed(site), radius + 3.4 / shrink(scale)) : null);
    });
  drawLabels(scale);
}

function drawLabels(scale) {
  const {x, y, k} = zoomTransform(frame.node());
  const marks = sites.filter(isPresent).map((site) => ({
    site, gw: drawnGw(site), radius: markRadius(drawnGw(site), scale) * k + (showsRules() && quotaUsed(site) > 0 ? ARC_SPACE : 0), x: site.x * k + x, y: site.y * k + y,
    text: showsDifference() ? `${site.short_name} ${signed(difference(site))}` : site.short_name,
  }));
  for (const {country, name, million} of showsFlows() ? origins() : []) {
    const [left, top] = project(page.places[country]) ?? [-999, -999];
    marks.push({site: {site: `from ${country}`}, gw: Infinity, far: true, radius: ORIGIN, x: left * k + x, y: top * k + y, text: `${name}: ${number(million)} M chips`});
  }
  const placed = placeLabels(marks, {width, height, size: 11.5, covered});
  layers.labels.selectAll("text").data(placed, (label) => label.mark.site.site).join("text")
    .attr("x", (label) => (label.x - x) / k).attr("y", (label) => (label.y - y) / k)
    .attr("font-size", 11.5 / k).attr("stroke-width", 3 / k).text((label) => label.mark.text);
}

/** Boxes of what lies over the map. To ask for them makes the browser lay out the page: once, before marks are moved. */
function coveredByControls() {
  const {x, y} = byId("map").getBoundingClientRect();
  return ["zoom", "controls", "legend"].map((id) => byId(id).getBoundingClientRect())
    .map((box) => ({left: box.left - x, right: box.right - x, top: box.top - y, bottom: box.bottom - y}));
}

function describe(site) {
  if (showsDifference()) return describeDifference(site);
  const gw = gwNow(site), committed = committedNow(site), here = siteIn(shown, site.site);
  const lines = [gw > 0 ? `${number(gw)} GW on line at the end of ${state.year}` : `not on line at the end of ${state.year}`];
  if (showsRules()) return [...lines, ...describeStanding(site)];
  if (showsFlows()) return [...lines, ...describeFlows(site)];
  if (showsGrid()) return [...lines, ...describeRoom(site)];
  if (committed > 0) lines.push(`${number(committed)} GW of it committed`);
  if (here) lines.push(`${outcome(here.outcome)}${here.main_power ? ` · ${powerLabel(here.main_power)}` : ""}`);
  const delivered = here?.supply?.delivered, dollars = valueIn(shown, delivered?.usd_per_mwh, state.year);
  if (dollars) lines.push(`power at $${number(dollars)} and ${number(valueIn(shown, delivered.carbon_t_per_mwh, state.year))} t CO₂ per MWh`);
  return lines;
}

function describeDifference(site) {
  const more = difference(site), end = `at the end of ${state.year}`;
  return [
    more === 0 ? `no difference ${end}` : `${number(Math.abs(more))} GW ${more > 0 ? "more" : "less"} ${end}`,
    `${shown.title}: ${number(gwNow(site))} GW`, `${other.title}: ${number(gwThere(site))} GW`,
  ];
}

/** Colour of a mark; standings, headroom, differences, and what is not on line, have theirs from the style sheet. */
function fill(site) {
  if (showsFlows()) return stackOf(site) ? stackColour(stackOf(site)) : null;
  return showsPower() && gwNow(site) > 0 ? powerColour(siteIn(shown, site.site).main_power) : null;
}

const diamond = (arm) => `M0,${-arm}L${arm},0L0,${arm}L${-arm},0Z`;

/** Lines from the countries that design chips to the campuses at which they arrive. */
function drawFlows() {
  const found = showsFlows() ? flows().filter(({country}) => page.places[country]) : [];
  layers.flows.selectAll("path.flow").data(found, ({site, stack, country}) => `${site.site} ${stack} ${country}`).join("path")
    .attr("class", "flow").attr("data-flow", ({site, country}) => `${country} ${site.site}`)
    .attr("d", ({site, country}) => path({type: "LineString", coordinates: [page.places[country], [site.longitude, site.latitude]]}))
    .attr("stroke-width", ({million}) => flowWidth(million)).style("stroke", ({stack}) => stackColour(stack));
  layers.flows.selectAll("path.origin").data(showsFlows() ? origins() : [], ({country}) => country).join("path")
    .attr("class", "origin").attr("transform", ({country}) => `translate(${project(page.places[country])})`).style("fill", ({stack}) => stackColour(stack)).raise();
}

/** Bring the campuses to the chosen year and scenarios. */
export function drawSites() {
  covered = coveredByControls();
  drawFlows();
  layers.sites.selectAll("g.site").data(sites, (site) => site.site).join(addSite)
    .attr("transform", (site) => `translate(${site.x},${site.y})`)
    .attr("aria-label", (site) => `${site.name}, ${site.country_name}: ${describe(site).join("; ")}`)
    .attr("aria-pressed", (site) => String(site.site === state.site))
    .attr("visibility", (site) => (isPresent(site) ? null : "hidden"))
    .classed("waiting", (site) => !showsDifference() && gwNow(site) <= 0)
    .classed("more", (site) => showsDifference() && difference(site) > 0)
    .classed("less", (site) => showsDifference() && difference(site) < 0)
    .classed("same", (site) => showsDifference() && difference(site) === 0)
    .classed("free", (site) => showsRules() && standingOf(site) === "free")
    .classed("permitted", (site) => showsRules() && standingOf(site) === "permitted")
    .classed("denied", (site) => showsRules() && standingOf(site) === "denied")
    .classed("apart", (site) => showsRules() && standsApart(site))
    .classed("idle", (site) => showsFlows() && !stackOf(site))
    .attr("data-room", (site) => (showsGrid() ? roomOf(site) : null))
    .classed("open", (site) => site.site === state.site)
    .select(".mark").style("fill", fill);
  resize(zoomTransform(frame.node()).k);
}

function addSite(enter) {
  const marks = enter.append("g").attr("class", "site").attr("tabindex", 0).attr("role", "button").attr("data-site", (site) => site.site);
  for (const part of ["halo", "mark", "ring"]) marks.append("circle").attr("class", part);
  for (const part of ["sign", "quota"]) marks.append("path").attr("class", part);
  const tip = (event, site) => showTip(event, site.name, describe(site));
  return marks
    .on("click", (event, site) => openSite(site.site))
    .on("keydown", (event, site) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      openSite(site.site);
    })
    .on("mousemove", tip).on("mouseleave", hideTip)
    .on("focus", (event, site) => { bringIntoView(site); tip(event, site); }).on("blur", hideTip);
}

/** Move a campus that has the focus onto the screen. */
export function bringIntoView(site) {
  const {x, y, k} = zoomTransform(frame.node()), at = sites.find((other) => other.site === site.site);
  const left = at.x * k + x, top = at.y * k + y;
  if (left < 10 || left > width - 10 || top < 10 || top > height - 10) frame.call(move.translateTo, at.x, at.y);
}
