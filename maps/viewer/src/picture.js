// The map as a PNG file, with what it shows and of which year written above it.
import {other, page, plan, several, shown} from "./data.js";
import {byId, html, svg} from "./dom.js";
import {state} from "./state.js";

const HEAD = 56, FOOT = 24, SCALE = 2;
const STYLES = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "paint-order",
  "opacity", "display", "visibility", "font-family", "font-size", "font-weight", "text-anchor", "vector-effect",
];

/** A copy that needs no style sheet: every computed style becomes an attribute. */
function selfContained(original) {
  const copy = original.cloneNode(true);
  const [from, to] = [[original, ...original.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  from.forEach((element, at) => {
    const style = getComputedStyle(element);
    to[at].removeAttribute("style");
    for (const name of STYLES) to[at].setAttribute(name, style.getPropertyValue(name));
  });
  return copy;
}

/** What the marks stand for. */
function meaning() {
  if (other && state.layer === "power") return `held against ${other.title}`;
  if (state.layer === "flows") return "chips that arrive in the year, from the country that designs them";
  if (state.layer === "grid") return "used part of the grid headroom of each region";
  return state.layer === "rules" ? "export rules" : "areas are GW of IT capacity, colours the power that delivers most energy";
}

function written(width, height) {
  const style = getComputedStyle(document.body), ink = style.color, family = style.fontFamily;
  const line = (y, size, weight, text) => svg("text", {x: 18, y, fill: ink, "font-family": family, "font-size": size, "font-weight": weight}, text);
  const scenario = several ? ` · ${shown.title}` : "";
  const root = svg("svg", {xmlns: "http://www.w3.org/2000/svg", width: SCALE * width, height: SCALE * (height + HEAD + FOOT), viewBox: `0 0 ${width} ${height + HEAD + FOOT}`});
  root.append(
    svg("rect", {width, height: height + HEAD + FOOT, fill: style.backgroundColor}),
    line(26, 18, 700, page.title), line(46, 13, 400, `End of ${state.year}${scenario} · ${meaning()}`),
    line(height + HEAD + 16, 10, 400, page.boundary_note),
  );
  return root;
}

/** Offer the map as it stands, at twice its size. */
export async function savePicture() {
  const map = byId("map"), {width, height} = map.getBoundingClientRect();
  const root = written(width, height), copy = selfContained(map);
  for (const [name, value] of Object.entries({x: 0, y: HEAD, width, height})) copy.setAttribute(name, value);
  root.append(copy);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(root))}`;
  await image.decode();
  const canvas = html("canvas", {width: Math.round(SCALE * width), height: Math.round(SCALE * (height + HEAD + FOOT))});
  canvas.getContext("2d").drawImage(image, 0, 0);
  const address = URL.createObjectURL(await new Promise((done) => { canvas.toBlob(done, "image/png"); }));
  html("a", {href: address, download: `${plan.name}${several ? `-${shown.key}` : ""}-${state.year}.png`}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
