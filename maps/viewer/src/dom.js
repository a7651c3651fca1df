// Building elements. Text goes in as text nodes only, so that no name can become markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An HTML element; attributes that start with "on" are listeners. */
export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export const byId = (id) => document.getElementById(id);

/** A small filled square or disc of a colour (set through the style object, which the policy allows). */
export function swatch(colour, kind = "") {
  const mark = html("i", {class: `swatch ${kind}`, "aria-hidden": "true"});
  if (colour) mark.style.backgroundColor = colour;
  return mark;
}
