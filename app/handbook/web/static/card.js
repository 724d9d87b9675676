"use strict";
// Checks whether the release's files still match its card and the loaded bytes.

(async () => {
  const banner = document.querySelector("[data-card-state]");
  if (!banner) return;
  let found;
  try {
    const answer = await fetch(banner.dataset.cardState, { signal: AbortSignal.timeout(4000) });
    found = await answer.json();
  } catch {
    return; // the page already shows the digests in memory
  }
  const wrong = found.files.filter((f) => f.card !== f.memory || f.card !== f.disk);
  for (const place of document.querySelectorAll("[data-file]")) {
    const file = found.files.find((f) => f.file === place.dataset.file);
    if (file) place.textContent = file.disk === file.card ? "the same on disk" : "differs on disk";
  }
  if (!wrong.length) return;
  const names = wrong.map((f) => f.file).join(", ");
  banner.textContent = `Files of release ${found.version} differ from its card: ${names}. ` +
    "Find out who changed them before you act on its predictions.";
  banner.hidden = false;
})();
