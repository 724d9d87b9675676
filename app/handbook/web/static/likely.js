"use strict";
// The line on the first screen: which cause is likely, or what to do without one.

const NUMBERS = ["No", "One", "Two", "Three", "Four"];

function say() {
  const checked = causes.filter((cause) => cause.check);
  const of = (state) => checked.filter((cause) => cause.state === state);
  const [found, unknown, waiting] = ["found", "unknown", "checking"].map(of);
  const byHand = [...unknown, ...causes.filter((cause) => !cause.check)];
  let parts;
  if (found.length) parts = likelyCauses(found);
  else if (waiting.length) parts = ["Checking…"];
  else if (unknown.length === checked.length) parts = notAvailable(checked.length);
  else if (byHand.length) parts = [`None found yet. Check by hand: ${byHand.map((c) => c.name).join(", ")}`];
  else parts = noneOfThese();
  const line = firstScreen.querySelector("[data-likely]");
  const next = make("span", "");
  next.append(...parts);
  if (next.innerHTML !== line.innerHTML) line.replaceChildren(...next.childNodes); // heard when new
  const times = checked.filter((cause) => cause.answer).map((cause) => cause.at);
  let note = times.length ? ` · checked ${clock(times.sort()[0])}` : "";
  if (waiting.length) note = found.length ? ` · checking ${waiting.length} more` : "";
  firstScreen.querySelector("[data-checked]").textContent = note;
}

function likelyCauses(found) {
  const count = NUMBERS[found.length] || found.length;
  const parts = [found.length === 1 ? "Likely: " : `${count} causes found: `];
  found.forEach((cause, index) => {
    const solution = document.getElementById(`${cause.id}.solution`);
    const link = make("a", "solution", { href: `#${solution ? solution.id : cause.id}` });
    link.setAttribute("aria-label", `solution: ${cause.name}`);
    parts.push(index ? ", " : "", make("strong", cause.name), " → ", link);
  });
  return parts;
}

function notAvailable(checks) {
  if (!checks) return ["Go through the causes by hand"];
  const why = refused ? ". This key lacks the scope operate" : "";
  return [`The checks are not available: run them by hand${why}`];
}

function noneOfThese() {
  const { escalation } = firstScreen.dataset;
  const quiet = alertsQuiet && !record.started;
  const none = quiet ? "None of these causes, and none of its alerts fires" : "None of these causes";
  if (!escalation) return [none];
  const heading = document.getElementById(escalation);
  const sentence = /^.*?[.:!?](?=\s|$)/s.exec(heading.nextElementSibling?.textContent ?? "");
  const link = make("a", quiet ? "Escalation" : "escalate", { href: `#${escalation}` });
  return [quiet ? `${none}. ` : `${none}: `, link, make("span", sentence ? ` ${sentence[0]}` : "", { className: "who" })];
}
