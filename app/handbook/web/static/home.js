"use strict";
// What is happening now, on the front page: asked every half minute while it is visible.

(() => {
  const strip = document.querySelector("[data-now]");
  const put = (name, words, chip, ...notes) => {
    const part = strip.querySelector(`[data-part="${name}"]`);
    part.textContent = words;
    part.className = chip;
    strip.querySelector(`[data-note="${name}"]`).replaceChildren(...notes);
  };
  const link = ({ name, url }) =>
    Object.assign(document.createElement("a"), { href: url, textContent: name });
  const time = (at) => `${at.slice(11, 16)} UTC`;
  const date = (at) => new Date(at).toLocaleDateString(
    "en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

  const ask = async () => {
    if (document.hidden) return;
    let now = {};
    try {
      const answer = await fetch(strip.dataset.now, { signal: AbortSignal.timeout(8000) });
      if (answer.ok) now = await answer.json();
    } catch { /* then nothing is known */ }
    const { as_of: at, ready, alerts, at_risk: risk } = now;
    if (!at) put("ready", "Not available", "");
    else put("ready", ready ? "Ready" : "Not ready", ready ? "" : "chip overdue", `at ${time(at)}`);
    if (!alerts) put("alerts", "Not available", "");
    else if (!alerts.length) put("alerts", "None firing", "", `at ${time(at)}`);
    else {
      const [first, ...others] = alerts;
      const rest = others.length ? `, ${others.length} more` : "";
      put("alerts", `${alerts.length} firing`, "chip filled", link(first), rest);
    }
    if (!risk) put("at_risk", "Not available", "");
    else {
      const [count, all] = [risk.customers, risk.stored].map((n) => n.toLocaleString("en"));
      put("at_risk", count, "", `of ${all}, as of ${date(risk.as_of)}`);
    }
  };
  ask();
  setInterval(ask, 30_000);
  document.addEventListener("visibilitychange", ask);
})();
