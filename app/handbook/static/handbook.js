"use strict";
// Everything here is a convenience: each page works without it.

const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode */ } },
};

// Before the first paint, so that nothing flashes.
const root = document.documentElement;
const remembered = store.get("theme");
if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;

function themeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  const dark = () => getComputedStyle(root).colorScheme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const name = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    store.set("theme", root.dataset.theme);
    name();
  });
  name();
  button.disabled = false;
}

function copyButtons() {
  for (const block of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const text = block.querySelector("pre").textContent.replace(/\n$/, "");
      try {
        await navigator.clipboard.writeText(text);
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

// Ticks are the reader's own: kept in this browser, by document and by the words beside the box.
function ticks() {
  const text = document.querySelector("[data-document]");
  if (!text) return;
  const key = `ticks:${text.dataset.document}`;
  let kept = {};
  try { kept = JSON.parse(store.get(key)) || {}; } catch { /* not ours */ }
  for (const box of text.querySelectorAll("input[type=checkbox]")) {
    const step = box.closest(".step")?.querySelector("h3");
    const words = box.closest(".done") ? step.id : box.parentElement.textContent.trim();
    if (words in kept) box.checked = kept[words];
    box.addEventListener("change", () => {
      kept[words] = box.checked;
      store.set(key, JSON.stringify(kept));
    });
  }
}

function contentsHighlight() {
  const links = new Map();
  for (const link of document.querySelectorAll(".side .contents a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  if (!links.size) return;
  const mark = () => {
    let current = null;
    for (const heading of links.keys()) {
      if (heading.getBoundingClientRect().top > innerHeight * 0.3) break;
      current = heading;
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
  copyButtons();
  ticks();
  contentsHighlight();
});
