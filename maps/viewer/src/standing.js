// The map's layer of export rules: whether the most powerful chip on sale may come to a campus, and how much of the quota
// that it would count in is used. Told by colour, by a sign in the mark and by words.
import {other, plan, ruled, shown, siteIn} from "./data.js";
import {chipCount, percent} from "./format.js";
import {state} from "./state.js";

const FULL = 0.9995;

/** Whether the map shows standings, and not power or differences. */
export const showsRules = () => state.layer === "rules";
const position = (scenario) => scenario.plan.years.indexOf(state.year);

export const chipName = (chip) => plan.chips.find((kind) => kind.chip === chip)?.name ?? chip;

/** The chip that the layer speaks of: the most powerful on sale at the end of the year; "" if there is none. */
export const flagship = () => plan.flagships[position(shown)];

const lawOf = (scenario, site) => siteIn(scenario, site.site)?.laws.find(({chip}) => chip === flagship());

/** What a law says in a year; null if its chip is not on sale then. */
export const verdictIn = (law, year) => law?.verdicts.filter((entry) => entry.year <= year).pop()?.verdict ?? null;

/** free, permitted or denied; "" where no chip is on sale. */
function standingIn(scenario, site) {
  if (!flagship()) return "";
  if (!ruled(scenario)) return "free";
  return verdictIn(lawOf(scenario, site), state.year)?.standing ?? "";
}

export const standingOf = (site) => standingIn(shown, site);

/** Whether a campus has another standing in the scenario held against. */
export const standsApart = (site) => other !== null && siteIn(other, site.site) !== undefined && standingIn(other, site) !== standingOf(site);

/** Used share of the tightest quota; null without one. */
export const quotaUsed = (site) => (ruled(shown) ? lawOf(shown, site)?.quota_used[position(shown)] ?? null : null);

/** Whether any campus of the plan has a quota now. */
export const anyQuota = () => plan.sites.some((site) => quotaUsed(site) !== null);

/** What is said of a campus. */
export function describeStanding(site) {
  const standing = standingOf(site), used = quotaUsed(site);
  if (!standing) return [`no chip is on sale at the end of ${state.year}`];
  const lines = [`${chipName(flagship())}: ${standing}`];
  const room = ruled(shown) ? lawOf(shown, site).room_million[position(shown)] : null;
  if (used !== null) lines.push(`${percent(used)} of its quota used`);
  if (room !== null && standing !== "denied") lines.push(room > 0 ? `room for ${chipCount(room)} more` : "no room for more");
  if (standsApart(site)) lines.push(`${other.title}: ${standingIn(other, site) || "not on sale"}`);
  return lines;
}

/** Sign in a mark of a radius: a cross if denied, a bar if under permit. */
export function signPath(standing, radius) {
  const arm = radius * 0.6;
  if (standing === "denied") return `M${-arm},${-arm}L${arm},${arm}M${-arm},${arm}L${arm},${-arm}`;
  return standing === "permitted" ? `M${-arm},0H${arm}` : "";
}

/** Arc round a mark, clockwise from the top: the used share of the quota. */
export function quotaPath(share, radius) {
  if (share === null || share <= 0) return "";
  const top = `M0,${-radius}`, half = (y) => `A${radius},${radius} 0 0 1 0,${y}`;
  if (share >= FULL) return `${top}${half(radius)}${half(-radius)}`;
  const angle = 2 * Math.PI * share;
  return `${top}A${radius},${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${radius * Math.sin(angle)},${-radius * Math.cos(angle)}`;
}
