// The plans, read once from the page. Every number was computed in Python; here they are only shown.
import {unpacked} from "./packing.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const page = read("plan-data");

/** [{key, title, changes, plan}], each plan as a MapPlan of maps/view/model.py. */
export const scenarios = unpacked(page.scenarios);
/** What the study found over all its plans (maps/view/study.py); its lists are empty where it has no such part. */
export const study = unpacked(page.study);
export const plans = scenarios.map(({plan}) => plan);
export const several = scenarios.length > 1;
export const scenarioOf = (key) => scenarios.find((scenario) => scenario.key === key);

/** What is shown, and the scenario it is held against or null. These follow `choose`; read them when drawing. */
export let shown, other, plan, years, lastYear, siteById;

const sitesOf = new Map(scenarios.map((scenario) => [scenario, new Map(scenario.plan.sites.map((site) => [site.site, site]))]));

/** Whether two plans run over the same years, so that a year of one can be held against that of the other. */
export const comparable = (one, two) => String(one.plan.years) === String(two.plan.years);

/** Show a scenario, and hold it against another unless `against` is empty. */
export function choose(key, against) {
  shown = scenarioOf(key) ?? scenarios[0];
  other = scenarioOf(against) ?? null;
  plan = shown.plan;
  years = plan.years;
  lastYear = years[years.length - 1];
  siteById = sitesOf.get(shown);
}

const titles = scenarios.map(({title}) => title);
const common = titles.reduce((start, title) => [...start].filter((letter, at) => start.slice(0, at + 1) === title.slice(0, at + 1)).join(""), titles[0]);
const sharedWords = several ? common.slice(0, common.lastIndexOf(" ") + 1) : "";

/** Title of a scenario without the words with which all titles start: in narrow columns the rest tells them apart. */
export const shortTitle = ({title}) => title.slice(sharedWords.length) || title;

/** Position of a year in every yearly list of the plan shown. */
export const indexOf = (year) => years.indexOf(year);

export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** What a campus is in a scenario; undefined where the scenario does not have it. */
export const siteIn = (scenario, site) => sitesOf.get(scenario).get(site);

/** Value of a yearly list of a plan, 0 where the plan has no such list; the plan must have the year. */
export const valueIn = (scenario, values, year) => values?.[scenario.plan.years.indexOf(year)] ?? 0;

export const gwIn = (scenario, site, year) => valueIn(scenario, siteIn(scenario, site)?.online_gw, year);

/** Some totals of every scenario, each as a list of series: charts share their scale, so that scenarios can be told by eye. */
export const inAll = (name) => scenarios.map(({plan: {totals}}) => (totals[name][0]?.values || !totals[name].length ? totals[name] : [{values: totals[name]}]));

/** The same of every scenario: for the common scale of charts that `inAll` does not know. */
export const inAllPlans = (of) => scenarios.map(of);

/** Whether a plan was made under export rules, and whether any was. */
export const ruled = (scenario) => scenario.plan.rules.length > 0;
export const anyRules = scenarios.some(ruled);

/** Sites with capacity on line at the end of a year. */
export const onlineSites = (scenario, year) => scenario.plan.sites.filter((site) => valueIn(scenario, site.online_gw, year) > 0);

choose(scenarios[0].key, "");
