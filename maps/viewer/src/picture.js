// The map as a PNG file, with what it shows and of which year written above it.
import {other, page, plan, several, shown} from "./data.js";
import {byId, html, svg} from "./dom.js";
import {state} from "./state.js";

const HEAD = 56, FOOT = 24, SCALE = 2, MARGIN = 18, LINE = 20, TEXT = 12, MARK = 15, GAP = 16;
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

/** What the marks stand for, in a few words; the legend below says it in full. */
function meaning() {
  if (other && state.layer === "power") return `held against ${other.title}`;
  if (state.layer === "flows") return "chips that arrive in the year, from the country that designs them";
  if (state.layer === "grid") return "used part of the grid headroom of each region";
  return state.layer === "rules" ? "export rules" : "areas are GW of IT capacity, colours the power that delivers most energy";
}

/** The mark of an entry of the legend, as it is styled on the page. */
function drawnMark(mark, x, y) {
  if (mark.localName === "svg") {
    const copy = selfContained(mark), wide = mark.getBoundingClientRect().width, high = mark.getBoundingClientRect().height;
    for (const [name, value] of Object.entries({x, y: y - high / 2, width: wide, height: high})) copy.setAttribute(name, value);
    return {node: copy, wide};
  }
  const style = getComputedStyle(mark), border = Number.parseFloat(style.borderTopWidth), {width: wide, height: high} = mark.getBoundingClientRect();
  const round = style.borderTopLeftRadius.endsWith("%") ? Math.min(wide, high) / 2 : Number.parseFloat(style.borderTopLeftRadius);
  return {wide, node: svg("rect", {
    x: x + border / 2, y: y - high / 2 + border / 2, width: wide - border, height: Math.max(0, high - border), rx: Math.max(0, round - border / 2),
    fill: style.backgroundColor, stroke: border ? style.borderTopColor : "none", "stroke-width": border, "stroke-dasharray": style.borderTopStyle === "dashed" ? "3 2" : null,
  })};
}

/** The legend as it stands on the page, in lines of a width: its height and its nodes, the first line at y. */
function legend(width, y, line) {
  const ruler = html("canvas").getContext("2d"), nodes = [];
  ruler.font = `400 ${TEXT}px ${getComputedStyle(document.body).fontFamily}`;
  let x = MARGIN, row = 0;
  for (const entry of byId("meanings").childNodes) {
    const text = entry.textContent.trim(), mark = entry.querySelector?.("i.swatch, svg"), wide = ruler.measureText(text).width + (mark ? MARK + 6 : 0);
    if (x > MARGIN && x + wide > width - MARGIN) [x, row] = [MARGIN, row + 1];
    const middle = y + row * LINE + LINE / 2, drawn = mark ? drawnMark(mark, x, middle) : null, left = drawn ? x + drawn.wide + 5 : x;
    nodes.push(...(drawn ? [drawn.node] : []), line(left, middle + TEXT * 0.36, TEXT, 400, text));
    x = left + ruler.measureText(text).width + GAP;
  }
  return {nodes, high: (row + 1) * LINE};
}

function written(width, height) {
  const style = getComputedStyle(document.body), ink = style.color, family = style.fontFamily;
  const line = (x, y, size, weight, text) => svg("text", {x, y, fill: ink, "font-family": family, "font-size": size, "font-weight": weight}, text);
  const scenario = several ? ` · ${shown.title}` : "";
  const meanings = legend(width, height + HEAD + 4, line), high = HEAD + height + meanings.high + FOOT;
  const root = svg("svg", {xmlns: "http://www.w3.org/2000/svg", width: SCALE * width, height: SCALE * high, viewBox: `0 0 ${width} ${high}`});
  root.append(
    svg("rect", {width, height: high, fill: style.backgroundColor}),
    line(MARGIN, 26, 18, 700, page.title), line(MARGIN, 46, 13, 400, `End of ${state.year}${scenario} · ${meaning()}`),
    ...meanings.nodes, line(MARGIN, high - 8, 10, 400, page.boundary_note),
  );
  return {root, high};
}

/** Offer the map as it stands, at twice its size. */
export async function savePicture() {
  const map = byId("map"), {width, height} = map.getBoundingClientRect();
  const {root, high} = written(width, height), copy = selfContained(map);
  for (const [name, value] of Object.entries({x: 0, y: HEAD, width, height})) copy.setAttribute(name, value);
  root.append(copy);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(root))}`;
  await image.decode();
  const canvas = html("canvas", {width: Math.round(SCALE * width), height: Math.round(SCALE * high)});
  canvas.getContext("2d").drawImage(image, 0, 0);
  const address = URL.createObjectURL(await new Promise((done) => { canvas.toBlob(done, "image/png"); }));
  html("a", {href: address, download: `${plan.name}${several ? `-${shown.key}` : ""}-${state.year}.png`}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
