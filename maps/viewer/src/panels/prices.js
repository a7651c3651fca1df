// What limits are worth, from a price study of the plan shown; nothing without one.
import {saveCsv} from "../csv.js";
import {plan, several, shown, study} from "../data.js";
import {html} from "../dom.js";
import {number} from "../format.js";

/** Prices are those of one plan of the page. */
export const prices = () => (!several || shown.title === study.priced ? study.prices : []);

const proven = ({least, most, value_unit: unit}) => (least === null || most === null ? "" : `, proven ${number(least)} to ${number(most)} ${unit}`);
const line = (price) => `${price.step}: ${number(price.value)} ${price.value_unit} (${price.known_by}${proven(price)})`;

/** What is known of the price of a limit, in words. */
export const priceLines = (family, name) => prices().filter((price) => price.family === family && price.name === name).map((price) => `worth: ${line(price)}`);

export const priceRows = () => [
  ["limit", "family", "name", "step", "value", "value_unit", "least", "most", "value_per_unit", "unit", "known_by", "binding"],
  ...prices().map((price) => [price.limit, price.family, price.name, price.step, price.value, price.value_unit, price.least ?? "", price.most ?? "", price.per_unit, price.unit, price.known_by, price.binding.join(", ")]),
];

const cell = (value) => (value === null ? "–" : number(value));

/** Table of all prices, the dearest first. */
export function drawPrices() {
  const found = prices();
  if (!found.length) {
    return [html("p", {class: "quiet"}, study.prices.length ? `Prices of limits are known of the plan “${study.priced}”.` : "A limit that binds is not yet a limit that costs. What moving one is worth takes a second solve: gigasite price RESULT, then gigasite map on its folder.")];
  }
  const unit = found[0].value_unit;
  return [
    html("h2", {}, "What limits are worth", html("small", {}, `${unit} for the step, from a price study of this plan`)),
    html("p", {class: "tools"}, html("button", {type: "button", id: "prices-csv", "data-focus": "prices-csv", onclick: () => saveCsv(`${plan.name}-prices.csv`, priceRows())}, "Save prices as CSV")),
    html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Prices of limits"}, html(
      "table", {class: "numbers", "data-table": "prices"}, html("caption", {}, "Re-solved where known so, else an estimate; the true value lies between least and most"),
      html("thead", {}, html("tr", {}, ...["Limit and step", "value", "least", "most", "per unit"].map((name) => html("th", {scope: "col"}, name)))),
      html("tbody", {}, ...found.map((price) => html(
        "tr", {"data-price": `${price.family} ${price.name}`},
        html("th", {scope: "row"}, price.limit, html("small", {}, `${price.step}; ${price.known_by}`)),
        html("td", {}, number(price.value)), html("td", {}, cell(price.least)), html("td", {}, cell(price.most)),
        html("td", {}, number(price.per_unit), html("small", {}, price.unit)),
      ))),
    )),
  ];
}
