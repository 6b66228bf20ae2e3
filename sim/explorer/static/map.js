// The states as a ring around the one that is asked about, ties coloured by stance: no borders, so nothing to dispute.

import { el, mix, ramp, signed, svg, width } from "./svg.js";

export function drawMap(node, found, start, at, home) {
  const w = Math.max(node.clientWidth - 4, 260), h = Math.min(w * 1.4, Math.max(240, node.clientHeight - 128)), size = w > 420 ? 14 : 12;
  const others = found.states.filter((code) => code !== home);
  const places = { [home]: [w / 2, h / 2] };
  const across = w / 2 - 58, down = h / 2 - 18;
  const angles = others.map((_, i) => (i / others.length) * 2 * Math.PI - Math.PI / 4);
  const far = (turn) => Math.max(...angles.map((angle) => Math.abs(turn(angle)))) || 1; // the ring fills the panel in both directions
  others.forEach((code, i) => {
    places[code] = [w / 2 + (across * Math.cos(angles[i])) / far(Math.cos), h / 2 + (down * Math.sin(angles[i])) / far(Math.sin)];
  });
  const pill = (code) => [Math.max(width(start.states[code].name, size, 600) + 16, 50) / 2, 14];
  const edge = (code, ux, uy) => Math.min(pill(code)[0] / Math.abs(ux || 1e-9), pill(code)[1] / Math.abs(uy || 1e-9)) + 3; // from the middle of a name to its rim
  const out = svg("svg", { viewBox: `0 0 ${w} ${h}`, width: w, height: h, role: "img", "font-size": size });
  const label = `${found.label} in ${found.issue.replaceAll("_", " ")}, ${found.quarters[at]}`;
  out.append(svg("title", {}, label));
  const lines = svg("g"), labels = svg("g");
  for (const [tie, values] of Object.entries(found.ties)) {
    const [a, b] = tie.split(">"), value = values[at];
    const [x1, y1] = places[a], [x2, y2] = places[b];
    const apart = Math.hypot(x2 - x1, y2 - y1), ux = (x2 - x1) / apart, uy = (y2 - y1) / apart;
    const side = [home].includes(a) || b === home ? 7 : 5, wide = 1.6 + 5 * Math.min(1, Math.abs(value));
    const near = edge(a, ux, uy), end = edge(b, ux, uy) + 8;
    const from = [x1 + ux * near - uy * side, y1 + uy * near + ux * side], to = [x2 - ux * end - uy * side, y2 - uy * end + ux * side];
    const colour = ramp(start.ramp, value);
    lines.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: mix(colour, 0.8, "#000000"), "stroke-width": wide + 1.2, "stroke-linecap": "butt" }));
    lines.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: colour, "stroke-width": wide, "data-tie": tie }, svg("title", {}, `${start.states[a].name} toward ${start.states[b].name}: ${signed(value)}`)));
    const tip = wide / 2 + 4;
    lines.append(svg("path", { d: `M${to[0] + ux * 7} ${to[1] + uy * 7}L${to[0] - uy * tip} ${to[1] + ux * tip}L${to[0] + uy * tip} ${to[1] - ux * tip}Z`, fill: colour, stroke: mix(colour, 0.8, "#000000"), "stroke-width": 0.6 }));
    if (a === home) {
      const x = from[0] + (to[0] - from[0]) * 0.4 - uy * 15, y = from[1] + (to[1] - from[1]) * 0.4 + ux * 15;
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
