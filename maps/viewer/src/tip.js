// The small note beside the pointer, or beside what has the focus.
import {byId, html} from "./dom.js";

const tip = byId("tip");

export function showTip(event, title, lines) {
  tip.replaceChildren(html("strong", {}, title), ...lines.map((line) => html("div", {}, line)));
  tip.hidden = false;
  const stage = byId("stage").getBoundingClientRect();
  const box = event.target.getBoundingClientRect();
  const x = event.type === "focus" ? box.right : event.clientX, y = event.type === "focus" ? box.bottom : event.clientY;
  tip.style.left = `${Math.max(4, Math.min(x - stage.x + 12, stage.width - tip.offsetWidth - 6))}px`;
  tip.style.top = `${Math.max(4, Math.min(y - stage.y + 12, stage.height - tip.offsetHeight - 6))}px`;
}

export const hideTip = () => { tip.hidden = true; };
