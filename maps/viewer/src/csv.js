// Saving tables. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
import {html} from "./dom.js";

/** One CSV cell. */
export function cell(value) {
  let text = String(value);
  if (typeof value !== "number" && /^[\s]*[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Offer rows (the first holds the headings) as a file. */
export function saveCsv(name, rows) {
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  const address = URL.createObjectURL(new Blob([`${text}\r\n`], {type: "text/csv;charset=utf-8"}));
  html("a", {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
