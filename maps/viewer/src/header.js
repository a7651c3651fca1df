// Title, proof and headline figures.
import {indexOf, onlineSites, plan} from "./data.js";
import {byId, html} from "./dom.js";
import {money, number, percent, plural, status, tokens} from "./format.js";
import {state} from "./state.js";

const {headline, totals} = plan;

function proofText() {
  const parts = [];
  if (headline.status) parts.push(status(headline.status));
  if (headline.gap_rel !== null) parts.push(`gap ${percent(headline.gap_rel, 2)}`);
  if (headline.stopped_because) parts.push(`stopped: ${headline.stopped_because}`);
  if (headline.objective === "npv" && headline.bound_busd !== null) parts.push(`no plan is worth more than ${money(headline.bound_busd)}`);
  if (headline.objective !== "npv") parts.push(`objective: ${headline.objective}`);
  parts.push(headline.regime === "none" ? "no export rules" : `rules: ${headline.regime}`);
  return parts.join(" · ");
}

const figure = (key, label, value, note) => html(
  "div", {"data-figure": key}, html("dt", {}, label), html("dd", {}, value, note ? html("small", {}, note) : null),
);

/** Headline figures: those of the year first, then those of the whole plan. */
export function drawHeader() {
  const now = indexOf(state.year), gw = totals.online_gw[now], committed = totals.committed_gw[now];
  byId("title").textContent = plan.title;
  byId("proof").textContent = proofText();
  const made = headline.tokens_trillion_per_month_end;
  byId("figures").replaceChildren(
    figure("gw", `on line, end of ${state.year}`, `${number(gw)} GW`, `${number(committed)} committed, ${number(Math.max(0, gw - committed))} new`),
    figure("campuses", "on line at", plural(onlineSites(state.year).length, "campus", "campuses")),
    figure("npv", "net present value", headline.npv_busd === null ? "not stated" : money(headline.npv_busd)),
    figure("capital", "capital, whole plan", money(headline.capital_busd)),
    figure("chips", "chips, whole plan", `${number(headline.chips_million)} M`),
    figure("tokens", "tokens a month, at the end", made === null ? "not stated" : tokens(made)),
  );
}
