// What the export rules say about the chips of one campus, in the words of `gigasite explain`.
import {indexOf, other, plan, shown, siteIn} from "../data.js";
import {html} from "../dom.js";
import {chipCount, number, unit} from "../format.js";
import {chipName, verdictIn} from "../standing.js";
import {state} from "../state.js";

export const STANDINGS = {free: "free", permitted: "permitted", denied: "denied"};

const ruleOf = (name) => plan.rules.find(({rule}) => rule === name);

/** Verdict on a chip at a campus of a scenario; null if it is not on sale in the year or there are no rules. */
const verdictOf = (scenario, site, chip) => verdictIn(siteIn(scenario, site)?.laws.find((law) => law.chip === chip), state.year);

/** Chips on sale at the end of the year, those of one verdict together, the strictest first. */
function groups(site, now) {
  const found = new Map();
  for (const law of site.laws) {
    const verdict = verdictIn(law, state.year);
    if (!verdict) continue;
    const key = JSON.stringify(verdict);
    const group = found.get(key) ?? {verdict, chips: []};
    group.chips.push({chip: law.chip, room: law.room_million[now]});
    found.set(key, group);
  }
  const order = ["denied", "permitted", "free"];
  return [...found.values()].sort((a, b) => order.indexOf(a.verdict.standing) - order.indexOf(b.verdict.standing));
}

/** The rules that make a standing first; a rule that speaks twice stands once. */
function voices(verdict) {
  const found = new Map();
  for (const voice of verdict.voices) {
    const known = found.get(voice.rule) ?? {...voice, sayings: [], decides: false};
    found.set(voice.rule, {...known, sayings: [...known.sayings, voice.says], allows: known.allows || voice.allows, decides: known.decides || voice.decides});
  }
  return [...found.values()].sort((a, b) => b.decides - a.decides);
}

/** Group of a rule in which the chips of a campus count, by its name in the plan tables. */
const GROUP = {all: () => "", country: (site) => site.country, operator: (site) => site.operator, operator_country: (site) => `${site.operator}/${site.country}`};
const groupOf = (rule, site) => GROUP[rule.per](site);

function headroom(voice, group, chips, now) {
  const rows = plan.rooms.filter((room) => room.rule === voice.rule && room.group === group && room.headroom[now] !== null)
    .filter((room) => room.chip === "" || chips.some(({chip}) => chip === room.chip));
  const code = ruleOf(voice.rule)?.unit;
  return rows.map((room) => `headroom ${number(room.headroom[now])} ${unit(code)}${room.chip ? ` of ${chipName(room.chip)}` : ""}`);
}

function voiceRow(voice, site, chips, now) {
  const rule = ruleOf(voice.rule), group = groupOf(rule, site);
  const dates = rule.effective_to ? `${rule.effective_from} to ${rule.effective_to}` : `since ${rule.effective_from}`;
  const notes = [voice.allows && group ? `${voice.allows} for ${group}` : voice.allows, ...headroom(voice, group, chips, now), dates, rule.standing].filter(Boolean);
  return html(
    "li", {"data-voice": voice.rule, class: voice.decides ? "decides" : ""},
    html("div", {}, html("strong", {}, voice.rule), ` ${voice.sayings.join(" and ")}: ${rule.title}`),
    html("small", {}, `${rule.jurisdiction}: ${rule.citation} · ${notes.join(" · ")}`),
  );
}

function meaning({standing, voices: said}) {
  if (standing === "free") return "no jurisdiction asks for a licence";
  if (standing === "permitted") return "under a permit of every jurisdiction that asks for a licence";
  const unserved = said.filter(({decides, role}) => decides && role === "wants a permit").map(({rule}) => ruleOf(rule).jurisdiction);
  const reasons = said.some(({role}) => role === "denies it") ? ["a rule denies it"] : [];
  if (unserved.length) reasons.push(`${[...new Set(unserved)].join(" and ")} asks for a licence and no permit serves`);
  return reasons.join("; ");
}

/** "no rule limits more" of all, or the room of each chip. */
function room({verdict, chips}) {
  if (verdict.standing === "denied") return "no room";
  if (chips.every((chip) => chip.room === null)) return "no rule limits more";
  const left = chips.map((chip) => (chip.room === null ? "any number" : chipCount(chip.room)));
  if (new Set(left).size === 1 && left[0] === "0") return "the rules leave room for no more";
  if (new Set(left).size === 1) return `the rules leave room for ${left[0]} more${chips.length > 1 ? " of any one of them" : ""}`;
  return `the rules leave room for one of: ${chips.map((chip, place) => `${left[place]} more ${chipName(chip.chip)}`).join("; ")}`;
}

const badge = (standing) => html("span", {class: `badge ${standing}`}, STANDINGS[standing]);

function groupCard(group, site, now) {
  const {verdict, chips} = group, lines = voices(verdict);
  return html(
    "div", {class: "verdict", "data-standing": verdict.standing, "data-chips": chips.map(({chip}) => chip).join(" ")},
    html("p", {}, badge(verdict.standing), html("strong", {}, chips.map(({chip}) => chipName(chip)).join(", "))),
    html("p", {class: "quiet"}, `${meaning(verdict)}; ${room(group)}`),
    lines.length ? html("ul", {class: "voices"}, ...lines.map((voice) => voiceRow(voice, site, chips, now))) : null,
  );
}

function arrived(site, now) {
  const counted = new Set(site.arrivals.map(({chip}) => chip));
  const free = site.chips_installed_million.filter(({key}) => !counted.has(key)).map(({key, values}) => ({chip: key, permit: "", values}));
  const rows = [...site.arrivals, ...free].filter(({values}) => values[now] > 0);
  const heading = html("h4", {}, `Chips that arrive in ${state.year}, and how they travel`);
  if (!rows.length) return [heading, html("p", {class: "quiet"}, "None.")];
  return [heading, html("ul", {class: "plain", "data-list": "arrivals"}, ...rows.map((row) => html(
    "li", {}, html("strong", {}, `${chipCount(row.values[now])} ${chipName(row.chip)}`),
    html("span", {}, row.permit ? `under ${row.permit}` : "no permit needed"),
  )))];
}

/** Chips that stand otherwise in the scenario held against. */
function elsewhere(site) {
  if (!other) return null;
  const there = siteIn(other, site.site);
  if (!there || !other.plan.rules.length) return html("p", {class: "quiet"}, `${other.title} has no export rules here.`);
  const apart = site.laws.map(({chip}) => [chip, verdictOf(shown, site.site, chip), verdictOf(other, site.site, chip)])
    .filter(([, here, elsewhereNow]) => here && elsewhereNow && here.standing !== elsewhereNow.standing)
    .map(([chip, , elsewhereNow]) => `${chipName(chip)} ${STANDINGS[elsewhereNow.standing]}`);
  return html("p", {"data-list": "law-there"}, html("strong", {}, `In ${other.title}: `), apart.length ? apart.join(", ") : "the same standing for every chip");
}

function owner(site) {
  const parent = site.parent_country === site.operator_hq ? "" : `, parent in ${site.parent_country}`;
  return `${site.country_name}, ${site.operator}, headquarters ${site.operator_hq}${parent}`;
}

/** The section of the campus panel; nothing where the plan has no rules. */
export function lawOfSite(site) {
  if (!plan.rules.length) return [];
  const now = indexOf(state.year), found = groups(site, now);
  return [html(
    "section", {class: "law"},
    html("h3", {}, `Export rules in ${plan.year_ends[now]}`, html("small", {}, `regime ${plan.headline.regime}; ${owner(site)}`)),
    ...(found.length ? found.map((group) => groupCard(group, site, now)) : [html("p", {class: "quiet"}, "No chip is on sale then.")]),
    elsewhere(site), ...arrived(site, now),
  )];
}
