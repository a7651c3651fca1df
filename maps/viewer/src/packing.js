// Back from what maps/packing.py wrote: see there for the form. What was written once becomes one object, never changed.

/** The value that {kinds, pool, root} stand for; records become objects. */
export function unpacked({kinds, pool, root}) {
  const known = new Map();

  function entry(position) {
    if (!known.has(position)) known.set(position, typeof pool[position] === "string" ? pool[position] : value(pool[position]));
    return known.get(position);
  }

  function value(node) {
    if (typeof node === "string") return entry(Number(node));
    if (Array.isArray(node)) return node.map(value);
    if (node === null || typeof node !== "object") return node;
    const [[kind, parts]] = Object.entries(node), names = kinds[Number.parseInt(kind, 10)], cells = parts.map(value);
    const record = (pick) => Object.fromEntries(names.map((name, position) => [name, pick(cells[position])]));
    return kind.endsWith("+") ? cells[0].map((_, row) => record((column) => column[row])) : record((cell) => cell);
  }

  return value(root);
}
