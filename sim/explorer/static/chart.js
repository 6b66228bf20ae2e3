// Fans over time: bands of 50, 80 and 95 %, median, leaders in office, events; two worlds and their difference.

import { FONT, mix, moment, signed, svg, width, written } from "./svg.js";

const INK = "#1a1a1a", QUIET = "#4d4d4d", RULE = "#e3e3e3", PAPER = "#ffffff", BASE = "#6b6b6b";
const BAND = ["#ececec", "#dcdcdc"];
const LEVELS = ["95", "80", "50"];

export class Scale {
  constructor(quarters, box, low, high) {
    this.quarters = quarters;
    this.box = box;
    this.first = moment(quarters[0]);
    this.last = moment(quarters[quarters.length - 1], true);
    this.low = low;
    this.high = high;
  }
  at(year) { return this.box.x + ((year - this.first) / (this.last - this.first)) * this.box.w; }
  x(index) { return this.at(moment(this.quarters[index]) + 0.125); }
  y(value) { return this.box.y + (1 - (value - this.low) / (this.high - this.low)) * this.box.h; }
  index(pixel) {
    const year = this.first + ((pixel - this.box.x) / this.box.w) * (this.last - this.first);
    const at = Math.floor((year - this.first) * 4);
    return Math.max(0, Math.min(this.quarters.length - 1, at));
  }
}

function path(scale, values) {
  return values.map((value, i) => `${i ? "L" : "M"}${scale.x(i).toFixed(1)} ${scale.y(value).toFixed(1)}`).join("");
}

function area(scale, [low, high]) {
  const back = [...high.keys()].reverse().map((i) => `L${scale.x(i).toFixed(1)} ${scale.y(high[i]).toFixed(1)}`).join("");
  return `${path(scale, low)}${back}Z`;
}

const whole = (fan) => fan.bands["95"].every((bound) => bound.every((value) => value !== null));

export function fan(scale, one, hue, tints, levels = LEVELS) {
  const group = svg("g", { "data-part": "fan" });
  for (const level of levels) {
    if (one.bands[level].some((bound) => bound.includes(null))) continue;
    group.append(svg("path", { d: area(scale, one.bands[level]), fill: mix(hue, tints[level]), stroke: mix(hue, 0.75), "stroke-width": 0.5, "data-level": level }));
  }
  group.append(svg("path", { d: path(scale, one.median), fill: "none", stroke: PAPER, "stroke-width": 5 }));
  group.append(svg("path", { d: path(scale, one.median), fill: "none", stroke: mix(hue, 0.6, "#000000"), "stroke-width": 2.6, "data-part": "median" }));
  return group;
}

function plain(scale, one, hue, dashed) {
  const group = svg("g", { "data-part": dashed ? "world-b" : "world-a" });
  const edge = mix(hue, 0.75);
  if (!one.bands["80"].some((bound) => bound.includes(null))) {
    group.append(svg("path", { d: area(scale, one.bands["80"]), fill: dashed ? "url(#hatch)" : hue, "fill-opacity": dashed ? 1 : 0.24, stroke: edge, "stroke-width": 0.8 }));
  }
  group.append(svg("path", { d: path(scale, one.median), fill: "none", stroke: PAPER, "stroke-width": 5 }));
  group.append(svg("path", { d: path(scale, one.median), fill: "none", stroke: mix(hue, 0.6, "#000000"), "stroke-width": 2.6, "stroke-dasharray": dashed ? "7 4" : null }));
  return group;
}

// Limits of the vertical axis: those of the measure, or around the data.
export function limits(measure, fans) {
  const values = fans.flatMap((one) => (whole(one) ? one.bands["95"].flat() : one.median)).filter((v) => v !== null);
  let low = Math.min(...values), high = Math.max(...values);
  if (measure.range && (measure.range[0] < 0 || high > 0.4 * measure.range[1])) return measure.range;
  if (measure.neutral !== null) { low = Math.min(low, measure.neutral); high = Math.max(high, measure.neutral); }
  if (low >= 0) return [0, (high || 1) * 1.06];
  const margin = 0.06 * (high - low || 1);
  return [low - margin, high + margin];
}

function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => s >= raw);
  const found = [];
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + 1e-9; t += step) found.push(Math.abs(t) < step / 1e6 ? 0 : t);
  if (found.length < 2 && count < 9) return ticks(low, high, count + 1);
  return [found, Math.max(0, -Math.floor(Math.log10(step)) + (step / power === 2.5 ? 1 : 0))];
}

function number(value, digits, measure) {
  return measure.neutral === 0 ? signed(value, digits) : (value < 0 ? "\u2212" : "") + Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function frame(scale, measure, size, few) {
  const group = svg("g", { "font-size": size });
  const { x, y, w, h } = scale.box;
  const [marks, digits] = ticks(scale.low, scale.high, Math.max(2, Math.round(h / (few ? 48 : 75))));
  for (const value of marks) {
    group.append(svg("line", { x1: x, x2: x + w, y1: scale.y(value), y2: scale.y(value), stroke: RULE }));
    group.append(svg("text", { x: x - 7, y: scale.y(value), "text-anchor": "end", "dominant-baseline": "central", fill: QUIET }, number(value, digits, measure)));
  }
  const span = scale.last - scale.first;
  const step = [1, 2, 5, 10, 20].find((s) => (span / s) * size * 3.4 <= w) || 50;
  for (let year = Math.ceil(scale.first / step) * step; year < scale.last - 0.01; year += step) {
    group.append(svg("line", { x1: scale.at(year), x2: scale.at(year), y1: y, y2: y + h, stroke: RULE }));
  }
  if (measure.neutral !== null && measure.neutral > scale.low && measure.neutral < scale.high) {
    group.append(svg("line", { x1: x, x2: x + w, y1: scale.y(measure.neutral), y2: scale.y(measure.neutral), stroke: QUIET, "stroke-width": 1.3 }));
  }
  return group;
}

function years(scale, size, y) {
  const group = svg("g", { "font-size": size, fill: INK, "text-anchor": "middle" });
  const span = scale.last - scale.first;
  const step = [1, 2, 5, 10, 20].find((s) => (span / s) * size * 3.4 <= scale.box.w) || 50;
  for (let year = Math.ceil(scale.first / step) * step; year < scale.last - 0.01; year += step) {
    group.append(svg("text", { x: Math.max(scale.at(year), scale.box.x + size), y }, String(year)));
  }
  return group;
}

function temperatures(scale, bins, size) {
  const group = svg("g", { "font-size": size, fill: QUIET });
  const edges = [[1, ""], ...bins, [-1, "hostile"]];
  let above = -Infinity;
  for (let i = 1; i < edges.length; i++) {
    const high = edges[i - 1][0], low = edges[i][0];
    if (high <= scale.low || low >= scale.high) continue;
    const y = scale.y((high + low) / 2);
    if (y - above >= size) {
      group.append(svg("text", { x: scale.box.x + scale.box.w + 8, y, "dominant-baseline": "central" }, edges[i][1]));
      above = y;
    }
    if (i < edges.length - 1) group.append(svg("line", { x1: scale.box.x + scale.box.w, x2: scale.box.x + scale.box.w + 5, y1: scale.y(low), y2: scale.y(low), stroke: QUIET }));
  }
  return group;
}

// A band of leaders in office; a name that does not fit is in the title of its stretch, and read out by assistive software.
function leaders(scale, spans, y, height, size, name) {
  const group = svg("g", { "font-size": size, "data-part": "leaders" });
  spans.forEach((span, i) => {
    const start = Math.max(moment(span.start), scale.first), end = Math.min(moment(span.end, true), scale.last);
    if (end <= start) return;
    const a = scale.at(start), b = scale.at(end);
    group.append(svg("rect", { x: a, y, width: Math.max(b - a - 1, 1), height, fill: BAND[i % 2] }, svg("title", {}, `${span.label}, ${span.start} to ${span.end}`)));
    const parts = span.label.split(" "), initials = parts.slice(0, -1).map((part) => `${part[0]}.`).join(" ");
    const label = [span.label, `${initials} ${parts[parts.length - 1]}`].find((text) => width(text, size) < b - a - 8);
    if (label) group.append(svg("text", { x: (a + b) / 2, y: y + height / 2 + 0.5, "text-anchor": "middle", "dominant-baseline": "central", fill: INK }, label));
  });
  if (name) group.append(svg("text", { x: scale.box.x - 7, y: y + height / 2, "text-anchor": "end", "dominant-baseline": "central", fill: QUIET }, name));
  return group;
}

function events(scale, marks, size) {
  const group = svg("g", { "font-size": size, fill: QUIET, "data-part": "events" });
  let free = -Infinity;
  for (const mark of [...marks].sort((p, q) => moment(p.quarter) - moment(q.quarter))) {
    const when = moment(mark.quarter) + 0.125;
    if (when < scale.first || when > scale.last) continue;
    const x = scale.at(when), wide = width(mark.label, size);
    const left = Math.min(x + 4, scale.box.x + scale.box.w - wide);
    group.append(svg("line", { x1: x, x2: x, y1: scale.box.y, y2: scale.box.y + scale.box.h, stroke: "#8c8c8c", "stroke-dasharray": "2 3" }, svg("title", {}, `${mark.label}, ${mark.quarter}`)));
    if (left > free) {
      group.append(svg("text", { x: left, y: scale.box.y + size }, mark.label));
      free = left + wide + 8;
    }
  }
  return group;
}

function hatch() {
  return svg("defs", {}, svg("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { width: 6, height: 6, fill: mix(BASE, 0.12) }), svg("line", { x1: 0, x2: 0, y1: 0, y2: 6, stroke: mix(BASE, 0.55), "stroke-width": 1.2 })));
}

function key(x, y, size, entries) {
  const group = svg("g", { "font-size": size, fill: QUIET });
  let right = x;
  for (const [draw, label] of [...entries].reverse()) {
    const wide = width(label, size);
    group.append(svg("text", { x: right, y, "text-anchor": "end", "dominant-baseline": "central" }, label));
    right -= wide + 24;
    group.append(draw(right, y));
    right -= 14;
  }
  return group;
}

const swatch = (fill, edge) => (x, y) => svg("rect", { x, y: y - 6, width: 19, height: 12, fill, stroke: edge, "stroke-width": 0.6 });
const stroke = (colour, dash) => (x, y) => svg("line", { x1: x, x2: x + 19, y1: y, y2: y, stroke: colour, "stroke-width": 2.6, "stroke-dasharray": dash });

// The colour of a panel is that of the state on the other side, whoever acts.
const hueOf = (panel, start, own) => start.states[!panel.partner || panel.partner === own ? panel.state : panel.partner].colour;

export function chart(node, document_, start, at, own, [wide, high]) {
  const w = Math.max(wide, 280), h = Math.max(high, 200), small = w < 520;
  const size = small ? 11 : w > 900 ? 15 : 12.5;
  const panel = document_.panels[document_.at], measure = document_.measure;
  const hue = hueOf(panel, start, own);
  const acting = [panel.state, panel.partner].filter((code) => code && (document_.leaders[code] || []).length);
  const bins = measure.bins.length > 0;
  const names = acting.map((code) => (small ? code : start.states[code].name));
  const left = Math.max(size * 3.9, ...names.map((name) => width(name, size * 0.92) + 13)), row = size * 1.75;
  const right = bins ? width("very warm", size * 0.92) + 14 : 16;
  const pair = Boolean(panel.difference), head = size * 2.1;
  const foot = row * acting.length + size * 2.1 + 4, room = h - head - foot - (pair ? head : 0);
  const box = { x: left, y: head, w: w - left - right, h: pair ? room * 0.56 : room };
  const scale = new Scale(document_.quarters, box, ...limits(measure, pair ? [panel.a, panel.b] : [panel.a]));
  const out = svg("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${w} ${h}`, width: w, height: h, "font-family": FONT }, hatch(), svg("rect", { width: w, height: h, fill: PAPER }));
  const title = (text, y, entries) => {
    const keyed = key(box.x + box.w, y, size * 0.92, entries);
    const free = width(text, size) < box.w + left - 8 - entries.reduce((sum, [, label]) => sum + width(label, size * 0.92) + 38, 0);
    out.append(svg("text", { x: 4, y, "font-size": size, fill: INK, "dominant-baseline": "central" }, free ? text : text.split(" (")[0]), small ? "" : keyed);
  };
  const grey = "#595959", bandKey = [[stroke(INK), "median"], ...["50", "80", "95"].map((l) => [swatch(mix(grey, start.tints[l]), mix(grey, 0.75)), `${l} %`])];
  if (pair) {
    title(measure.label, size, [[stroke(mix(hue, 0.6, "#000000")), "world A (80 %)"], [stroke(mix(BASE, 0.6, "#000000"), "7 4"), "world B (80 %)"]]);
    out.append(frame(scale, measure, size), plain(scale, panel.b, BASE, true), plain(scale, panel.a, hue, false));
  } else {
    title(measure.label, size, bandKey);
    out.append(frame(scale, measure, size), fan(scale, panel.a, hue, start.tints));
  }
  out.append(events(scale, document_.marks, size * 0.9));
  if (bins) out.append(temperatures(scale, measure.bins, size * 0.92));
  let last = scale;
  if (pair) {
    const apart = { ...measure, neutral: 0, range: null, bins: [] };
    const under = { ...box, y: box.y + box.h + head, h: room * 0.44 };
    last = new Scale(document_.quarters, under, ...limits(apart, [panel.difference]));
    title(measure.difference, under.y - size, bandKey);
    out.append(frame(last, apart, size, true), fan(last, panel.difference, hue, start.tints));
  }
  if (document_.path.length) {
    out.append(svg("path", { d: path(scale, document_.path), fill: "none", stroke: PAPER, "stroke-width": 4 }));
    out.append(svg("path", { d: path(scale, document_.path), fill: "none", stroke: INK, "stroke-width": 1.6, "data-part": "run" }));
    out.append(svg("circle", { cx: scale.x(at), cy: scale.y(document_.path[at]), r: 4.5, fill: INK, stroke: PAPER, "stroke-width": 1.5 }));
  }
  const bottom = last.box.y + last.box.h;
  acting.forEach((code, i) => out.append(leaders(last, document_.leaders[code], bottom + 4 + i * row, row - 3, size * 0.92, names[i])));
  out.append(years(last, size, bottom + 4 + acting.length * row + size * 1.3));
  out.append(svg("line", { x1: scale.x(at), x2: scale.x(at), y1: scale.box.y, y2: bottom, stroke: INK, "stroke-width": 1, "stroke-dasharray": "1 2", "data-part": "cursor" }));
  node.replaceChildren(out);
  return { scale, last };
}

export function thumbnail(document_, panel, start, own, w, h) {
  const hue = hueOf(panel, start, own), fans = document_.panels.flatMap((p) => (p.b ? [p.a, p.b] : [p.a]));
  const scale = new Scale(document_.quarters, { x: 2, y: 3, w: w - 4, h: h - 6 }, ...limits(document_.measure, fans));
  const out = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, height: h, "aria-hidden": "true" });
  const neutral = document_.measure.neutral;
  if (neutral !== null && neutral > scale.low && neutral < scale.high) out.append(svg("line", { x1: 0, x2: w, y1: scale.y(neutral), y2: scale.y(neutral), stroke: "#9a9a9a" }));
  if (panel.b) out.append(svg("path", { d: path(scale, panel.b.median), fill: "none", stroke: BASE, "stroke-width": 1.6, "stroke-dasharray": "5 3" }));
  out.append(fan(scale, panel.a, hue, start.tints));
  return out;
}

// What the chart says in one quarter, in figures.
export function readout(document_, at) {
  const panel = document_.panels[document_.at], m = document_.measure;
  const one = panel.difference || panel.a, apart = panel.difference ? { ...m, neutral: 0 } : m;
  const interval = (level) => `${level} % ${written(one.bands[level][0][at], apart)} to ${written(one.bands[level][1][at], apart)}`;
  const path_ = document_.path.length ? ` · this run stands at ${written(document_.path[at], m)}` : "";
  return `${document_.quarters[at]}: ${panel.difference ? "difference, median" : "median"} ${written(one.median[at], apart)} · ${["50", "80", "95"].map(interval).join(" · ")}${path_}`;
}
