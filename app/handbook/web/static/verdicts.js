"use strict";
// Runs the checks: the verdict on each cause, again every half minute while an incident lasts.

const LIMIT = 6000; // milliseconds; a check measures for a second and may take four
const INTERVAL = 30_000; // milliseconds between the rounds while an incident lasts
const ROUNDS = 120; // that run by themselves: an hour
const firstScreen = document.querySelector(".now");
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
  cause.words = `${cause.name}: ${words[1].toLowerCase()}` + (expected && `, ${expected}`);
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
    cause.state = { true: "ruled out", false: "found" }[found?.ok] || "unknown";
    drawCause(cause);
  }
  say();
}

function groups() {
  const found = new Map();
  for (const check of new Set(causes.flatMap((cause) => cause.check || []))) {
    const group = check.split(".")[0];
    found.set(group, [...(found.get(group) || []), check]);
  }
  return [...found.values()];
}

// A group is measured once: whoever asks right after the first has its result without a wait.
async function runGroup([first, ...others]) {
  await run(first);
  await Promise.all(others.map(run));
}

async function round() {
  if (running) return;
  running = true;
  refused = false;
  const again = firstScreen.querySelector("[data-again]");
  again.disabled = true;
  clearTimeout(timer);
  await Promise.all([firstScreen.dataset.state && alertStates(), ...groups().map(runGroup)]);
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
