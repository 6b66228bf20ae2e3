// The states as a ring around the one that is asked about, ties coloured by stance: no borders, so nothing to dispute.

import { el, mix, ramp, signed, svg, width } from "./svg.js";

export function drawMap(node, found, start, at, home) {
  const w = Math.max(node.clientWidth - 4, 260), h = Math.min(w * 0.92, Math.max(240, node.clientHeight - 74)), size = w > 420 ? 14 : 12;
  const others = found.states.filter((code) => code !== home);
  const places = { [home]: [w / 2, h / 2] };
  const across = w / 2 - 58, down = h / 2 - 34;
  others.forEach((code, i) => {
    const angle = (i / others.length) * 2 * Math.PI - Math.PI / 4;
    places[code] = [w / 2 + across * Math.cos(angle), h / 2 + down * Math.sin(angle)];
  });
  const out = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, height: h, role: "img", "font-size": size });
  const label = `${found.label} in ${found.issue.replaceAll("_", " ")}, ${found.quarters[at]}`;
  out.append(svg("title", {}, label));
  const lines = svg("g"), labels = svg("g");
  for (const [tie, values] of Object.entries(found.ties)) {
    const [a, b] = tie.split(">"), value = values[at];
    const [x1, y1] = places[a], [x2, y2] = places[b];
    const far = Math.hypot(x2 - x1, y2 - y1), ux = (x2 - x1) / far, uy = (y2 - y1) / far;
    const gap = 27, side = [home].includes(a) || b === home ? 7 : 5, wide = 1.6 + 5 * Math.min(1, Math.abs(value));
    const from = [x1 + ux * gap - uy * side, y1 + uy * gap + ux * side], to = [x2 - ux * (gap + 3) - uy * side, y2 - uy * (gap + 3) + ux * side];
    const colour = ramp(start.ramp, value);
    lines.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: mix(colour, 0.8, "#000000"), "stroke-width": wide + 1.2, "stroke-linecap": "butt" }));
    lines.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: colour, "stroke-width": wide, "data-tie": tie }, svg("title", {}, `${start.states[a].name} toward ${start.states[b].name}: ${signed(value)}`)));
    const tip = wide / 2 + 4;
    lines.append(svg("path", { d: `M${to[0] + ux * 7} ${to[1] + uy * 7}L${to[0] - uy * tip} ${to[1] + ux * tip}L${to[0] + uy * tip} ${to[1] - ux * tip}Z`, fill: colour, stroke: mix(colour, 0.8, "#000000"), "stroke-width": 0.6 }));
    if (a === home) {
      const x = from[0] + (to[0] - from[0]) * 0.5 - uy * 15, y = from[1] + (to[1] - from[1]) * 0.5 + ux * 15;
      labels.append(svg("text", { x, y, "text-anchor": "middle", "dominant-baseline": "central", fill: "#1a1a1a", stroke: "#ffffff", "stroke-width": 3, "paint-order": "stroke", "font-weight": 600 }, signed(value)));
    }
  }
  out.append(lines, labels);
  for (const code of found.states) {
    const [x, y] = places[code], name = start.states[code].name, wide = Math.max(width(name, size, 600) + 16, 50);
    out.append(svg("rect", { x: x - wide / 2, y: y - 14, width: wide, height: 28, rx: 14, fill: start.states[code].colour, stroke: "#ffffff", "stroke-width": 2 }));
    out.append(svg("text", { x, y: y + 0.5, "text-anchor": "middle", "dominant-baseline": "central", fill: code === "IND" ? "#1a1a1a" : "#ffffff", "font-weight": 600 }, name));
  }
  const legend = el("p", { class: "legend" }, el("span", {}, "hostile"), ...start.ramp.map((colour) => { const step = el("i"); step.style.background = colour; return step; }), el("span", {}, "very warm"));
  node.replaceChildren(el("h2", {}, label), out, legend, el("p", { class: "quiet" }, "Arrow from A to B: the median of what A does toward B, against what is usual between them. Thicker is further from usual."));
}
