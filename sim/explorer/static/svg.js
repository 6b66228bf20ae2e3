// Small helpers: elements with text (never markup), colours, numbers as typesetters write them.

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A link out, only where the address is one that a browser may follow.
export function link(text, address) {
  if (!/^https?:\/\//.test(address || "")) return document.createTextNode(text);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

export function mix(hue, share, other = "#ffffff") {
  const part = (colour, at) => parseInt(colour.slice(at, at + 2), 16);
  const one = (at) => Math.round(share * part(hue, at) + (1 - share) * part(other, at)).toString(16).padStart(2, "0");
  return `#${one(1)}${one(3)}${one(5)}`;
}

// A colour on a ramp of steps, for a value from -1 to 1.
export function ramp(steps, value) {
  const place = ((Math.max(-1, Math.min(1, value)) + 1) / 2) * (steps.length - 1);
  const below = Math.min(Math.floor(place), steps.length - 2);
  return mix(steps[below + 1], place - below, steps[below]);
}

export function signed(value, digits = 2) {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? "\u2212" : "+"}${text}`;
}

// A number as the measure is written elsewhere: a sign where zero means "as usual".
export function written(value, measure) {
  if (value === null || value === undefined) return "–";
  if (measure.neutral === 0) return signed(value);
  const digits = Math.abs(value) >= 100 ? 0 : measure.range && measure.range[0] === 0 && Math.abs(value) < 0.095 ? 3 : 2;
  return (value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(digits);
}

// Minus signs and unbreakable spaces where typesetters put them.
export const typeset = (text) => text.replace(/(?<![\w\u2212-])-(?=\.?\d)/g, "\u2212").replaceAll(" %", "\u00a0%");

// The moment a date or quarter stands for, as a decimal year.
export function moment(text, end = false) {
  const quarter = /^(\d{4})Q([1-4])$/.exec(text);
  if (quarter) return Number(quarter[1]) + (Number(quarter[2]) - 1 + (end ? 1 : 0)) / 4;
  const day = new Date(`${text}T00:00:00Z`);
  const year = day.getUTCFullYear();
  const first = Date.UTC(year, 0, 1);
  return year + ((day - first) / 864e5 + (end ? 1 : 0)) / ((Date.UTC(year + 1, 0, 1) - first) / 864e5);
}

const ruler = document.createElement("canvas").getContext("2d"), measured = new Map();
export const FONT = getComputedStyle(document.body).fontFamily; // asked once: every time it is asked the page is laid out anew

export function width(text, size, weight = 400) {
  const key = `${weight} ${size} ${text}`;
  if (!measured.has(key)) {
    if (measured.size > 5000) measured.clear();
    ruler.font = `${weight} ${size}px ${FONT}`;
    measured.set(key, ruler.measureText(text).width);
  }
  return measured.get(key);
}
