// The page: keeps the state, asks, draws, and measures how long it took from an input to what is seen.

import { ask, json, tell } from "./ask.js";
import { chart, readout, thumbnail } from "./chart.js";
import { drawControls, drawView } from "./controls.js";
import { drawMap } from "./map.js";
import { drawRests, drawWalk, drawWhy } from "./side.js";
import { fromHash, initial, toHash } from "./state.js";
import { el, signed, typeset, written } from "./svg.js";
import { wire } from "./wire.js";

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
  const room = [byId("chart").clientWidth, byId("chart").clientHeight], along = byId("thumbs").clientWidth; // before anything moves
  byId("headline").textContent = typeset(found.headline);
  byId("sentence").textContent = typeset(found.sentence);
  byId("status").textContent = found.status;
  byId("status").title = found.warnings.join(" ");
  const slider = byId("quarter");
  slider.max = found.quarters.length - 1;
  slider.value = at;
  slider.setAttribute("aria-valuetext", found.quarters[at]);
  page.drawn = chart(byId("chart"), found, page.start, at, page.state.asked.view.state, room);
  byId("readout").textContent = typeset(readout(found, at));
  byId("command").value = found.command;
  byId("first").hidden = !found.files.length;
  byId("first").textContent = "Save world A and world B first, with the buttons above: the command reads the two files.";
  const assumed = found.warnings.filter((text) => text.includes("assumption") || text.includes("priors") || text.includes("sign"));
  byId("notes").textContent = [found.against ? `A: ${world(found, "a", found.title)}. B: ${world(found, "b", found.against)}.` : `${world(found, "a", found.title)}.`, ...assumed, `${found.source}.`].join(" ");
  byId("save-b").hidden = !page.state.asked.b;
  byId("save-a").textContent = page.state.asked.b ? "Save world A" : "Save scenario";
  thumbs(found, along || room[0]);
  if (page.state.tab === "rests") drawRests(byId("panel-rests"), page.knobs, found);
}

// A world by its title and by what was turned in it.
function world(found, which, title) {
  const turned = found.changes[which];
  return `${title} ${turned.length ? `(turned by hand: ${turned.map(typeset).join("; ")})` : found.against ? "(as the scenario has it)" : ""}`.trim();
}

function thumbs(found, along) {
  const node = byId("thumbs"), focused = node.contains(document.activeElement) ? document.activeElement.dataset.partner : null;
  node.hidden = found.panels.length < 2;
  if (node.hidden) return;
  const wide = Math.max(90, Math.floor(along / found.panels.length) - 26);
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
      if (!node.hasChildNodes()) node.replaceChildren(el("p", { class: "quiet" }, "Working it out …")); // seconds on a busy machine
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

async function begin() {
  try {
    page.start = await (await ask("start")).json();
    wire(page, { choose, draw, look, openTab, refresh, restore });
    await restore();
  } catch (error) { tell(error); }
}

begin();
