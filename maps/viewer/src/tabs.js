// The panel beside the map: tabs, and keeping the focus when a panel is drawn anew.
import {byId, html} from "./dom.js";
import {complete, patch} from "./patch.js";
import {drawChips} from "./panels/chips.js";
import {drawCompare} from "./panels/compare.js";
import {drawLimits} from "./panels/limits.js";
import {drawMoney} from "./panels/money.js";
import {drawPlan} from "./panels/plan.js";
import {drawPolicy} from "./panels/policy.js";
import {drawPower} from "./panels/power.js";
import {drawSite} from "./panels/site.js";
import {drawFrontier, drawRobustness, drawTornado} from "./panels/study.js";
import {drawTable} from "./panels/table.js";
import {TABS, show, state} from "./state.js";

const PANELS = {
  plan: drawPlan, compare: drawCompare, site: drawSite, chips: drawChips, power: drawPower, money: drawMoney, limits: drawLimits,
  policy: drawPolicy, robustness: drawRobustness, tornado: drawTornado, frontier: drawFrontier, table: drawTable,
};

function step(event) {
  const moves = {ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity};
  if (!(event.key in moves)) return;
  event.preventDefault();
  const keys = TABS.map(([key]) => key), at = keys.indexOf(state.tab), way = moves[event.key];
  const next = way === -Infinity ? 0 : way === Infinity ? keys.length - 1 : (at + way + keys.length) % keys.length;
  show({tab: keys[next]});
  byId(`tab-${keys[next]}`).focus();
}

export function setUpTabs() {
  byId("tabs").replaceChildren(...TABS.map(([key, label]) => html(
    "button", {type: "button", role: "tab", id: `tab-${key}`, "aria-controls": "details", onclick: () => show({tab: key}), onkeydown: step}, label,
  )));
}

/** Draw the open panel after some changes. What had the focus, or was opened, stays so. */
export function drawPanel(changed) {
  for (const tab of byId("tabs").children) {
    const open = tab.id === `tab-${state.tab}`;
    tab.setAttribute("aria-selected", String(open));
    tab.tabIndex = open ? 0 : -1;
  }
  const panel = byId("details"), shows = `${state.tab} ${state.site}`;
  const same = panel.dataset.shows === shows, focused = same ? document.activeElement?.dataset?.focus : undefined;
  if (same && [...changed].every((name) => name === "year")) patch(panel, present(PANELS[state.tab]()));
  else redraw(panel, same);
  panel.dataset.shows = shows;
  panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
  const wanted = focused && panel.querySelector(`[data-focus="${CSS.escape(focused)}"]`);
  if (wanted && wanted !== document.activeElement) wanted.focus();
}

const present = (nodes) => nodes.filter((node) => node !== null && node !== undefined);

/** Everything anew; of the same panel, disclosures stay open and the place in it is kept. */
function redraw(panel, same) {
  const opened = same ? [...panel.querySelectorAll("details")].map((part) => part.open) : [];
  const seen = same ? panel.parentElement.scrollTop : 0;
  panel.replaceChildren(...present(PANELS[state.tab]()).map(complete));
  panel.querySelectorAll("details").forEach((part, position) => { if (opened[position]) part.open = true; });
  panel.parentElement.scrollTop = seen;
}
