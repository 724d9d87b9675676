"use strict";
// Search by keyboard: / focuses the box, results appear while typing, arrows and Enter choose.

const KINDS = { adr: "Decision" };
const QUIET = 120; // milliseconds without a key press before the request

// In the mirror there is nobody to ask: mirror.js searches.
const lookUp = window.searchMirror
  ? async (words) => ({ results: await window.searchMirror(words) })
  : async (words) =>
    (await fetch(`${prefix}/search.json?q=${encodeURIComponent(words)}`)).json();

function results(box) {
  const list = document.createElement("ul");
  list.className = "results floating";
  list.id = `results-${box.name}-${Math.random().toString(36).slice(2)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Results");
  list.hidden = true;
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-autocomplete", "list");
  box.after(list);
  let chosen = -1;
  let waiting;
  let asked = 0;

  const open = (on) => {
    list.hidden = !on;
    box.setAttribute("aria-expanded", String(on));
    if (!on) { chosen = -1; box.removeAttribute("aria-activedescendant"); }
  };
  const choose = (number) => {
    const rows = [...list.querySelectorAll("[data-url]")];
    if (!rows.length) return;
    chosen = (number + rows.length) % rows.length;
    rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === chosen)));
    box.setAttribute("aria-activedescendant", rows[chosen].id);
    rows[chosen].scrollIntoView({ block: "nearest" });
  };
  const row = (result, i) => {
    const item = document.createElement("li");
    item.id = `${list.id}-${i}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.url = result.url;
    const title = document.createElement("span");
    title.className = "found";
    title.textContent = result.heading ? `${result.title}: ${result.heading}` : result.title;
    const kind = document.createElement("span");
    kind.className = "note";
    kind.textContent = KINDS[result.kind] || result.kind[0].toUpperCase() + result.kind.slice(1);
    const snippet = document.createElement("p");
    snippet.innerHTML = result.snippet; // made safe by the server
    item.append(title, kind, snippet);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); go(result.url); });
    return item;
  };
  const said = (words) => {
    const item = document.createElement("li");
    item.className = "note";
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = words;
    return item;
  };
  const go = (url) => { open(false); location.assign(url); };
  const ask = async () => {
    const words = box.value.trim();
    const number = ++asked;
    if (!words) { open(false); return; }
    let found;
    try {
      found = await lookUp(words);
    } catch {
      return; // Enter still opens the search page
    }
    if (number !== asked || document.activeElement !== box) return;
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
    list.replaceChildren(...found.results.slice(0, 8).map(row));
    if (!found.results.length) list.append(said(`No results for “${words}”`));
    if (found.corrected) list.prepend(said(`Showing results for ${found.corrected}`));
    open(true);
  };

  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, QUIET); });
  box.addEventListener("blur", () => open(false));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { if (!list.hidden) event.preventDefault(); open(false); }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? -1 : chosen - 1); }
    if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      go(list.querySelectorAll("[data-url]")[chosen].dataset.url);
    }
  });
}

for (const box of document.querySelectorAll('input[type="search"][name="q"]')) results(box);

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const box = document.querySelector('main input[type="search"]') ||
    document.querySelector('.find input[type="search"]');
  box.focus();
  box.select();
});
