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
    chips: [item, ...section.querySelectorAll(".verdict")].map((place) => place.querySelector(".chip")),
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

function target(hash) {
  try { return document.getElementById(decodeURIComponent(hash.slice(1))); } catch { return null; }
}

// Open the cause that a link leads to.
function openTarget(hash) {
  const place = target(hash);
  const cause = place && causes.find((each) => each.section.contains(place));
  if (!cause) return;
  cause.choice = true;
  for (const each of causes) arrange(each, true);
}

// The browser's own way there may end where another smooth scroll has begun.
function goTo(hash) {
  openTarget(hash);
  requestAnimationFrame(() => target(hash)?.scrollIntoView({ behavior: "instant" }));
}

if (causes.length) {
  for (const cause of causes) foldButton(cause);
  openTarget(location.hash);
  addEventListener("hashchange", () => goTo(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) goTo(link.hash);
  });
  const outOfSight = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) arrange(causes.find((cause) => cause.section === target));
    }
  });
  for (const cause of causes) outOfSight.observe(cause.section);
}
