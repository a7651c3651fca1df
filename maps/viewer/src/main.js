// The page of a plan, or of several. Everything is drawn from the state; the state lives in the address.
import {drawControls, setUpControls} from "./controls.js";
import {byId} from "./dom.js";
import {drawHeader} from "./header.js";
import {drawLegend} from "./legend.js";
import {drawLand, drawSites} from "./map.js";
import {setUpSheet} from "./sheet.js";
import {onChange} from "./state.js";
import {drawPanel, setUpTabs} from "./tabs.js";

function drawAll(changed) {
  drawControls();
  const scenario = changed.has("scenario") || changed.has("compare");
  if (scenario || changed.has("year")) drawHeader();
  if (scenario || changed.has("year") || changed.has("layer")) drawLegend();
  if (changed.has("view")) drawLand();
  drawSites();
  drawPanel(changed);
}

setUpControls();
setUpTabs();
setUpSheet();
drawAll(new Set(["scenario", "year", "view"]));
onChange(drawAll);

let waiting;
new ResizeObserver(() => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { drawLand(); drawSites(); }, 80);
}).observe(byId("map"));
document.documentElement.dataset.ready = "yes";
