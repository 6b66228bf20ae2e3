"use strict";
/* The interactive chart: draws medians and intervals from the numbers in the page, and asks nobody else for anything. */
(() => {
  const held = document.getElementById("chart-data");
  if (!held) return;
  const data = JSON.parse(held.textContent);
  const box = document.getElementById("chart");
  const [pick, what, drawing, read] = [".pick", ".what", ".drawing", ".read"].map((name) => box.querySelector(name));
  const COLUMNS = 7; // median, then low and high of the 95, 80 and 50 % intervals
  const BANDS = [[1, 2, 0.17, "95 %"], [3, 4, 0.36, "80 %"], [5, 6, 0.6, "50 %"]];
  const minus = (text) => text.replace(/-(?=[\d.])/g, "\u2212");
  const name = (code) => data.names[code] || code;
  const asked = { layer: 0, ...data.start };
  let cursor = -1;

  // --- numbers and names ---------------------------------------------------------------------------------------------

  function measure() {
    const m = { ...data.measures[asked.measure] };
    if (!data.layers[asked.layer].difference) return m;
    const unit = m.words ? "index points" : m.unit;
    const label = "Difference in " + m.label[0].toLowerCase() + m.label.slice(1);
    return { ...m, label, unit, range: null, neutral: 0, words: "", difference: true };
  }

  function number(value, m) {
    if (value === null || value === undefined) return "–";
    const share = m.range && m.range[0] === 0 && m.range[1] === 1;
    if (share && Math.abs(value) > 0 && Math.abs(value) < 0.095) return value.toFixed(3);
    if (m.range || m.neutral !== null || Math.abs(value) < 10) {
      const text = value.toFixed(2).replace(/^-(0\.00)$/, "$1");
      return minus((m.neutral === 0 && value > 0 && text !== "0.00" ? "+" : "") + text);
    }
    return minus(Math.round(value).toLocaleString("en"));
  }

  function word(value, m) {
    if (!m.words || value === null) return "";
    const found = data.words.find(([limit]) => Math.round(value * 100) / 100 >= limit);
    return ", " + (found ? found[1] : "hostile");
  }

  const keys = () => Object.keys(data.layers[asked.layer].series).map((key) => key.split("|"));
  const tie = (key) => key[1] + "|" + key[2];
  const tieName = (text) => {
    const [state, partner] = text.split("|");
    return partner ? name(state) + " \u2192 " + name(partner) : name(state);
  };

  function series(layer) {
    return data.layers[layer].series[[asked.measure, asked.state, asked.partner, asked.issue].join("|")];
  }

  // --- choosing ------------------------------------------------------------------------------------------------------

  function select(label, options, chosen, set) {
    const outer = document.createElement("label"), inner = document.createElement("select");
    outer.append(label);
    for (const [value, text] of options) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = text;
      option.selected = value === String(chosen);
      inner.append(option);
    }
    inner.dataset.choose = label;
    inner.addEventListener("change", () => { set(inner.value); show(); focusOn(label); });
    outer.append(inner);
    pick.append(outer);
  }

  const focusOn = (label) => pick.querySelector('[data-choose="' + label + '"]')?.focus();
  const unique = (values) => [...new Set(values)];

  function choices() {
    pick.replaceChildren();
    if (data.layers.length > 1) {
      select("World", data.layers.map((l, i) => [String(i), l.title]), asked.layer, (v) => { asked.layer = Number(v); });
    }
    let possible = keys();
    const measures = unique(possible.map((k) => k[0]));
    if (!measures.includes(asked.measure)) asked.measure = measures[0];
    possible = possible.filter((k) => k[0] === asked.measure);
    const ties = unique(possible.map(tie));
    if (!ties.includes(asked.state + "|" + asked.partner)) {
      const near = ties.find((t) => t.split("|")[0] === asked.state) || ties[0];
      [asked.state, asked.partner] = near.split("|");
    }
    possible = possible.filter((k) => tie(k) === asked.state + "|" + asked.partner);
    const issues = unique(possible.map((k) => k[3]));
    if (!issues.includes(asked.issue)) asked.issue = issues[0];
    select("Tie", ties.map((t) => [t, tieName(t)]), asked.state + "|" + asked.partner,
      (v) => { [asked.state, asked.partner] = v.split("|"); });
    if (issues.length > 1 || issues[0]) {
      select("In", issues.map((k) => [k, name(k)]), asked.issue, (v) => { asked.issue = v; });
    }
    select("Measure", measures.map((m) => [m, data.measures[m].label]), asked.measure, (v) => { asked.measure = v; });
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  function draw(kind, attributes, parent, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }

  function mix(hue, share, other) {
    const parts = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
    const [a, b] = [parts(hue), parts(other)];
    return "rgb(" + a.map((value, i) => Math.round(share * value + (1 - share) * b[i])).join(",") + ")";
  }

  function extent(m, all) {
    const numbers = all.flat().filter((value) => value !== null);
    let low = Math.min(...numbers), high = Math.max(...numbers);
    if (m.range && (m.range[0] < 0 || high > 0.4 * m.range[1])) return m.range;
    if (m.neutral !== null) { low = Math.min(low, m.neutral); high = Math.max(high, m.neutral); }
    const room = 0.06 * (high - low || 1);
    return [low >= 0 ? 0 : low - room, high + room];
  }

  function steps(low, high, count) {
    const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].find((s) => s * power >= rough) * power;
    const found = [];
    for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9 * step; at += step) found.push(Number(at.toPrecision(8)));
    return found;
  }

  let geometry = null;

  function plot() {
    const layer = data.layers[asked.layer], m = measure(), values = series(asked.layer);
    const wide = Math.max(300, drawing.clientWidth || 900), high = Math.max(260, Math.min(460, wide * 0.5));
    const others = layer.difference ? [] : data.layers.map((l, i) => [l, i]).filter(([l, i]) => {
      return i !== asked.layer && !l.difference && series(i) && l.quarters.join() === layer.quarters.join();
    });
    const [low, top] = extent(m, [values, ...others.map(([, i]) => series(i).filter((_, at) => at % COLUMNS === 0))]);
    const left = 58, right = wide - 14, above = 12, below = high - 30, last = layer.quarters.length - 1;
    const x = (at) => left + (right - left) * (last ? at / last : 0.5);
    const y = (value) => below - (below - above) * ((value - low) / (top - low));
    drawing.replaceChildren();
    const svg = draw("svg", { viewBox: "0 0 " + wide + " " + high, "aria-hidden": "true" }, drawing);
    for (const at of steps(low, top, 5)) {
      draw("line", { x1: left, x2: right, y1: y(at), y2: y(at), stroke: "#d9d9d9" }, svg);
      draw("text", { x: left - 8, y: y(at) + 4.5, "text-anchor": "end", "font-size": 14 }, svg, minus(String(at)));
    }
    years(svg, layer.quarters, x, below, right);
    const hue = data.colours[asked.partner || asked.state] || "#7f7f7f";
    for (const [from, to, share] of BANDS) {
      for (const run of runs(values, from, to)) {
        const up = run.map((at) => x(at) + "," + y(values[at * COLUMNS + to]));
        const back = run.map((at) => x(at) + "," + y(values[at * COLUMNS + from])).reverse();
        draw("polygon", { points: [...up, ...back].join(" "), fill: mix(hue, share, "#ffffff"), stroke: mix(hue, 0.75, "#ffffff"), "stroke-width": 0.5 }, svg);
      }
    }
    if (m.neutral !== null) draw("line", { x1: left, x2: right, y1: y(m.neutral), y2: y(m.neutral), stroke: "#4d4d4d", "stroke-width": 1.2 }, svg);
    for (const [, i] of others) line(svg, series(i), x, y, { stroke: "#6b6b6b", "stroke-width": 1.8, "stroke-dasharray": "6 4" });
    line(svg, values, x, y, { stroke: "#ffffff", "stroke-width": 5 });
    line(svg, values, x, y, { stroke: mix(hue, 0.6, "#000000"), "stroke-width": 2.8 });
    const mark = draw("g", {}, svg);
    geometry = { x, y, mark, left, right, last, values, layer, m, above, below };
    if (cursor < 0 || cursor > last || values[cursor * COLUMNS] === null) cursor = present().pop() ?? last;
    point();
    return others;
  }

  const present = () => {
    const values = geometry.values;
    return geometry.layer.quarters.map((_, at) => at).filter((at) => values[at * COLUMNS] !== null);
  };

  function years(svg, quarters, x, below, right) {
    const first = quarters.map((q, at) => [q, at]).filter(([q]) => q.endsWith("Q1"));
    const every = Math.ceil(first.length / Math.max(2, Math.floor(right / 80)));
    first.filter(([q]) => Number(q.slice(0, 4)) % every === 0).forEach(([q, at]) => {
      draw("line", { x1: x(at), x2: x(at), y1: below, y2: below + 5, stroke: "#4d4d4d" }, svg);
      draw("text", { x: Math.min(x(at), right - 16), y: below + 22, "text-anchor": "middle", "font-size": 14 }, svg, q.slice(0, 4));
    });
  }

  function runs(values, from, to) {
    const found = [[]];
    for (let at = 0; at * COLUMNS < values.length; at += 1) {
      const known = values[at * COLUMNS + from] !== null && values[at * COLUMNS + to] !== null;
      if (known) found[found.length - 1].push(at);
      else if (found[found.length - 1].length) found.push([]);
    }
    return found.filter((run) => run.length);
  }

  function line(svg, values, x, y, attributes) {
    for (const run of runs(values, 0, 0)) {
      const points = run.map((at) => x(at) + "," + y(values[at * COLUMNS])).join(" ");
      draw("polyline", { points, fill: "none", "stroke-linejoin": "round", ...attributes }, svg);
    }
  }

  // --- reading values ------------------------------------------------------------------------------------------------

  function point() {
    const g = geometry, at = cursor * COLUMNS, quarter = g.layer.quarters[cursor], median = g.values[at];
    g.mark.replaceChildren();
    draw("line", { x1: g.x(cursor), x2: g.x(cursor), y1: g.above, y2: g.below, stroke: "#1a1a1a", "stroke-dasharray": "2 3" }, g.mark);
    if (median !== null) draw("circle", { cx: g.x(cursor), cy: g.y(median), r: 5, fill: "#1a1a1a", stroke: "#ffffff", "stroke-width": 1.5 }, g.mark);
    const parts = BANDS.slice().reverse().filter(([from]) => g.values[at + from] !== null)
      .map(([from, to, , level]) => level + " of runs: " + number(g.values[at + from], g.m) + " to " + number(g.values[at + to], g.m));
    const text = quarter + ": median " + number(median, g.m) + word(median, g.m) + (parts.length ? "; " + parts.join("; ") : "");
    const strong = document.createElement("b");
    strong.textContent = text.split(";")[0];
    read.replaceChildren(strong, text.includes(";") ? text.slice(text.indexOf(";")) : "");
    drawing.setAttribute("aria-valuemin", "0");
    drawing.setAttribute("aria-valuemax", String(g.last));
    drawing.setAttribute("aria-valuenow", String(cursor));
    drawing.setAttribute("aria-valuetext", text);
  }

  function move(at) {
    const possible = present();
    if (!possible.length) return;
    cursor = possible.reduce((best, one) => (Math.abs(one - at) < Math.abs(best - at) ? one : best), possible[0]);
    point();
  }

  function follow(event) {
    const area = drawing.querySelector("svg").getBoundingClientRect(), g = geometry;
    const scale = drawing.querySelector("svg").viewBox.baseVal.width / area.width;
    const here = (event.clientX - area.left) * scale;
    move(Math.round(((here - g.left) / (g.right - g.left)) * g.last));
  }

  drawing.addEventListener("pointermove", follow);
  drawing.addEventListener("pointerdown", follow);
  drawing.addEventListener("keydown", (event) => {
    const possible = present(), place = possible.indexOf(cursor);
    const to = { ArrowLeft: place - 1, ArrowDown: place - 1, ArrowRight: place + 1, ArrowUp: place + 1, Home: 0,
      End: possible.length - 1, PageDown: place - 4, PageUp: place + 4 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(possible[Math.max(0, Math.min(possible.length - 1, to))]);
  });

  function show() {
    choices();
    const others = plot(), m = geometry.m, layer = geometry.layer;
    const about = asked.issue ? " · " + name(asked.issue) : "";
    const world = data.layers.length > 1 ? layer.title + " · " : "";
    const usual = m.neutral === null ? "" : "; " + m.neutral + " = " + (m.difference ? "no difference" : "as usual");
    what.textContent = world + m.label + " · " + tieName(asked.state + "|" + asked.partner) + about + " (" + m.unit.replace("-1", "\u22121") + usual + ")";
    const dashed = others.map(([l]) => l.title).join(", ");
    drawing.setAttribute("aria-label", "Quarter of " + what.textContent);
    if (dashed) what.textContent += ". Dashed: median in " + dashed;
  }

  box.hidden = false;
  show();
  let wide = drawing.clientWidth;
  window.addEventListener("resize", () => { if (drawing.clientWidth !== wide) { wide = drawing.clientWidth; plot(); } });
})();
