// What the rules make of the plan: who computes on which stack, which permits are used, what is left, and the law itself.
import {saveCsv} from "../csv.js";
import {yearlyBars} from "../charts.js";
import {placeColour} from "../colours.js";
import {inAllPlans, indexOf, other, plan, ruled, several, shortTitle, shown, sum} from "../data.js";
import {html} from "../dom.js";
import {money, number, percent, plural, unit, words} from "../format.js";
import {state} from "../state.js";
import {blocSeries, shares} from "./shares.js";
import {strip, usage} from "./strip.js";

const EFFECTS = {
  deny: "forbids", licence: "asks for a licence", allow: "lets in without a licence",
  cap_cumulative: "caps all installations so far", cap_yearly: "caps installations of a year",
  cap_stock: "caps what is at work", share_cap: "caps a share", volume_ratio: "ties volume to volume elsewhere",
  matching_investment: "asks for matching investment", quota_step: "more quota, for a price", tariff: "tariff", revenue_share: "share of revenue",
};

const ruleOf = (name) => plan.rules.find(({rule}) => rule === name);
const scrolling = (label, table) => html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label}, table);
const head = (...cells) => html("thead", {}, html("tr", {}, ...cells.map((cell) => html("th", {scope: "col"}, cell))));

// --- chips by permit ---------------------------------------------------------------------------

function permitCharts() {
  const jurisdictions = [...new Set(plan.policy.permits.map(({jurisdiction}) => jurisdiction))];
  if (!jurisdictions.length) return [html("p", {class: "quiet"}, "No chip of this plan travels under a permit.")];
  return jurisdictions.map((jurisdiction) => {
    const flows = (scenario) => scenario.plan.policy.permits.filter((flow) => flow.jurisdiction === jurisdiction && flow.permit);
    const series = flows(shown).map(({permit, values}, position) => ({label: permit, values, colour: placeColour(position)}));
    return yearlyBars({
      title: `Chips by permit of ${jurisdiction}`, unit: "million that arrive in the year", series, among: inAllPlans(flows), year: state.year,
    });
  });
}

/** Permits of the year as numbers: small amounts cannot be seen in a chart. */
function permitTable() {
  const now = indexOf(state.year), there = other?.plan.policy.permits ?? [];
  const keys = new Map([...plan.policy.permits, ...there].map((flow) => [`${flow.jurisdiction} ${flow.permit}`, flow]));
  const million = (flows, wanted, at) => flows.find((flow) => flow.permit === wanted.permit && flow.jurisdiction === wanted.jurisdiction)?.values[at] ?? 0;
  const rows = [...keys.values()].map((flow) => ({
    name: flow.permit || `no permit of ${flow.jurisdiction} needed`,
    here: million(plan.policy.permits, flow, now), there: other ? million(there, flow, other.plan.years.indexOf(state.year)) : 0,
  })).filter((row) => row.here > 0 || row.there > 0);
  if (!rows.length) return html("p", {class: "quiet"}, `No chip arrives in ${state.year}.`);
  return scrolling("Chips by permit", html(
    "table", {class: "numbers", "data-table": "permits"}, html("caption", {}, `Million chips that arrive under each permit in ${state.year}`),
    head("Permit", ...(other ? [shown, other].map((scenario) => html("span", {class: "clipped", title: scenario.title}, shortTitle(scenario))) : ["million"])),
    html("tbody", {}, ...rows.map((row) => html(
      "tr", {"data-permit": row.name}, html("th", {scope: "row"}, row.name), html("td", {}, number(row.here)), other ? html("td", {}, number(row.there)) : null,
    ))),
  ));
}

// --- quotas --------------------------------------------------------------------------------------

function quotas() {
  const counted = plan.rules.filter(({years}) => years.length);
  const heading = html("h2", {}, "Use of quotas by year", html("small", {}, "per cent used in the tightest period and group; ● leaves nothing"));
  if (!counted.length) return [heading, html("p", {class: "quiet"}, "No rule of this regime counts anything.")];
  const rows = counted.map((rule) => ({rule, entry: rule.years.find(({year}) => year === state.year)})).filter(({entry}) => entry);
  return [
    heading, strip("Use of quotas", counted.map((rule) => ({label: rule.rule, unit: rule.unit, years: rule.years})), state.year),
    scrolling("Headroom", html(
      "table", {class: "numbers", "data-table": "headroom"}, html("caption", {}, `Headroom in the tightest row of ${state.year}`),
      head("Rule", "used", "limit", "headroom", "in"),
      html("tbody", {}, ...rows.map(({rule, entry}) => html(
        "tr", {"data-quota": rule.rule},
        html("th", {scope: "row"}, rule.rule, html("small", {}, [entry.group, entry.when].filter(Boolean).join(", "))),
        html("td", {}, number(entry.used)), html("td", {}, number(entry.limit)), html("td", {}, number(entry.slack)), html("td", {class: "unit"}, unit(rule.unit)),
      ))),
    )),
  ];
}

function quotaSteps() {
  const {steps} = plan.policy;
  if (!steps.length) return [];
  const bought = steps.filter((step) => step.bought);
  return [
    html("h2", {}, "Quota steps", html("small", {}, `${bought.length} of ${steps.length} bought, for ${money(sum(bought.map((step) => step.cost_busd)))}`)),
    scrolling("Quota steps", html(
      "table", {class: "numbers", "data-table": "steps"}, head("Step", "raises", "price", "in this plan"),
      html("tbody", {}, ...steps.map((step) => html(
        "tr", {class: step.bought ? "bought" : ""}, html("th", {scope: "row"}, step.rule, step.group ? html("small", {}, step.group) : null),
        html("td", {}, step.raises), html("td", {}, money(step.cost_busd)), html("td", {}, step.bought ? "bought" : "not bought"),
      ))),
    )),
  ];
}

// --- the law ---------------------------------------------------------------------------------------

const fact = (term, value) => [html("dt", {}, term), html("dd", {}, value)];

function useNow(rule) {
  if (rule.effect === "deny") return "Takes what it selects out of the plan; there is nothing to count.";
  const entry = rule.years.find(({year}) => year === state.year);
  if (!entry) return rule.years.length ? `Counts nothing in ${state.year}.` : "";
  const share = entry.share === null ? "" : ` (${percent(entry.share)} used)`;
  return `${entry.when}${entry.group ? `, ${entry.group}` : ""}: ${usage(entry, rule.unit)}, headroom ${number(entry.slack)}${share}${entry.binding_rows ? "; binds" : ""}`;
}

function details(rule) {
  const chance = rule.probability === null ? [] : fact("granted with probability", number(rule.probability));
  const lag = rule.lag_months ? fact("first delivery after", plural(rule.lag_months, "month", "months")) : [];
  const allows = rule.allows ? fact("quantity", rule.allows) : [];
  return html("details", {}, html("summary", {}, "What it covers", html("span", {class: "unseen"}, ` (${rule.rule})`)), html(
    "dl", {class: "facts"}, ...fact("chips", rule.chip_test), ...fact("destination", rule.destination), ...fact("owner", rule.owner), ...allows, ...chance, ...lag,
  ));
}

function lawRow(rule) {
  const span = rule.effective_to ? `${rule.effective_from} to ${rule.effective_to}` : `since ${rule.effective_from}`, use = useNow(rule);
  return html(
    "tr", {"data-rule": rule.rule},
    html(
      "th", {scope: "row"}, html("strong", {}, rule.rule), ` ${rule.title}`,
      html("small", {}, `${EFFECTS[rule.effect] ?? words(rule.effect)}${rule.allows ? `: ${rule.allows}` : ""}`),
      use ? html("small", {class: "use"}, use) : null,
      rule.idle_because ? html("small", {class: "idle"}, `No effect here: ${rule.idle_because}.`) : null, details(rule),
    ),
    html("td", {}, `${rule.jurisdiction}: ${rule.citation}`, html("small", {}, `${span} · ${rule.standing}`)),
  );
}

const law = (title, rules) => scrolling(title, html("table", {class: "law-table"}, html("caption", {}, title), head("Rule", "Law"), html("tbody", {}, ...rules.map(lawRow))));

function laws() {
  const now = indexOf(state.year), end = plan.year_ends[now];
  const groups = [
    [`In force in ${end}`, plan.rules.filter((rule) => rule.in_force[now] && !rule.idle_because)],
    [`Not in force in ${end}`, plan.rules.filter((rule) => !rule.in_force[now] && !rule.idle_because)],
    ["Without effect on this instance", plan.rules.filter((rule) => rule.idle_because)],
  ];
  return groups.filter(([, rules]) => rules.length).flatMap(([title, rules]) => [html("h2", {}, title, html("small", {}, plural(rules.length, "rule", "rules"))), law(title, rules)]);
}

/** Rules that one of two regimes has and the other has not. */
function regimesApart() {
  if (!other) return [];
  const names = (scenario) => scenario.plan.rules.map(({rule}) => rule);
  const only = (one, two) => names(one).filter((rule) => !names(two).includes(rule));
  const row = (one, two, key) => html("p", {"data-list": key}, html("strong", {}, `Rules only in ${one.title}: `), only(one, two).join(", ") || "none");
  return [row(shown, other, "rules-here"), row(other, shown, "rules-there")];
}

/** All that the tab counts, with every number in full. */
export function policyRows() {
  const {policy, rules, years} = plan;
  return [
    ["table", "row", "part", "unit", ...years],
    ...policy.compute.map((row) => ["compute", row.label, row.stack, "million H100e, end of year", ...row.values]),
    ...policy.permits.map((row) => ["chips by permit", row.jurisdiction, row.permit || "none needed", "million", ...row.values]),
    ...rules.filter((rule) => rule.years.length).flatMap((rule) => ["used", "limit"].map((what) => [
      `quota ${what}`, rule.rule, "tightest", rule.unit, ...years.map((year) => rule.years.find((entry) => entry.year === year)?.[what] ?? ""),
    ])),
    ...policy.steps.map((step) => ["quota step", step.rule, step.group, "B USD", step.bought ? `bought for ${step.cost_busd}` : `not bought for ${step.cost_busd}`]),
  ];
}

export function drawPolicy() {
  const {year} = state, name = `${plan.name}${several ? `-${shown.key}` : ""}-policy.csv`;
  const heading = html("h2", {}, ruled(shown) ? `Regime ${plan.headline.regime}` : "No export rules", html("small", {}, ruled(shown) ? plural(plan.rules.length, "rule", "rules") : "this plan was made without"));
  const computed = yearlyBars({title: "Compute by bloc and stack", unit: "million H100e, end of year", series: blocSeries(shown), among: inAllPlans((scenario) => scenario.plan.policy.compute), year});
  const tools = html("p", {class: "tools"}, html("button", {type: "button", id: "policy-csv", "data-focus": "policy-csv", onclick: () => saveCsv(name, policyRows())}, "Save all years as CSV"));
  const always = [heading, ...regimesApart(), computed, ...shares()];
  if (!ruled(shown)) return [...always, tools];
  return [...always, ...permitCharts(), permitTable(), ...quotas(), ...quotaSteps(), tools, ...laws()];
}
