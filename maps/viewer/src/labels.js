// Names beside campuses: largest first, in the first of four places that is free; no label covers a label or a mark.
const ruler = document.createElement("canvas").getContext("2d");

const PIXELS_PER_LABEL = 11000, FAR_STEPS = 6;

const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** `marks`: [{gw, text, radius, x, y, far}], where `far` lets a name stand further off if it must, and `covered` boxes in pixels; returns [{mark, x, y}], the left end of each base line. */
export function placeLabels(marks, {width, height, size, covered}) {
  ruler.font = `500 ${size}px system-ui, sans-serif`;
  const visible = marks.filter(({x, y}) => x > -20 && x < width + 20 && y > -20 && y < height + 20);
  const taken = visible.map(({x, y, radius}) => ({left: x - radius, right: x + radius, top: y - radius, bottom: y + radius})).concat(covered);
  const most = Math.round((width * height) / PIXELS_PER_LABEL);
  const placed = [];
  for (const mark of visible.filter(({gw}) => gw > 0).sort((a, b) => b.gw - a.gw)) {
    if (placed.length >= most) break;
    const wide = ruler.measureText(mark.text).width + 3, high = size * 1.1, gap = mark.radius + 3;
    const corners = Array.from({length: mark.far ? FAR_STEPS : 1}, (_, step) => gap + step * high).flatMap((away) => [
      [mark.x + away, mark.y - high / 2], [mark.x - away - wide, mark.y - high / 2],
      [mark.x - wide / 2, mark.y - away - high], [mark.x - wide / 2, mark.y + away],
    ]);
    for (const [left, top] of corners) {
      const box = {left, top, right: left + wide, bottom: top + high};
      const inside = left > 2 && box.right < width - 2 && top > 2 && box.bottom < height - 2;
      if (!inside || taken.some((other) => meets(box, other))) continue;
      taken.push(box);
      placed.push({mark, x: left, y: top + size * 0.86});
      break;
    }
  }
  return placed;
}
