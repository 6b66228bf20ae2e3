// One run step by step, the explanation of the ensemble, and what everything rests on.

import { el, link, signed, typeset } from "./svg.js";

export function drawWalk(node, found, start, actions) {
  const step = (by) => el("button", { type: "button", onclick: () => actions.step(by), "aria-label": by > 0 ? "Next quarter" : "Quarter before" }, by > 0 ? "Next ▸" : "◂ Back");
  const run = el("input", { type: "number", min: 0, max: actions.runs - 1, value: found.run, id: "run", onchange: (event) => actions.run(Number(event.target.value)) });
  const bar = el("div", { class: "bar" }, el("label", { for: "run" }, "Run "), run, step(-1), step(1));
  const intro = el("p", { class: "quiet" }, `What each state did in ${found.issue_label.toLowerCase()} in this one history, as its Mesa agent tells it. The black line in the chart is this run.`);
  const states = [...new Set(found.steps.map((one) => one.state))].map((code) => actor(found.steps.filter((one) => one.state === code), start));
  const open = new Set([...node.querySelectorAll("details[open]")].map((one) => one.dataset.tie));
  node.replaceChildren(el("h2", {}, `${found.quarter}, run ${found.run}`), bar, intro, ...states);
  for (const one of node.querySelectorAll("details")) if (open.has(one.dataset.tie)) one.open = true;
}

function actor(steps, start) {
  const { state, leader } = steps[0];
  const head = el("h3", {}, dot(start.states[state].colour), start.states[state].name, el("span", { class: "quiet" }, ` ${leader || "nobody in particular"}`));
  return el("section", { class: "actor" }, head, ...steps.map((one) => {
    const acts = one.acts.length ? el("span", { class: "acts" }, one.acts.join(", ")) : null;
    const line = el("summary", {}, el("span", { class: "to" }, start.states[one.partner].name), el("span", { class: "figure" }, `${signed(one.before)} → ${signed(one.after)}`), el("span", { class: "word" }, `${one.stands}, ${one.moved}`), acts);
    return el("details", { "data-tie": `${state}>${one.partner}` }, line, ...paragraphs(one.why));
  }));
}

function dot(colour) {
  const found = el("i", { class: "dot" });
  found.style.background = colour;
  return found;
}

function paragraphs(text) {
  return typeset(text).split("\n").slice(1).map((line) => {
    const [head, ...rest] = line.split(". ");
    return el("p", {}, el("strong", {}, `${head}. `), rest.join(". "));
  });
}

export function drawWhy(node, found) {
  const [head] = found.text.split("\n");
  const rows = found.alternatives.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), el("td", {}, signed(one.stance)), el("td", {}, signed(one.difference)), el("td", {}, one.change)));
  const table = rows.length ? [el("h3", {}, `Another leader in this seat from ${found.since} on, with the same luck`), el("table", {}, el("thead", {}, el("tr", {}, ...["Leader", "Stance", "Difference", ""].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, ...rows))] : [];
  node.replaceChildren(el("h2", {}, head), el("p", { class: "quiet" }, "Mean of the first 200 runs, so luck cancels out. Move the quarter under the chart to ask about another moment."), ...paragraphs(found.text), ...table);
}

export function basis(one) {
  const out = el("div", { class: "basis" });
  const add = (name, text) => { if (text) out.append(el("p", {}, el("strong", {}, `${name}: `), text)); };
  if (one.range) add("Coded", `${signed(one.value)}, range ${signed(one.range[0])} to ${signed(one.range[1])}, from ${one.from}`);
  add("Meaning", one.meaning);
  add("Basis", one.basis + (one.own ? " (a judgement of this project alone)" : ""));
  add("Evidence", one.evidence);
  if (one.cutoff) add("Evidence ends", `${one.cutoff}; risk of circularity ${one.circularity}`);
  if (one.second !== undefined && one.second !== null) add("Second coder", signed(one.second));
  add("Caveats", one.caveats);
  add("Why", one.why);
  if (one.sources.length) out.append(el("p", {}, el("strong", {}, "Sources")), el("ul", {}, ...one.sources.map((card) => el("li", {}, link(card.text, card.url), el("span", { class: "quiet" }, ` [${card.key}]`)))));
  return out;
}

export function drawRests(node, knobs, document_) {
  const list = (items) => el("ul", {}, ...items.map((text) => el("li", {}, text)));
  const notes = document_ ? [el("h3", {}, "Parameters and codings"), list([`Parameters: ${document_.status}.`, ...document_.warnings])] : [];
  const assumed = knobs.assumptions.length ? [el("h3", {}, "The scenario assumes"), list(knobs.assumptions)] : [];
  const traits = knobs.traits.length ? [el("h3", {}, `How ${knobs.seated.find((one) => one.slug === knobs.leader).name} is coded`), ...knobs.traits.map((one) => el("details", {}, el("summary", {}, `${one.label}: ${signed(one.value)}, ${one.basis}, circularity ${one.circularity}`), basis(one)))] : [];
  const where = knobs.leader ? [el("p", { class: "quiet" }, "In a terminal: ", el("code", {}, `padma show leaders ${knobs.leader}`))] : [];
  node.replaceChildren(el("h2", {}, "What this rests on"), el("p", { class: "quiet" }, "Codings are arguments to be disputed, not facts about persons. A trait that you turn counts as an assumption."), ...notes, ...assumed, ...traits, ...where);
}
