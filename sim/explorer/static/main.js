// The page: keeps the state, asks, draws, and measures how long it took from an input to what is seen.

import { ask, download, json, tell } from "./ask.js";
import { chart, readout, thumbnail } from "./chart.js";
import { drawControls, drawView } from "./controls.js";
import { drawMap } from "./map.js";
import { drawRests, drawWalk, drawWhy } from "./side.js";
import { fresh, fromHash, initial, toHash } from "./state.js";
import { el, signed, typeset, written } from "./svg.js";

const byId = (id) => document.getElementById(id);
const HARDLY_BEGUN = 40; // milliseconds of work that may be thrown away for something newer
const page = { start: null, state: null, knobs: null, document: null, drawn: null, notice: null, times: [] };
window.padma = page; // for whoever wants to measure: page.times holds milliseconds from input to paint

// --- asking: one request at a time; whatever was turned meanwhile is asked next, so the fans follow the hand ------------------

let running = null, waiting = null;

function refresh(event) {
  const began = event && event.isTrusted !== undefined ? event.timeStamp : performance.now();
  if (running) {
    waiting = began;
    if (performance.now() - running.began < HARDLY_BEGUN) running.stop.abort();
    return;
  }
  running = { began: performance.now(), stop: new AbortController() };
  byId("finding").setAttribute("aria-busy", "true");
  json("fans", page.state.asked, running.stop.signal).then((found) => {
    page.document = found;
    tell(page.notice);
    page.notice = null;
    draw();
    painted(began);
    remember();
  }, (error) => {
    if (error.name === "AbortError") return;
    if (page.document || page.notice) tell(error);
    else plain(error); // a link to a view that cannot be
  }).catch(tell).finally(() => {
    running = null;
    if (waiting !== null) { const next = waiting; waiting = null; refresh({ isTrusted: true, timeStamp: next }); }
    else { byId("finding").setAttribute("aria-busy", "false"); look(); }
  });
}

// A frame is on the screen when the next one begins; the message comes after it.
function painted(began) {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { page.times.push(performance.now() - began); document.documentElement.dataset.painted = page.times.length; };
    channel.port2.postMessage(null);
  });
}

// What was turned by hand: the controls stay as they are, the fans follow.
page.turned = (event) => { refresh(event); };

// Another story or seat: what can be turned is another, too.
page.retell = async (event) => {
  try {
    page.knobs = await json("knobs", { ...page.state.asked, a: page.state.asked[page.state.turn], b: null });
    page.state.asked.leader = page.knobs.leader;
    const world = page.state.asked[page.state.turn], seated = page.knobs.seated.map((one) => one.slug);
    for (const slug of Object.keys(world.traits)) if (!seated.includes(slug)) delete world.traits[slug];
    drawControls(page);
    refresh(event);
  } catch (error) { tell(error); }
};

// --- drawing ------------------------------------------------------------------------------------------------------------------

function moment() {
  const at = page.document.quarters.indexOf(page.state.asked.view.quarter);
  return at < 0 ? page.document.quarters.length - 1 : at;
}

function draw() {
  const found = page.document, at = moment();
  byId("headline").textContent = typeset(found.headline);
  byId("sentence").textContent = typeset(found.sentence);
  byId("status").textContent = found.status;
  byId("status").title = found.warnings.join(" ");
  const slider = byId("quarter");
  slider.max = found.quarters.length - 1;
  slider.value = at;
  slider.setAttribute("aria-valuetext", found.quarters[at]);
  page.drawn = chart(byId("chart"), found, page.start, at, page.state.asked.view.state);
  byId("readout").textContent = typeset(readout(found, at));
  byId("command").value = found.command;
  const assumed = found.warnings.filter((text) => text.includes("assumption") || text.includes("priors") || text.includes("sign"));
  byId("notes").textContent = [found.against ? `A: ${found.title}. B: ${found.against}.` : `${found.title}.`, ...assumed, `${found.source}.`].join(" ");
  byId("save-b").hidden = !page.state.asked.b;
  byId("save-a").textContent = page.state.asked.b ? "Save world A" : "Save scenario";
  thumbs(found);
  if (page.state.tab === "rests") drawRests(byId("panel-rests"), page.knobs, found);
}

function thumbs(found) {
  const node = byId("thumbs"), focused = node.contains(document.activeElement) ? document.activeElement.dataset.partner : null;
  node.hidden = found.panels.length < 2;
  if (node.hidden) return;
  const wide = Math.max(90, Math.floor(node.clientWidth / found.panels.length) - 26);
  node.replaceChildren(...found.panels.map((panel, i) => {
    const code = panel.partner === page.state.asked.view.state ? panel.state : panel.partner;
    const last = panel.difference ? panel.difference.median.at(-1) : panel.a.median.at(-1);
    const figure = panel.difference ? `Δ ${signed(last)}` : written(last, found.measure);
    const button = el("button", { type: "button", "data-partner": code, "aria-pressed": String(i === found.at), onclick: (event) => { page.state.asked.view.partner = code; refresh(event); } }, el("span", {}, el("b", {}, page.start.states[code].name), ` ${figure}`), thumbnail(found, panel, page.start, page.state.asked.view.state, wide, innerHeight < 800 && innerWidth > 1120 ? 38 : 54));
    button.style.setProperty("--hue", page.start.states[code].colour);
    return button;
  }));
  if (focused) node.querySelector(`[data-partner="${CSS.escape(focused)}"]`)?.focus();
}

// --- looking closer -------------------------------------------------------------------------------------------------------------

let looking = null;

async function look() {
  if (!page.document) return;
  const { tab, asked } = page.state, node = byId(`panel-${tab}`);
  if (tab === "rests") return drawRests(node, page.knobs, page.document);
  if (looking) looking.abort();
  looking = new AbortController();
  const view = { ...asked.view, quarter: page.document.quarters[moment()] };
  if (tab === "walk" && view.run === null) view.run = 0;
  const question = { ...asked, b: null, view };
  try {
    if (tab === "map") {
      const key = JSON.stringify([asked.a, asked.runs, asked.seed, view.measure, view.issue]);
      if (page.mapped !== key) { page.map = await json("map", question, looking.signal); page.mapped = key; }
      drawMap(node, page.map, page.start, moment(), page.knobs.home);
    } else {
      node.setAttribute("aria-busy", "true");
      const found = await json(tab, question, looking.signal);
      if (tab === "walk") drawWalk(node, found, page.start, { runs: asked.runs, step, run: chooseRun });
      else drawWhy(node, found);
    }
  } catch (error) {
    if (error.name !== "AbortError") node.replaceChildren(el("p", { class: "quiet" }, `${error.message}. ${error.parts ? error.parts.how : ""}`));
  } finally { node.removeAttribute("aria-busy"); }
}

function step(by) {
  const at = Math.max(0, Math.min(page.document.quarters.length - 1, moment() + by));
  choose(at);
}

function choose(at) {
  page.state.asked.view.quarter = page.document.quarters[at];
  draw();
  remember();
  clearTimeout(choose.later);
  choose.later = setTimeout(look, 60);
}

function chooseRun(run) {
  page.state.asked.view.run = run;
  refresh();
}

function openTab(name, focus) {
  page.state.tab = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const own = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(own));
    tab.tabIndex = own ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !own;
    if (own && focus) tab.focus();
  }
  const view = page.state.asked.view, before = view.run;
  view.run = name === "walk" ? view.run ?? 0 : null;
  if (view.run !== before) refresh();
  else look();
  remember();
}

// --- the link -------------------------------------------------------------------------------------------------------------------

function remember() {
  clearTimeout(remember.later);
  remember.later = setTimeout(() => { page.hash = `#${toHash(page.state)}`; history.replaceState(null, "", page.hash); }, 150);
}

// The view that the link holds. What is wrong with it is said when the plain page stands in its place.
async function restore() {
  const found = fromHash(location.hash.slice(1), page.start);
  if (found === undefined) page.notice = { parts: { what: "the part of the address after '#' is no view of the explorer", where: "the link", why: "the scenario that opens is shown instead.", how: "copy the whole link again." } };
  page.state = found || initial(page.start);
  try {
    page.knobs = await json("knobs", { ...page.state.asked, a: page.state.asked[page.state.turn], b: null });
  } catch (error) { return plain(error); }
  show();
}

async function plain(error) {
  page.notice = error;
  page.state = initial(page.start);
  page.knobs = await json("knobs", page.state.asked);
  show();
}

function show() {
  drawView(page);
  drawControls(page);
  openTab(page.state.tab);
  refresh();
}

// --- wiring ---------------------------------------------------------------------------------------------------------------------

function on(id, kind, act) {
  byId(id).addEventListener(kind, act);
}

function wire() {
  const asked = () => page.state.asked, world = () => asked()[page.state.turn];
  on("base", "change", (event) => { asked()[page.state.turn] = fresh(event.target.value); page.retell(event); });
  on("seat", "change", (event) => { world().seat = { leader: event.target.value, from: byId("seat-from").value || page.knobs.since }; asked().leader = event.target.value; page.retell(event); });
  on("seat-from", "change", (event) => { if (event.target.value) { world().seat = { leader: byId("seat").value, from: event.target.value }; page.retell(event); } });
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
  wireTabs();
  wireKeeping(asked);
  new ResizeObserver(() => { if (page.document) { draw(); if (page.state.tab === "map") look(); } }).observe(byId("chart"));
  addEventListener("hashchange", () => { if (location.hash !== page.hash) restore(); });
}

function wireTabs() {
  const names = ["map", "walk", "why", "rests"];
  for (const name of names) on(`tab-${name}`, "click", () => openTab(name));
  on("tabs", "keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key], at = names.indexOf(page.state.tab);
    if (by) openTab(names[(at + by + names.length) % names.length], true);
  });
}

function wireKeeping(asked) {
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

async function begin() {
  try {
    page.start = await (await ask("start")).json();
    wire();
    await restore();
  } catch (error) { tell(error); }
}

begin();
