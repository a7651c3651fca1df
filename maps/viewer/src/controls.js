// Year, play, view, search, theme and keys.
import {comparable, lastYear, other, page, plan, scenarios, several, shown, years} from "./data.js";
import {byId, html} from "./dom.js";
import {LAYERS} from "./layers.js";
import {bringIntoView, zoomAll, zoomBy} from "./map.js";
import {savePicture} from "./picture.js";
import {openSite, show, state} from "./state.js";

const MILLISECONDS_PER_YEAR = 900;
let playing = null;

function play(on) {
  clearInterval(playing);
  playing = null;
  if (on) {
    if (state.year === lastYear) show({year: years[0]});
    playing = setInterval(() => (state.year >= lastYear ? play(false) : show({year: state.year + 1})), MILLISECONDS_PER_YEAR);
  }
  byId("play").setAttribute("aria-pressed", String(on));
  byId("play-sign").textContent = on ? "❚❚" : "▶";
  byId("play-word").textContent = on ? "Pause" : "Play";
}

function setUpSearch() {
  const field = byId("search"), list = byId("hits");
  const haystack = () => plan.sites.map((site) => [site, `${site.name} ${site.operator} ${site.country_name} ${site.country} ${site.bloc} ${site.site}`.toLowerCase()]);
  const close = () => { list.hidden = true; };
  const choose = (site) => {
    openSite(site.site);
    bringIntoView(site);
    field.value = "";
    close();
    byId("details").focus({preventScroll: true});
  };
  const hits = () => {
    const wanted = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return wanted.length ? haystack().filter(([, text]) => wanted.every((word) => text.includes(word))).map(([site]) => site) : [];
  };
  field.addEventListener("input", () => {
    const found = hits();
    list.replaceChildren(...found.slice(0, 8).map((site) => html(
      "li", {}, html("button", {type: "button", onclick: () => choose(site)}, html("span", {}, site.name), html("small", {}, site.country_name)),
    )));
    if (!found.length) list.append(html("li", {class: "quiet"}, "No campus of that name."));
    if (found.length > 8) list.append(html("li", {class: "quiet"}, `${found.length - 8} more: type on`));
    list.hidden = !field.value.trim();
  });
  const step = (event, direction) => {
    const buttons = [...list.querySelectorAll("button")];
    const next = buttons.indexOf(document.activeElement) + direction;
    event.preventDefault();
    (buttons[next] ?? field).focus();
  };
  byId("search").parentElement.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(event, 1);
    if (event.key === "ArrowUp") step(event, -1);
    if (event.key === "Escape") { field.value = ""; close(); field.focus(); event.stopPropagation(); }
    if (event.key === "Enter" && event.target === field && hits().length) choose(hits()[0]);
  });
  byId("search").parentElement.addEventListener("focusout", (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) close();
  });
}

/** Go to the next scenario or the one before, round and round. */
function step(way) {
  const at = scenarios.indexOf(shown);
  show({scenario: scenarios[(at + way + scenarios.length) % scenarios.length].key});
}

function setUpScenarios() {
  byId("scenarios").hidden = !several;
  const options = () => scenarios.map(({key, title}) => html("option", {value: key}, title));
  byId("scenario").replaceChildren(...options());
  byId("compare").replaceChildren(html("option", {value: ""}, "nothing"), ...options());
  for (const name of ["scenario", "compare"]) byId(name).addEventListener("change", (event) => show({[name]: event.target.value}));
}

function drawScenarios() {
  byId("scenario").value = state.scenario;
  byId("compare").value = state.compare;
  scenarios.forEach((scenario, place) => {
    byId("compare").options[place + 1].disabled = scenario === shown || !comparable(scenario, shown);
  });
  const said = shown.changes.join("; ");
  byId("changes").textContent = said && said !== shown.title ? `Changed: ${said}` : "";
  byId("note").textContent = [page.note, page.boundary_note, plan.headline.software].filter(Boolean).join(" ");
}

const darkNow = () => (state.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

/** Put the state into the controls. */
export function drawControls() {
  const year = byId("year");
  year.min = years[0];
  year.max = lastYear;
  year.value = state.year;
  year.setAttribute("aria-valuetext", `end of ${state.year}`);
  byId("year-shown").textContent = state.year;
  byId("view").value = state.view;
  byId("layer").hidden = LAYERS.length < 2;
  byId("layer").options[0].textContent = other ? "Difference in GW on line" : LAYERS[0][1];
  byId("layer").value = state.layer;
  drawScenarios();
  document.documentElement.dataset.theme = state.theme;
  document.body.dataset.tab = state.tab;
}

export function setUpControls() {
  const year = byId("year");
  year.addEventListener("input", () => { play(false); show({year: Number(year.value)}); });
  byId("play").addEventListener("click", () => play(playing === null));
  byId("view").replaceChildren(...page.regions.map((region) => html("option", {value: region.key}, region.title)));
  byId("view").addEventListener("change", (event) => show({view: event.target.value}));
  byId("layer").replaceChildren(...LAYERS.map(([value, label]) => html("option", {value}, label)));
  byId("layer").addEventListener("change", (event) => show({layer: event.target.value}));
  byId("theme").addEventListener("click", () => show({theme: darkNow() ? "light" : "dark"}));
  byId("zoom-in").addEventListener("click", () => zoomBy(1.6));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.6));
  byId("zoom-all").addEventListener("click", zoomAll);
  byId("picture").addEventListener("click", savePicture);
  byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("details").focus(); });
  setUpScenarios();
  setUpSearch();
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && state.site) show({site: "", tab: "plan"});
    if (event.target.matches("input, select, textarea, [role=tab]")) return;
    if (event.key === "ArrowRight") show({year: state.year + 1});
    if (event.key === "ArrowLeft") show({year: state.year - 1});
    if (event.key === "+") zoomBy(1.6);
    if (event.key === "-") zoomBy(1 / 1.6);
    if (event.key === "]") step(1);
    if (event.key === "[") step(-1);
    if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
  });
}
