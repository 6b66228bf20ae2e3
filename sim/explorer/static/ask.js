// Questions to the explorer, and what to do when one is refused.

import { el } from "./svg.js";

export class Refused extends Error {
  constructor(parts) {
    super(parts.what);
    this.parts = parts;
  }
}

export async function ask(name, asked, signal) {
  let answer;
  try {
    answer = await fetch(`ask/${name}`, asked ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked), signal } : { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused({ what: "the explorer does not answer", where: "", why: "its window or terminal may have been closed.", how: "start padma explore again and reload this page." });
  }
  if (answer.ok) return answer;
  let parts = { what: `the explorer answered with ${answer.status}`, where: "", why: "", how: "reload the page." };
  try { parts = (await answer.json()).error; } catch { /* the words above must do */ }
  throw new Refused(parts);
}

export const json = async (name, asked, signal) => (await ask(name, asked, signal)).json();

// Put a message in its four parts where everybody sees it; null takes it away.
export function tell(error) {
  const place = document.getElementById("alert");
  place.hidden = !error;
  if (!error) return place.replaceChildren();
  const { what, where, why, how } = error.parts || { what: String(error), where: "", why: "this is a mistake in padma, not in your input.", how: "please report it." };
  place.replaceChildren(el("p", {}, el("strong", {}, `${what.charAt(0).toUpperCase()}${what.slice(1)}.`), where ? el("span", { class: "where" }, ` (${where})`) : null), el("p", {}, why ? `Why it matters: ${why} ` : "", how ? `What to do: ${how}` : ""));
}

// Save what an answer holds under the name that it gives.
export async function download(name, asked) {
  const answer = await ask(name, asked);
  const file = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
  const address = URL.createObjectURL(await answer.blob());
  const anchor = el("a", { href: address, download: file });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
