"use strict";
// The state of the alerts, the verdict on each cause, and the line that says which is likely.

const LIMIT = 6000; // milliseconds; a check measures for a second and may take four
const INTERVAL = 30_000; // milliseconds between the rounds while an incident lasts
const ROUNDS = 120; // that run by themselves: an hour
const firstScreen = document.querySelector(".now");
const NUMBERS = ["No", "One", "Two", "Three", "Four"];
let alertsFound = [];
let alertsQuiet = false; // Prometheus says that none of them fires
let refused = false; // the reader's key may not run checks
let roundsLeft = ROUNDS;
let running = false;
let timer = 0;
let lastRound = 0;

async function ask(address) {
  const options = { signal: AbortSignal.timeout(LIMIT), cache: "no-store" };
  try {
    let answer = await fetch(address, options);
    while (answer.status === 503) { // others wait for checks
      const seconds = Number(answer.headers.get("Retry-After")) || 1;
      await new Promise((resume) => setTimeout(resume, 1000 * seconds));
      answer = await fetch(address, options);
    }
    if (answer.status === 403) refused = true;
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function make(tag, words, properties = {}) {
  return Object.assign(document.createElement(tag), { textContent: words, ...properties });
}

function show(chip, kind, words) {
  chip.className = `chip ${kind}`;
  chip.textContent = words;
}

const ALERTS = {
  firing: ["filled", "Firing"], pending: ["p2", "Pending"], inactive: ["reviewed", "Not firing"],
  "no rule": ["plain", "No such rule"],
};

async function alertStates() {
  const found = await ask(firstScreen.dataset.state);
  const alerts = found ? found.alerts : [];
  const states = new Map(alerts.map((alert) => [alert.name, alert.state]));
  for (const chip of document.querySelectorAll("[data-alert]")) {
    show(chip, ...(ALERTS[states.get(chip.dataset.alert)] || ["plain", "Not available"]));
  }
  const active = ["firing", "pending"].flatMap((state) => alerts.filter((a) => a.state === state));
  alertsQuiet = alerts.length > 0 && alerts.every((alert) => alert.state === "inactive");
  const line = active.flatMap((alert) => {
    const chip = make("span", "");
    show(chip, ...ALERTS[alert.state]);
    const since = alert.since ? ` since ${clock(alert.since)} ` : " ";
    return [chip, " ", make("code", alert.name), since];
  });
  if (!line.length) {
    const chip = make("span", "");
    show(chip, ...(alertsQuiet ? ALERTS.inactive : ["plain", "Not available"]));
    line.push(chip, alertsQuiet ? " None of its alerts" : " State of its alerts");
  }
  firstScreen.querySelector(".alerting").replaceChildren(...line);
  alertsFound = alerts;
  log();
  say();
}

const VERDICTS = {
  found: ["filled", "This is it"], "ruled out": ["ruled-out", "Ruled out"],
  unknown: ["plain", "Not available"],
};

function drawCause(cause) {
  const words = VERDICTS[cause.state];
  for (const chip of cause.chips) show(chip, ...words);
  cause.section.classList.toggle("found", cause.state === "found");
  const { measured = "", threshold, since } = cause.answer || {};
  const expected = cause.answer ? `${measured} (expected: ${threshold})` : "";
  const sinceWhen = since ? `since ${clock(since)} · ` : "";
  cause.measured.textContent = expected;
  cause.times.textContent = cause.answer ? `${sinceWhen}checked ${clock(cause.at)}` : "";
  cause.words = `${cause.name}: ${words[1].toLowerCase()}${expected && `, ${expected}`}`;
  log();
  arrange(cause);
}

// Tell the incident what was found; it keeps what is new.
function log() {
  for (const { name, state, since } of alertsFound) {
    const words = { firing: "fires", pending: "is pending", inactive: "does not fire" }[state] || state;
    saw("alert", name, state, `${name} ${words}`, since);
  }
  for (const { id, state, words, at } of causes) if (words) saw("check", id, state, words, at);
}

async function run(check) {
  const found = await ask(`${prefix}/diagnostics/${encodeURIComponent(check)}`);
  for (const cause of causes.filter((each) => each.check === check)) {
    cause.answer = found;
    cause.at = new Date(Date.now() - 1000 * (found?.age || 0)).toISOString();
    cause.state = found ? (found.ok ? "ruled out" : "found") : "unknown";
    drawCause(cause);
  }
  say();
}

// The line on the first screen.
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

async function round() {
  if (running) return;
  running = true;
  const again = firstScreen.querySelector("[data-again]");
  again.disabled = true;
  clearTimeout(timer);
  const checks = new Set(causes.flatMap((cause) => cause.check || []));
  await Promise.all([firstScreen.dataset.state && alertStates(), ...[...checks].map(run)]);
  say();
  lastRound = Date.now();
  again.disabled = running = false;
  next();
}

// The next round comes by itself while an incident lasts and the page is seen.
function next() {
  clearTimeout(timer);
  if (!record.started || document.hidden || roundsLeft <= 0) return;
  timer = setTimeout(() => { roundsLeft -= 1; round(); }, Math.max(0, lastRound + INTERVAL - Date.now()));
}

function prepare(cause) {
  const verdict = cause.section.querySelector(".verdict");
  const button = make("button", "Check now", { type: "button" });
  button.setAttribute("aria-describedby", cause.id);
  [cause.measured, cause.times] = [make("span", "", { className: "note" }), make("span", "", { className: "note" })];
  cause.button.before(button);
  verdict.append(cause.measured, cause.times);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await run(cause.check);
    button.disabled = false;
  });
}

if (causes.length) {
  for (const cause of causes.filter((each) => each.check)) prepare(cause);
  const start = () => { roundsLeft = ROUNDS; round(); };
  firstScreen.querySelector("[data-again]").addEventListener("click", start);
  document.addEventListener("incident", () => { log(); start(); });
  document.addEventListener("visibilitychange", next);
  round();
} else if (firstScreen.dataset.state) {
  alertStates();
}
