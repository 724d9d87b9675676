"use strict";
// Search in the handbook's mirror: titles, headings and alerts, from an index that is a script.

(() => {
  const top = new URL("..", document.currentScript.src); // the mirror's folder
  const MOST = 20;

  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const entries = window.titleIndex.map(([kind, title, heading, names, url]) => ({
    kind, title, heading, url: new URL(url, top).href, snippet: heading ? "" : escaped(names),
    head: plain(heading || title), all: plain(`${title} ${heading} ${names}`),
  }));

  // Every word is somewhere in the entry; its own heading counts more than its page's title.
  function weight(entry, words) {
    if (!words.every((word) => entry.all.includes(word))) return 0;
    const phrase = words.join(" ");
    const own = words.every((word) => entry.head.includes(word));
    return 1 + 8 * (entry.head === phrase) + 4 * own + 2 * !entry.heading + (entry.kind === "runbook");
  }

  function search(query) {
    const words = plain(query).split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    return entries
      .map((entry) => [weight(entry, words), entry])
      .filter(([found]) => found)
      .sort(([a], [b]) => b - a) // stable: otherwise in the order of the handbook
      .slice(0, MOST)
      .map(([, entry]) => entry);
  }

  window.searchMirror = async (query) => search(query);

  const KIND = { adr: "Decision" };
  function row(entry) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = entry.url;
    const title = document.createElement("span");
    title.className = "found";
    title.textContent = entry.heading ? `${entry.title} › ${entry.heading}` : entry.title;
    const kind = document.createElement("span");
    kind.className = "note";
    kind.textContent = KIND[entry.kind] || entry.kind[0].toUpperCase() + entry.kind.slice(1);
    link.append(title, kind);
    const snippet = document.createElement("p");
    snippet.innerHTML = entry.snippet;
    item.append(link, snippet);
    return item;
  }

  // The search page, at an address with ?q=.
  const place = document.querySelector("[data-results]");
  const query = new URLSearchParams(location.search).get("q") || "";
  if (place && query.trim()) {
    const found = search(query);
    const note = document.createElement("p");
    note.className = "note";
    note.setAttribute("role", "status");
    note.textContent = found.length ? `${found.length} result${found.length === 1 ? "" : "s"}`
      : `No results for “${query}”. Try fewer words.`;
    const list = document.createElement("ol");
    list.className = "results";
    list.append(...found.map(row));
    place.append(note, list);
    for (const box of document.querySelectorAll('input[type="search"][name="q"]')) box.value = query;
  }
})();
