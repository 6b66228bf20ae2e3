// The state of a page: what is asked, and how it is looked at. It lives here and in the part of the address after '#'.

export const fresh = (base) => ({ base, overlays: [], seat: null, traits: {}, inputs: {}, events: {}, posterior: "" });

export function initial(start) {
  return {
    asked: { a: fresh(start.first), b: null, view: { measure: "cooperation", state: "BGD", partner: "RUS", issue: "diplomacy", quarter: "", run: null }, runs: 500, seed: 1, leader: "" },
    turn: "a", tab: "map", from: "",
  };
}

export function toHash(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The state that a link holds, laid on a fresh one; null where the link holds none. Values are checked by the explorer itself.
export function fromHash(hash, start) {
  if (hash.length < 8) return null;
  const plain = initial(start);
  let found;
  try {
    const text = atob(hash.replaceAll("-", "+").replaceAll("_", "/"));
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  } catch { return undefined; }
  if (!isPlain(found) || !isPlain(found.asked) || !isPlain(found.asked.a) || !isPlain(found.asked.view ?? {})) return undefined;
  const world = (given) => (isPlain(given) ? { ...fresh(start.first), ...given } : null);
  const asked = { ...plain.asked, ...found.asked, a: world(found.asked.a), b: world(found.asked.b), view: { ...plain.asked.view, ...found.asked.view } };
  const tab = ["map", "walk", "why", "rests"].includes(found.tab) ? found.tab : "map";
  return { asked, turn: found.turn === "b" && asked.b ? "b" : "a", tab, from: typeof found.from === "string" ? found.from : "" };
}

const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Put a value where keys lead, or take it away, without leaving empty boxes behind.
export function put(holder, keys, value) {
  const [first, ...rest] = keys;
  if (rest.length) {
    holder[first] = holder[first] || {};
    put(holder[first], rest, value);
    if (!Object.keys(holder[first]).length) delete holder[first];
  } else if (value === undefined) delete holder[first];
  else holder[first] = value;
}
