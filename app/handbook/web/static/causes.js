"use strict";
// A runbook's causes: which are open, which are folded. The reader's own choice wins.

const causes = [...document.querySelectorAll(".suspects li")].map((item) => {
  const heading = document.getElementById(item.dataset.cause);
  const section = heading.closest(".cause");
  return {
    id: heading.id,
    name: item.querySelector("a").textContent,
    check: item.dataset.check, // none: by hand
    section,
    chips: [item, section].flatMap((place) => [...place.querySelectorAll(".chip")]),
    state: "checking",
    choice: null, // the reader's: open (true), folded (false), or none
  };
});

function isFolded(cause) {
  if (cause.choice !== null) return !cause.choice;
  return cause.section.classList.contains("ticked") || cause.state === "ruled out";
}

// Fold or open a cause. What the reader has before the eyes folds when it is out of sight.
function arrange(cause, atOnce = false) {
  const folded = isFolded(cause);
  const { classList } = cause.section;
  if (folded === classList.contains("folded")) return;
  const { top, bottom, height } = cause.section.getBoundingClientRect();
  const seen = bottom > 0 && top < innerHeight;
  if (folded && !atOnce && (seen || cause.section.contains(document.activeElement))) return;
  classList.toggle("folded", folded);
  if (cause.button) {
    cause.button.textContent = folded ? "Open" : "Fold";
    cause.button.setAttribute("aria-expanded", String(!folded));
  }
  if (bottom <= 0) scrollBy({ top: cause.section.offsetHeight - height, behavior: "instant" });
}

function foldButton(cause) {
  const place = cause.section.querySelector(".verdict");
  if (!place) return;
  cause.button = document.createElement("button");
  cause.button.type = "button";
  cause.button.textContent = "Fold";
  cause.button.setAttribute("aria-expanded", "true");
  cause.button.setAttribute("aria-describedby", cause.id);
  cause.button.addEventListener("click", () => {
    cause.choice = cause.section.classList.contains("folded");
    arrange(cause, true);
  });
  place.append(cause.button);
}

// Open the cause that a link leads to; return the place in it if it was folded.
function openTarget(hash) {
  let target = null;
  try { target = document.getElementById(decodeURIComponent(hash.slice(1))); } catch { /* no id */ }
  const cause = target && causes.find((each) => each.section.contains(target));
  if (!cause) return null;
  const wasFolded = cause.section.classList.contains("folded");
  cause.choice = true;
  for (const each of causes) arrange(each, true);
  return wasFolded ? target : null;
}

if (causes.length) {
  for (const cause of causes) foldButton(cause);
  openTarget(location.hash);
  addEventListener("hashchange", () => openTarget(location.hash)?.scrollIntoView());
  document.addEventListener("click", (event) => { // before the browser goes there
    const link = event.target.closest('a[href^="#"]');
    if (link) openTarget(link.hash);
  });
  const outOfSight = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) arrange(causes.find((cause) => cause.section === target));
    }
  });
  for (const cause of causes) outOfSight.observe(cause.section);
}
