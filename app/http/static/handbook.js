"use strict";
// A convenience: each page works without it.

// The browser may refuse to store, as in private mode.
const storage = (area) => ({
  get(key) { try { return area().getItem(key); } catch { return null; } },
  set(key, value) { try { area().setItem(key, value); return true; } catch { return false; } },
  remove(key) { try { area().removeItem(key); } catch { /* it stored nothing */ } },
});
const store = storage(() => localStorage);
const session = storage(() => sessionStorage);

// Before the first paint, so that nothing flashes.
const root = document.documentElement;
root.classList.add("js"); // the stylesheet reserves space for what scripts add
const remembered = store.get("theme");
if (store.get(`incident:${location.pathname}`)) root.classList.add("in-incident");
if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;

// Where the reader's commands run; the stylesheet shows only these.
root.dataset.place = store.get("place") === "machine" ? "machine" : "cluster";

// The path before the service's addresses: empty or, where a proxy serves it there, /churn.
const prefix = new URL("..", document.currentScript.src).pathname.slice(0, -1);

const system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";

function themeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  const name = () => {
    const words = dark() ? "Light theme" : "Dark theme";
    button.setAttribute("aria-label", words);
    button.title = words;
    const paper = getComputedStyle(document.body).backgroundColor;
    for (const meta of document.querySelectorAll('[name="theme-color"]')) meta.content = paper;
    root.dispatchEvent(new Event("theme")); // Swagger UI and ReDoc follow
  };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    store.set("theme", root.dataset.theme);
    name();
  });
  system.addEventListener("change", name);
  name();
  button.disabled = false;
}

// Without HTTPS a browser has no clipboard object, but copies what is selected.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = document.createElement("textarea");
    const focused = document.activeElement;
    box.value = text;
    document.body.append(box);
    box.select();
    const copied = document.execCommand("copy");
    box.remove();
    focused?.focus({ preventScroll: true });
    if (!copied) throw new Error("not copied");
  }
}

function copyButtons() {
  for (const block of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const text = block.querySelector("pre").textContent.replace(/\n$/, "");
      try {
        await copyText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block.querySelector("pre"));
        button.textContent = "Selected: press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.append(button);
  }
}

// One choice for the blocks of all pages.
function placeTabs() {
  const lists = [...document.querySelectorAll(".tabs")].map((tabs, number) => {
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Where the commands run");
    for (const panel of tabs.querySelectorAll(":scope > .panel")) {
      const place = panel.classList.contains("machine") ? "machine" : "cluster";
      const tab = document.createElement("button");
      tab.type = "button";
      tab.textContent = panel.querySelector(".label").textContent;
      tab.dataset.choice = place;
      tab.id = `tab.${number}.${place}`;
      panel.id = `panel.${number}.${place}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      list.append(tab);
    }
    tabs.prepend(list);
    return list;
  });
  const mark = () => {
    for (const list of lists) {
      for (const tab of list.children) {
        const chosen = tab.dataset.choice === root.dataset.place;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
      }
    }
  };
  const choose = (tab) => {
    const top = tab.getBoundingClientRect().top;
    root.dataset.place = tab.dataset.choice;
    store.set("place", tab.dataset.choice);
    mark();
    tab.focus({ preventScroll: true });
    scrollBy({ top: tab.getBoundingClientRect().top - top, behavior: "instant" }); // blocks above changed, too
  };
  for (const list of lists) {
    list.addEventListener("click", (event) => { if (event.target !== list) choose(event.target); });
    list.addEventListener("keydown", (event) => {
      const [first, last] = list.children;
      const other = event.target === first ? last : first;
      const tab = { ArrowLeft: other, ArrowRight: other, Home: first, End: last }[event.key];
      if (!tab) return;
      event.preventDefault();
      choose(tab);
    });
  }
  mark();
}

// The browser stores the reader's ticks in lists of tasks, by document and by the task's words.
function ticks() {
  const text = document.querySelector("[data-document]");
  if (!text) return;
  const key = `ticks:${text.dataset.document}`;
  let kept = {};
  try { kept = JSON.parse(store.get(key)) || {}; } catch { /* someone else wrote it */ }
  for (const box of text.querySelectorAll(".task input")) {
    const words = box.parentElement.textContent.trim();
    if (words in kept) box.checked = kept[words];
    box.addEventListener("change", () => {
      kept[words] = box.checked;
      store.set(key, JSON.stringify(kept));
    });
  }
}

// Commands call the service that shows them, unless the reader enters another address. The mirror
// names its service.
function ownAddress(written) {
  const own = root.dataset.mirror || location.origin + prefix;
  return /^https?:\/\/[\w.:/~-]+$/.test(own) ? own : written;
}

function addresses() {
  for (const place of document.querySelectorAll('.value[data-name="API"]:not(.filled)')) {
    place.textContent = ownAddress(place.textContent);
  }
}

function printing() {
  for (const place of document.querySelectorAll("[data-address]")) {
    place.textContent = ` from ${location.origin}${location.pathname}`;
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => print());
    button.disabled = false;
  }
}

function contentsHighlight() {
  const links = new Map();
  for (const link of document.querySelectorAll(".side .contents a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  if (!links.size) return;
  const stop = parseFloat(getComputedStyle(root).scrollPaddingTop) + 24;
  const mark = () => {
    // The last sections can't reach the top of the window. At the page's end, mark the requested
    // section, or the last.
    const atEnd = scrollY + innerHeight >= root.scrollHeight - 2;
    let current = null;
    for (const heading of links.keys()) {
      const top = heading.getBoundingClientRect().top;
      if (top > (atEnd ? innerHeight : stop)) break; // below the place where a link's target stops
      current = heading;
      if (atEnd && top > 0 && links.get(heading).hash === location.hash) break;
    }
    for (const [heading, link] of links) {
      if (heading === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
}

document.addEventListener("DOMContentLoaded", () => {
  themeSwitch();
  addresses();
  copyButtons();
  placeTabs();
  ticks();
  printing();
  contentsHighlight();
});
