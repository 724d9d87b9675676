"use strict";
// Explores the thresholds, and checks whether the release's files match its card on disk.

{
  const explorer = document.querySelector("[data-explorer]");
  if (explorer) {
    const slider = explorer.querySelector("input");
    const rows = [...explorer.querySelectorAll("tbody tr")].map((row) =>
      [...row.cells].map((cell) => cell.textContent));
    const told = explorer.querySelectorAll(".said b");
    const marks = document.querySelectorAll("[data-explored]");
    const far = (row, threshold) => Math.abs(row[0] - threshold);
    const show = (threshold) => {
      const row = rows.reduce((a, b) => (far(b, threshold) < far(a, threshold) ? b : a));
      told.forEach((place, i) => { place.textContent = row[i]; });
      slider.setAttribute("aria-valuetext", row[0]);
      for (const mark of marks) {
        const at = mark.previousElementSibling.points[rows.indexOf(row)];
        mark.style.display = at ? "inline" : "";
        if (at) {
          mark.setAttribute("cx", at.x);
          mark.setAttribute("cy", at.y);
        }
      }
    };
    slider.addEventListener("input", () => show(slider.value));
    explorer.addEventListener("click", ({ target }) => {
      if (!target.matches("button")) return;
      slider.value = target.value;
      show(target.value);
    });
    show(slider.value);
  }
}

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
    if (file) place.textContent = file.disk === file.card ? "The same on disk" : "Differs on disk";
  }
  if (!wrong.length) return;
  const names = wrong.map((f) => f.file).join(", ");
  banner.textContent = `Files of release ${found.version} differ from its card: ${names}. ` +
    "Find out who changed them before you act on its predictions.";
  banner.hidden = false;
})();
