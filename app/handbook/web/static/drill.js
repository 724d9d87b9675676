"use strict";
// Says on a runbook's page that its alert was sent as a drill.

(async () => {
  const banner = document.querySelector("[data-drill]");
  if (!banner) return;
  let drill;
  try {
    const answer = await fetch(banner.dataset.drill, { signal: AbortSignal.timeout(4000) });
    drill = (await answer.json()).drill;
  } catch {
    return; // nobody knows of a drill
  }
  if (!drill) return;
  const time = drill.since.slice(11, 16);
  banner.textContent = `This is a drill: ${drill.alert} was sent at ${time} UTC for practice. ` +
    "No fault was measured. Work through the runbook as in an incident.";
  banner.hidden = false;
})();
