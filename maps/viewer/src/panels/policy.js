// The rules in force, and how much of each is used.
import {plan} from "../data.js";
import {html} from "../dom.js";
import {number, percent, unit, words} from "../format.js";
import {state} from "../state.js";
import {strip, usage} from "./strip.js";

const EFFECTS = {
  deny: "forbids", cap_cumulative: "caps all installations so far", cap_yearly: "caps installations of a year",
  cap_stock: "caps what is at work", share_cap: "caps a share", volume_ratio: "ties volume to volume elsewhere",
  matching_investment: "asks for matching investment",
};

const fact = (term, value) => [html("dt", {}, term), html("dd", {}, value)];

function useNow(rule) {
  if (rule.effect === "deny") return html("p", {}, "Takes what it selects out of the plan; there is nothing to count.");
  const entry = rule.years.find(({year}) => year === state.year);
  if (!entry) return html("p", {}, `Counts nothing in ${state.year}.`);
  const head = entry.limit - entry.used;
  const share = entry.share === null ? "" : ` (${percent(entry.share)} used)`;
  return html("p", {}, html("strong", {}, `${entry.when}: `), `${usage(entry, rule.unit)}, headroom ${number(head)}${share}${entry.binding_rows ? "; binds" : ""}`);
}

function card(rule) {
  const span = `${rule.effective_from} to ${rule.effective_to || "the end"}`;
  const quantity = rule.quantity === null ? [] : fact("quantity", `${number(rule.quantity)}${rule.unit ? ` (${unit(rule.unit)})` : ""}`);
  return html(
    "article", {"data-rule": rule.rule},
    html("h3", {}, rule.title, html("small", {}, `${rule.jurisdiction} ${EFFECTS[rule.effect] ?? words(rule.effect)} · ${rule.rule}`)),
    useNow(rule),
    rule.years.length ? strip(`Use of ${rule.rule}`, [{label: "used, %", unit: rule.unit, years: rule.years}], state.year) : null,
    html("dl", {class: "facts"}, ...fact("chips", rule.chip_test), ...fact("destination", rule.destination), ...fact("owner", rule.owner), ...quantity, ...fact("holds", span), ...fact("status", rule.standing), ...fact("citation", rule.citation)),
  );
}

export function drawPolicy() {
  const heading = html("h2", {}, plan.headline.regime === "none" ? "No regime" : `Regime ${plan.headline.regime}`, html("small", {}, `${plan.rules.length} rules`));
  if (!plan.rules.length) return [heading, html("p", {class: "quiet"}, "This plan was made without export rules.")];
  return [heading, ...plan.rules.map(card)];
}
