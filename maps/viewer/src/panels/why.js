// Why a campus is in the plan or not, as far as its own numbers say: each against those of all campuses.
import {plan, sum, study} from "../data.js";
import {html} from "../dom.js";
import {money, number, plural} from "../format.js";

const CLEAR = 2 / 3;
const PLAN_WORDS = {
  new: "Why it is in the plan", extended: "Why the plan extends it", committed: "Why it is here", not_chosen: "Why it is not in the plan",
};

const accounts = () => plan.sites.filter(({account}) => account);
const rankOfCost = (site) => {
  const costs = accounts().map(({account}) => account.cost_usd_per_h100e_hour).filter((cost) => cost !== null);
  return `${costs.filter((cost) => cost > site.account.cost_usd_per_h100e_hour).length} of ${costs.length} campuses cost more`;
};
export const rankOf = (site) => 1 + accounts().filter(({account}) => account.value_busd > site.account.value_busd).length;

export function worth(site) {
  if (!site.account) return null;
  const {value_busd: value, revenue_usd_per_h100e_hour: earns, cost_usd_per_h100e_hour: costs} = site.account;
  const margin = earns === null ? "" : ` It earns $${number(earns)} and costs $${number(costs)} per H100e-hour at work (present values); ${rankOfCost(site)}.`;
  return html("p", {"data-worth": site.site}, `With its share of what its country, zone and stack sell it is worth ${money(value)} to the plan, number ${rankOf(site)} of ${accounts().length}.${margin}`);
}

function decision(site) {
  const modules = sum(site.phases.filter((phase) => !phase.fact).map((phase) => phase.modules));
  if (modules > 0) return `The plan commits ${plural(modules, "module", "modules")} here.`;
  return site.outcome === "committed" ? "Its modules were committed before the plan: a fact, not a choice. The plan adds none."
    : `The plan commits nothing here. What building here anyway would cost, and what would have to change: gigasite why-not ${site.site}.`;
}

function inStudy(site) {
  if (!study.robustness.length) return null;
  const found = study.robustness.find((one) => one.site === site.site);
  return html("p", {}, `${found ? found.plans : 0} of the ${study.plans} plans of the study build here.`);
}

const share = ({better, worse}) => (better + worse ? worse / (better + worse) : 0.5);
const verdict = {"+": "speaks for it", "−": "speaks against it", "·": "in the middle"};

/** What a number says: only what stands on one side of the median and apart from most. */
function signOf(own, {median}) {
  if (own.value < median && share(own) >= CLEAR) return "+";
  return own.value > median && share(own) <= 1 - CLEAR ? "−" : "·";
}

function row(own) {
  const trait = plan.traits.find(({key}) => key === own.key), sign = signOf(own, trait);
  return html(
    "tr", {"data-trait": own.key}, html("th", {scope: "row"}, html("span", {class: "sign", "aria-hidden": "true"}, sign), html("span", {class: "unseen"}, `${verdict[sign]}: `), trait.label, html("small", {}, trait.unit)),
    html("td", {}, number(own.value)), html("td", {}, number(trait.median)), html("td", {}, `${own.worse} of ${trait.sites}`),
  );
}

function traits(site) {
  if (!site.traits.length) return [];
  const ordered = [...site.traits].sort((a, b) => share(b) - share(a));
  return [
    html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Its numbers against others"}, html(
      "table", {class: "numbers traits", "data-table": "traits"},
      html("caption", {}, "Its own numbers, of which less is better, and how many campuses have more"),
      html("thead", {}, html("tr", {}, ...["", "here", "median", "better than"].map((name) => (name ? html("th", {scope: "col"}, name) : html("td", {}))))),
      html("tbody", {}, ...ordered.map(row)),
    )),
    html("p", {class: "quiet"}, "+ better than two thirds of the campuses, − worse. One number at a time: only the model weighs them together, with markets, rules and what is scarce."),
  ];
}

export const whyOf = (site) => html(
  "section", {class: "why"}, html("h3", {}, PLAN_WORDS[site.outcome] ?? "Why it is here"), html("p", {}, decision(site)), worth(site), inStudy(site), ...traits(site),
);
