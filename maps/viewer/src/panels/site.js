// One campus: what happens there and when, and how well the facts are known.
import {yearlyBars} from "../charts.js";
import {powerColour, powerLabel} from "../colours.js";
import {gwIn, indexOf, other, plan, siteById} from "../data.js";
import {html} from "../dom.js";
import {money, number, outcome} from "../format.js";
import {openSite, show, state} from "../state.js";
import {cashOf, limitsOf} from "./account.js";
import {chipSeries} from "./chips.js";
import {lawOfSite} from "./law.js";
import {powerOf} from "./supply.js";
import {timeline} from "./timeline.js";
import {whyOf} from "./why.js";

const fact = (term, value) => (value === "" ? [] : [html("dt", {}, term), html("dd", {}, value)]);

function capacity(site) {
  const fresh = site.online_gw.map((gw, position) => Math.max(0, gw - site.committed_gw[position]));
  const colour = powerColour(site.main_power);
  return yearlyBars({
    title: "Capacity on line", unit: "GW of IT, end of year", year: state.year,
    series: [{label: "committed", values: site.committed_gw, colour: "#4D5B6B"}, {label: "new", values: fresh, colour}],
    line: {label: "in use by chips", values: site.installed_gw},
  });
}

function facts(site) {
  const now = indexOf(state.year);
  return html(
    "dl", {class: "facts"},
    ...fact(`on line, end of ${state.year}`, `${number(site.online_gw[now])} GW of ${number(site.max_gw)} that fit`),
    ...(other ? fact(`the same in ${other.title}`, `${number(gwIn(other, site.site, state.year))} GW`) : []),
    ...fact("compute at work", `${number(site.compute_h100e_million[now])} million H100e`),
    ...fact("capital over the plan", money(site.capital_busd)),
    ...fact("most energy from", site.main_power ? powerLabel(site.main_power) : ""),
    ...fact("opened by the plan", site.opened), ...fact("first on line", site.first_energised),
    ...fact("operator", `${site.operator} (headquarters ${site.operator_hq})`), ...fact("grid", site.grid_region),
    ...fact("position", `${site.latitude}, ${site.longitude}`),
  );
}

function known(site) {
  return html(
    "section", {class: "known"}, html("h3", {}, "How well this is known"),
    html("dl", {class: "facts"}, ...fact("status today", site.standing), ...fact("confidence", site.confidence || "not stated"), ...fact("source", site.source)),
  );
}

function nothingChosen() {
  const largest = [...plan.sites].sort((a, b) => Math.max(...b.online_gw) - Math.max(...a.online_gw)).slice(0, 12);
  return [
    html("p", {}, "Choose a campus on the map, in the table or by search. The largest:"),
    html("ol", {class: "plain"}, ...largest.map((site) => html("li", {}, html("button", {type: "button", class: "link", "data-focus": `site-${site.site}`, onclick: () => openSite(site.site)}, site.name), html("span", {}, `${number(Math.max(...site.online_gw))} GW`)))),
  ];
}

export function drawSite() {
  const site = siteById.get(state.site);
  if (!site) return nothingChosen();
  const parts = [
    html("h2", {class: "name"}, site.name, html("small", {}, `${site.country_name} · ${outcome(site.outcome)}`)),
    html("p", {class: "tools"}, html("button", {type: "button", "data-focus": "close", onclick: () => show({site: "", tab: "plan"})}, "Close")),
    facts(site),
  ];
  if (site.online_gw.some((gw) => gw > 0)) {
    parts.push(
      capacity(site), ...timeline(site, powerColour(site.main_power)), whyOf(site), ...limitsOf(site), ...cashOf(site),
      yearlyBars({title: "Chips at work", unit: "million, end of year", series: chipSeries(site.chips_working_million), year: state.year}),
      ...powerOf(site), ...lawOfSite(site),
    );
  } else parts.push(...timeline(site, powerColour(site.main_power)), whyOf(site), ...limitsOf(site), ...cashOf(site), ...lawOfSite(site));
  parts.push(known(site));
  return parts;
}
