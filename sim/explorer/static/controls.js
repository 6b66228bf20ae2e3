// The controls: every one is an ordinary labelled element, so that keyboard and screen reader work without further ado.

import { basis } from "./side.js";
import { put } from "./state.js";
import { el, signed } from "./svg.js";

const byId = (id) => document.getElementById(id);

export function options(node, entries, chosen) {
  node.replaceChildren(...entries.map(([value, label]) => el("option", { value }, label)));
  node.value = chosen;
}

// A slider with the coded value and its range marked under it, and a field for the exact number.
function knob(one, id, value, turned, change) {
  const [low, high] = one.limits, share = (v) => `${(100 * (v - low)) / (high - low)}%`;
  const slider = el("input", { type: "range", id, min: low, max: high, step: 0.01, "aria-describedby": `${id}-coded` });
  const exact = el("input", { type: "number", step: 0.01, "aria-label": `${one.label}, exact value`, class: "exact" });
  slider.value = value;
  exact.value = Number(value.toFixed(4));
  const back = el("button", { type: "button", class: "back", "aria-label": `${one.label}: back to the coded value` }, "↺");
  back.hidden = !turned;
  const put_ = (number, event) => { back.hidden = false; change(number, event); };
  slider.addEventListener("input", (event) => { exact.value = slider.value; put_(Number(slider.value), event); });
  exact.addEventListener("change", (event) => {
    if (exact.value.trim() === "") return;
    slider.value = exact.value;
    put_(Number(exact.value), event);
  });
  back.addEventListener("click", (event) => { slider.value = one.value; exact.value = Number(one.value.toFixed(4)); back.hidden = true; slider.focus(); change(undefined, event); });
  const track = el("div", { class: "track" });
  if (one.range) {
    const band = el("span", { class: "band" });
    band.style.left = share(one.range[0]);
    band.style.width = `${(100 * (one.range[1] - one.range[0])) / (high - low)}%`;
    track.append(band);
  }
  const mark = el("span", { class: "coded" });
  mark.style.left = share(one.value);
  track.append(mark, slider);
  const coded = one.range ? `coded ${signed(one.value)}, ${signed(one.range[0])} to ${signed(one.range[1])}` : `now ${signed(one.value)}${one.last !== one.value ? `, later ${signed(one.last)}` : ""}`;
  const more = el("details", {}, el("summary", { id: `${id}-coded` }, coded, el("span", { class: `tag ${one.basis}` }, one.basis)), basis(one));
  return el("div", { class: "knob", "data-key": one.key }, el("div", { class: "line" }, el("label", { for: id }, one.label), back, exact), track, more);
}

export function drawControls(page) {
  const { state, knobs, start } = page;
  const world = state.asked[state.turn];
  options(byId("base"), start.scenarios.filter((one) => !one.overlay || one.name === world.base).map((one) => [one.name, one.title]), world.base);
  byId("question").textContent = knobs.question || "";
  drawOverlays(page, world);
  drawSeat(page, world);
  drawTraits(page, world);
  drawInputs(page, world);
  drawEvents(page, world);
  options(byId("runs"), start.runs.map((n) => [n, n.toLocaleString("en")]), state.asked.runs);
  byId("seed").value = state.asked.seed;
  byId("posterior").value = world.posterior;
  byId("which").hidden = !state.asked.b;
  for (const radio of document.querySelectorAll("[name=which]")) radio.checked = radio.value === state.turn;
}

function drawOverlays(page, world) {
  const boxes = page.start.scenarios.filter((one) => one.overlay).map((one) => {
    const box = el("input", { type: "checkbox", value: one.name });
    box.checked = world.overlays.includes(one.name);
    box.addEventListener("change", (event) => {
      world.overlays = box.checked ? [...world.overlays, one.name] : world.overlays.filter((name) => name !== one.name);
      world.events = Object.fromEntries(Object.entries(world.events).filter(([name]) => page.knobs.events.some((e) => e.name === name && box.checked)));
      page.retell(event);
    });
    return el("label", { title: one.differs }, box, one.title);
  });
  byId("overlays").replaceChildren(...boxes);
  byId("overlay-count").textContent = world.overlays.length ? `(${world.overlays.length})` : "";
}

function drawSeat(page, world) {
  const { knobs } = page;
  byId("seat-title").textContent = `Who governs ${page.start.states[knobs.home].name}`;
  const entries = knobs.candidates.map((one) => [one.slug, `${one.name} (${one.party})`]);
  options(byId("seat"), entries.some(([slug]) => slug === knobs.governing) ? entries : [[knobs.governing, knobs.seated.find((one) => one.slug === knobs.governing)?.name || knobs.governing], ...entries], knobs.governing);
  byId("seat-from").value = knobs.since;
  byId("seat-reset").hidden = !world.seat;
}

function drawTraits(page, world) {
  const { knobs } = page;
  options(byId("leader"), knobs.seated.map((one) => [one.slug, `${one.name} (${page.start.states[one.heads].name})`]), knobs.leader);
  byId("about").textContent = knobs.about;
  byId("traits").replaceChildren(...knobs.traits.map((one, i) => {
    const held = (world.traits[knobs.leader] || {})[one.key];
    return knob(one, `trait-${i}`, held ?? one.value, held !== undefined, (value, event) => {
      put(world.traits, [knobs.leader, one.key], value);
      page.turned(event);
    });
  }));
}

function drawInputs(page, world) {
  const { knobs, state } = page;
  if (!knobs.quarters.includes(state.from)) state.from = knobs.quarters[0];
  options(byId("inputs-from"), knobs.quarters.map((name) => [name, name]), state.from);
  const draw = (one, i) => {
    const held = (world.inputs[one.name] || {})[one.key];
    return knob(one, `input-${one.name}-${i}`, held ? held.value : one.value, Boolean(held), (value, event) => {
      put(world.inputs, [one.name, one.key], value === undefined ? undefined : { from: page.state.from, value });
      page.turned(event);
    });
  };
  const sanctions = knobs.inputs.filter((one) => one.name === "sanctions"), rivalry = knobs.inputs.filter((one) => one.name !== "sanctions");
  byId("inputs").replaceChildren(...sanctions.map(draw));
  byId("rivalry").replaceChildren(...rivalry.map(draw));
  byId("rivalries").open = byId("rivalries").open || Boolean(world.inputs.rivalry_record);
}

function drawEvents(page, world) {
  const { knobs } = page;
  byId("events-section").hidden = !knobs.events.length;
  byId("events").replaceChildren(...knobs.events.map((one, i) => {
    const day = el("input", { type: "date", id: `event-${i}`, min: "1972-01-01", max: "2100-12-31" });
    day.value = world.events[one.name] || one.from;
    day.addEventListener("change", (event) => { if (day.value) { put(world.events, [one.name], day.value === one.from ? undefined : day.value); page.turned(event); } });
    return el("div", { class: "knob" }, el("div", { class: "line" }, el("label", { for: `event-${i}` }, one.label), day), el("details", {}, el("summary", {}, `in the scenario ${one.from}`), basis(one)));
  }));
}

export function drawView(page) {
  const { state, start } = page, { view } = state.asked;
  options(byId("measure"), start.measures.map((m) => [m.name, m.label]), view.measure);
  const kinds = Object.entries((start.measures.find((m) => m.name === view.measure) || { kinds: {} }).kinds);
  byId("issue-label").hidden = !kinds.length;
  options(byId("issue"), kinds, view.issue);
  options(byId("state"), Object.entries(start.states).map(([code, one]) => [code, one.name]), view.state);
  byId("compare").checked = Boolean(state.asked.b);
}
