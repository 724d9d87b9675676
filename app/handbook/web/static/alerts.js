"use strict";
// The state of a runbook's alerts, as Prometheus reports it.

let alertsFound = [];
let alertsQuiet = false; // Prometheus says that none of them fires

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
