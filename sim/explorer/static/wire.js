// What every control of the page does.

import { download, tell } from "./ask.js";
import { drawView } from "./controls.js";
import { fresh, initial, toHash } from "./state.js";
import { el } from "./svg.js";

const byId = (id) => document.getElementById(id);

function on(id, kind, act) {
  byId(id).addEventListener(kind, act);
}

export function wire(page, { choose, draw, look, openTab, refresh, restore }) {
  const asked = () => page.state.asked, world = () => asked()[page.state.turn];
  on("base", "change", (event) => { asked()[page.state.turn] = fresh(event.target.value); page.retell(event); });
  on("seat", "change", (event) => { world().seat = { leader: event.target.value, from: byId("seat-from").value || page.knobs.since }; asked().leader = event.target.value; page.retell(event); });
  on("seat-from", "change", (event) => { if (event.target.value) { world().seat = { leader: byId("seat").value, from: event.target.value }; page.retell(event); } else event.target.value = page.knobs.since; });
  on("seat-reset", "click", (event) => { world().seat = null; page.retell(event); byId("seat").focus(); });
  on("leader", "change", (event) => { asked().leader = event.target.value; page.retell(event); });
  on("inputs-from", "change", (event) => {
    page.state.from = event.target.value;
    for (const keyed of Object.values(world().inputs)) for (const one of Object.values(keyed)) one.from = page.state.from;
    refresh(event);
  });
  on("runs", "change", (event) => { asked().runs = Number(event.target.value); refresh(event); });
  on("seed", "change", (event) => { asked().seed = event.target.value === "" ? 1 : Number(event.target.value); refresh(event); });
  on("posterior", "change", (event) => { asked().a.posterior = event.target.value; if (asked().b) asked().b.posterior = event.target.value; page.retell(event); });
  on("reset", "click", (event) => { page.state = { ...initial(page.start), tab: page.state.tab }; drawView(page); page.retell(event); });
  on("measure", "change", (event) => {
    const kinds = Object.keys(page.start.measures.find((m) => m.name === event.target.value).kinds);
    asked().view.measure = event.target.value;
    if (kinds.length && !kinds.includes(asked().view.issue)) asked().view.issue = kinds[0];
    drawView(page);
    refresh(event);
  });
  on("issue", "change", (event) => { asked().view.issue = event.target.value; refresh(event); });
  on("state", "change", (event) => { asked().view.state = event.target.value; refresh(event); });
  on("view", "submit", (event) => event.preventDefault());
  on("compare", "change", (event) => {
    asked().b = event.target.checked ? { ...fresh(asked().a.base), posterior: asked().a.posterior } : null;
    page.state.turn = "a";
    page.retell(event);
  });
  for (const radio of document.querySelectorAll("[name=which]")) radio.addEventListener("change", (event) => { page.state.turn = event.target.value; page.retell(event); });
  on("quarter", "input", (event) => choose(Number(event.target.value)));
  const point = (event) => { if (page.drawn && (event.type === "pointerdown" || event.buttons)) choose(page.drawn.scale.index(event.offsetX)); };
  on("chart", "pointerdown", point);
  on("chart", "pointermove", point);
  wireTabs(page, openTab);
  wireKeeping(page, asked);
  new ResizeObserver(() => { if (page.document) { draw(); if (page.state.tab === "map") look(); } }).observe(byId("chart"));
  addEventListener("hashchange", () => { if (location.hash !== page.hash) restore(); });
}

function wireTabs(page, openTab) {
  const names = ["map", "walk", "why", "rests"];
  for (const name of names) on(`tab-${name}`, "click", () => openTab(name));
  on("tabs", "keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key], at = names.indexOf(page.state.tab);
    if (by) openTab(names[(at + by + names.length) % names.length], true);
  });
}

function wireKeeping(page, asked) {
  const keep = (id, name) => on(id, "click", () => download(name, asked()).then(() => said(byId(id), "Saved"), tell));
  keep("save-a", "world_a.yaml");
  keep("save-b", "world_b.yaml");
  keep("figure-png", "figure.png");
  keep("figure-svg", "figure.svg");
  on("copy-link", "click", () => { history.replaceState(null, "", `#${toHash(page.state)}`); copy(byId("copy-link"), location.href); });
  on("copy-command", "click", () => copy(byId("copy-command"), byId("command").value));
}

async function copy(button, text) {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = el("textarea", { class: "away" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  said(button, "Copied");
}

function said(button, word) {
  const before = button.dataset.label || button.textContent;
  button.dataset.label = before;
  button.textContent = word;
  setTimeout(() => { button.textContent = before; delete button.dataset.label; }, 1400);
}
