"use strict";
// The live parts of a runbook: the state of its alerts, the verdict on each cause, the reader's values.

const LIMIT = 6000; // milliseconds; a check measures for a second and may take four

async function ask(address) {
  const signal = AbortSignal.timeout(LIMIT);
  try {
    let answer = await fetch(address, { signal });
    while (answer.status === 503) { // others wait for checks
      const seconds = Number(answer.headers.get("Retry-After")) || 1;
      await new Promise((resume) => setTimeout(resume, 1000 * seconds));
      answer = await fetch(address, { signal });
    }
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function show(chip, kind, words) {
  chip.className = `chip ${kind}`;
  chip.textContent = words;
}

async function alertStates(address) {
  const found = await ask(address);
  const states = new Map((found ? found.alerts : []).map((alert) => [alert.name, alert.state]));
  const words = {
    firing: ["overdue", "Firing"], pending: ["p2", "Pending"], inactive: ["reviewed", "Not firing"],
    "no rule": ["plain", "No such rule"],
  };
  for (const chip of document.querySelectorAll("[data-alert]")) {
    show(chip, ...(words[states.get(chip.dataset.alert)] || ["plain", "Not available"]));
  }
}

async function verdict(place) {
  const same = `[data-check="${CSS.escape(place.dataset.check)}"] .chip`;
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Check now";
  const measured = document.createElement("span");
  measured.className = "note";
  place.append(again, measured);
  const run = async () => {
    again.disabled = true;
    const found = await ask(`${prefix}/diagnostics/${encodeURIComponent(place.dataset.check)}`);
    for (const chip of document.querySelectorAll(same)) {
      if (!found) show(chip, "plain", "Not available");
      else if (found.ok) show(chip, "reviewed", "Ruled out");
      else show(chip, "overdue", "This is it");
    }
    measured.textContent = found ? `${found.measured} (expected: ${found.threshold})` : "";
    again.disabled = false;
  };
  again.addEventListener("click", run);
  await run();
}

function values(form) {
  addresses();
  const inputs = [...form.querySelectorAll("input")];
  const places = [...document.querySelectorAll(".value[data-name]")];
  const written = new Map(places.map((place) => [place, place.textContent]));
  const fill = () => {
    for (const place of places) {
      const input = inputs.find((field) => field.name === place.dataset.name);
      const value = input && input.checkValidity() ? input.value : "";
      place.textContent = value || written.get(place);
      place.classList.toggle("filled", Boolean(value));
    }
  };
  for (const input of inputs) {
    // Only from the reader's own input: a link must not change commands to copy.
    input.value = store.get(`value:${input.name}`) || "";
    if (input.name === "API") input.placeholder = ownAddress(input.placeholder);
    input.addEventListener("input", () => {
      store.set(`value:${input.name}`, input.value);
      fill();
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  fill();
}

const runbook = document.querySelector("[data-runbook]");
if (runbook) {
  const form = runbook.querySelector("form.values");
  if (form) values(form);
  if (runbook.dataset.state) alertStates(runbook.dataset.state);
  for (const place of document.querySelectorAll(".verdict[data-check]")) verdict(place);
}
