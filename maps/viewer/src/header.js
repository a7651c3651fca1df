// Title, proof and headline figures.
import {onlineSites, other, page, plan, shown, valueIn} from "./data.js";
import {byId, html} from "./dom.js";
import {money, number, percent, plural, signed, signedMoney, status, tokens} from "./format.js";
import {state} from "./state.js";

function proofText({headline}) {
  const parts = [];
  if (headline.status) parts.push(status(headline.status));
  if (headline.gap_rel !== null) parts.push(`gap ${percent(headline.gap_rel, 2)}`);
  if (headline.fractions) parts.push(headline.fractions);
  if (headline.stopped_because) parts.push(`stopped: ${headline.stopped_because}`);
  if (headline.objective === "npv" && headline.bound_busd !== null) parts.push(`no plan is worth more than ${money(headline.bound_busd)}`);
  if (headline.objective !== "npv") parts.push(`objective: ${headline.objective}`);
  parts.push(headline.regime === "none" ? "no export rules" : `rules: ${headline.regime}`);
  return parts.join(" · ");
}

const figure = (key, label, value, note) => html(
  "div", {"data-figure": key}, html("dt", {}, label), html("dd", {}, value, note ? html("small", {}, note) : null),
);

/** Figure of the scenario shown, with what it differs by from the other if there is one. */
function compared(key, label, of, text, sign, note) {
  const here = of(shown), there = other ? of(other) : null;
  const both = here !== null && there !== null;
  const said = both ? `${sign(here - there)} from ${text(there)}` : other ? "not comparable" : note;
  return figure(key, label, here === null ? "not stated" : text(here), said);
}

/** Headline figures: those of the year first, then those of the whole plan. */
export function drawHeader() {
  const {year} = state, committed = valueIn(shown, plan.totals.committed_gw, year);
  const gw = (scenario) => valueIn(scenario, scenario.plan.totals.online_gw, year);
  const signedTokens = (value) => (value < 0 ? `−${tokens(-value)}` : `+${tokens(value)}`);
  byId("title").textContent = page.title;
  byId("proof").textContent = proofText(plan);
  byId("figures").replaceChildren(
    compared("gw", `on line, end of ${year}`, gw, (value) => `${number(value)} GW`, signed, `${number(committed)} committed, ${number(Math.max(0, gw(shown) - committed))} new`),
    compared("campuses", "on line at", (scenario) => onlineSites(scenario, year).length, (count) => plural(count, "campus", "campuses"), signed),
    compared("npv", "net present value", (scenario) => scenario.plan.headline.npv_busd, money, signedMoney),
    compared("capital", "capital, whole plan", (scenario) => scenario.plan.headline.capital_busd, money, signedMoney),
    compared("chips", "chips, whole plan", (scenario) => scenario.plan.headline.chips_million, (value) => `${number(value)} M`, signed),
    compared("tokens", "tokens a month, at the end", (scenario) => scenario.plan.headline.tokens_trillion_per_month_end, tokens, signedTokens),
  );
}
