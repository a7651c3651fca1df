// Bringing what stands on the page to what should stand there, touching only what differs: the browser then lays out
// no more than that, and what is open, focused or scrolled stays so.
import {html} from "./dom.js";

const pending = new WeakMap();

/** An element whose children depend on its key alone: they are made only where none of that key stands already. */
export function kept(key, tag, children) {
  const node = html(tag, {"data-kept": key});
  pending.set(node, children);
  return node;
}

/** Make the children that elements of a fresh tree still lack. */
export function complete(root) {
  if (root.nodeType !== Node.ELEMENT_NODE) return root;
  for (const node of [root, ...root.querySelectorAll("[data-kept]")]) {
    node.append(...(pending.get(node)?.() ?? []));
    pending.delete(node);
  }
  return root;
}

/** Elements with listeners, or with styles that the policy keeps from being copied, are exchanged whole. */
const isWhole = (node) => node.localName === "button" || node.hasAttribute("style");

function copyAttributes(from, to) {
  for (const {name} of [...to.attributes]) if (!from.hasAttribute(name) && name !== "open") to.removeAttribute(name);
  for (const {name, value} of from.attributes) if (to.getAttribute(name) !== value) to.setAttribute(name, value);
}

/** Make an old node equal to a fresh one, in place where that is possible. */
function bring(old, fresh) {
  if (old.dataset?.kept !== undefined && old.dataset.kept === fresh.dataset?.kept) return;
  if (old.isEqualNode(fresh)) return;
  const elements = old.nodeType === Node.ELEMENT_NODE && old.nodeName === fresh.nodeName;
  if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) old.data = fresh.data;
  else if (!elements || isWhole(old) || isWhole(fresh) || old.childNodes.length !== fresh.childNodes.length) old.replaceWith(complete(fresh));
  else {
    copyAttributes(fresh, old);
    bringAll([...old.childNodes], [...fresh.childNodes]);
  }
}

const bringAll = (old, fresh) => old.forEach((node, position) => bring(node, fresh[position]));

/** Make the children of an element equal to fresh nodes. */
export function patch(parent, fresh) {
  const old = [...parent.childNodes];
  bringAll(old.slice(0, fresh.length), fresh.slice(0, old.length));
  parent.append(...fresh.slice(old.length).map(complete));
  old.slice(fresh.length).forEach((node) => node.remove());
}
