// Land and borders, from the text that maps/page_basemap.py makes of their lines: see there for the form.
const FIRST = 63, BASE = 32;

/** Steps of an arc: [[right, up], ...]. */
function steps(text) {
  const numbers = [];
  let number = 0, weight = 1;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - FIRST;
    number += (digit % BASE) * weight;
    weight *= BASE;
    if (digit >= BASE) continue;
    numbers.push(number % 2 ? -(number + 1) / 2 : number / 2);
    [number, weight] = [0, 1];
  }
  return Array.from({length: numbers.length / 2}, (_, at) => [numbers[2 * at], numbers[2 * at + 1]]);
}

const packed = JSON.parse(document.getElementById("basemap-data").textContent);

/** A TopoJSON document with the layers countries, lakes and admin1. */
export const basemap = {...packed, arcs: packed.arcs.map(steps)};
