// Rows of years whose shade says how much of a limit is used.
import {page, scenarios, shown, years} from "../data.js";
import {html} from "../dom.js";
import {number, percent, unit, words} from "../format.js";
import {kept} from "../patch.js";

export const usage = (entry, code) => `${number(entry.used)} of ${number(entry.limit)} ${unit(code)}`;

function square(entry, year, code) {
  if (!entry) return html("td", {class: "none"}, html("span", {class: "unseen"}, "no limit"));
  const binds = entry.binding_rows > 0;
  const text = binds ? "●" : entry.share === null ? "–" : String(Math.round(100 * Math.min(entry.share, 9.99)));
  const title = `${entry.when}: ${usage(entry, code)}${binds ? `; binds in ${entry.binding_rows} of ${entry.rows}` : ""}`;
  const cell = html("td", {title, class: binds ? "binds" : ""}, html("span", {"aria-hidden": "true"}, text), html("span", {class: "unseen"}, binds ? "binding" : entry.share === null ? "unused" : percent(entry.share)));
  cell.style.setProperty("--share", `${Math.round(70 * Math.min(1, entry.share ?? 0) ** 2)}%`);
  return cell;
}

/** A table: one row per {label, unit, years}, one column per year of the plan. */
export function strip(caption, rows, chosen) {
  return html(
    "div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    html(
      "table", {class: "strip"}, html("caption", {}, caption),
      html("thead", {}, html("tr", {}, html("th", {scope: "col"}, html("span", {class: "unseen"}, "Limit")), ...years.map((year) => html("th", {scope: "col", class: year === chosen ? "now" : ""}, html("span", {"aria-hidden": "true"}, `’${String(year).slice(2)}`), html("span", {class: "unseen"}, String(year)))))),
      kept(`${shown.key} ${caption}`, "tbody", () => rows.map((row) => html("tr", {}, html("th", {scope: "row", title: row.label}, row.label), ...years.map((year) => square(row.years.find((entry) => entry.year === year), year, row.unit))))),
    ),
  );
}

export const bindingYears = (row) => row.years.filter((entry) => entry.binding_rows > 0).length;
export const tightest = (row) => Math.max(0, ...row.years.map((entry) => entry.share ?? 0));
const labels = new Map(scenarios.flatMap(({plan}) => plan.constraints.map(({family, name, label}) => [`${family} ${name}`, label])));

/** A limit in words: chip supply: Rubin. */
export const limitName = (family, name) => `${familyLabel(family)}: ${labels.get(`${family} ${name}`) ?? words(name)}`;
export const familyLabel = (family) => page.palette.families[family] ?? words(family);
