"use strict";
// Forms that answer while the reader types. A form's data-live names the parts of this page that
// its answer, which is a page, replaces; the first part says the answer. All works without scripts.

const live = document.querySelector("form[data-share]");
let pause, asked;

const params = (form) => new URLSearchParams(new FormData(form));
const find = (place, what) => [...place.querySelectorAll(what)];

// What the reader opened or switched stays so.
function replace(part, other) {
  if (part.innerHTML === other.innerHTML) return;
  const kept = find(part, "details, [type=checkbox]").map((e) => e.open || e.checked);
  part.replaceChildren(...other.childNodes);
  find(part, "details, [type=checkbox]").forEach((e, i) => { e.open = e.checked = kept[i]; });
  for (const place of find(part, ".value")) place.textContent = ownAddress(place.textContent);
}

// Beside a field stands what is wrong with it; not that it is empty, unless the reader asked.
function tellFaults(form, page, all) {
  for (const place of find(form, ".fault")) {
    const words = page.getElementById(place.id)?.textContent || "";
    for (const field of find(form, `[aria-describedby~="${place.id}"]`)) {
      const shown = all || field.value ? words : "";
      if (shown) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      place.textContent = shown;
    }
  }
  const list = document.getElementById("faults");
  if (!all || !list) return;
  replace(list, page.getElementById("faults"));
  if (list.children.length) list.focus();
}

async function ask(form, all) {
  asked?.abort();
  const { signal } = asked = new AbortController();
  const [said, ...parts] = form.dataset.live.split(" ").map((id) => document.getElementById(id));
  let page;
  try {
    const answer = await fetch(`${form.action}?live`, { method: "POST", body: params(form), signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    if (!signal.aborted) said.textContent = "No answer: the service can’t be reached.";
    return;
  }
  const other = page.getElementById(said.id);
  const answered = other && !("none" in other.dataset);
  const words = other ? other.textContent : `No answer: ${page.querySelector("h1")?.textContent}.`;
  if (said.textContent !== words) said.textContent = words;
  for (const part of parts) {
    part.classList.toggle("stale", !answered);
    if (answered) replace(part, page.getElementById(part.id));
  }
  if (other) tellFaults(form, page, all);
}

// The fragment holds what was filled in: no server and no proxy sees it.
function share() {
  const state = params(live);
  for (const [name, text] of [...state]) if (!text || text === "default") state.delete(name);
  history.replaceState(null, "", `${location.pathname}#${state}`);
}

function fillIn() {
  const state = new URLSearchParams(location.hash.slice(1));
  const fields = [...live.elements].filter((field) => field.name);
  if (!fields.some((field) => state.has(field.name))) return;
  for (const field of fields) {
    const text = state.get(field.name) ?? (field.name === ".policy" ? "default" : "");
    if (field.type === "radio") field.checked = field.value === text;
    else field.value = text;
    // The link may be of a time when there were other choices.
    if (field.selectedIndex < 0) field.selectedIndex = 0;
  }
  ask(live, true);
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.dataset.live) return;
  if (target.parentElement.className === "slide") {
    for (const other of target.parentElement.children) other.value = target.value;
  }
  if (form === live) share();
  clearTimeout(pause);
  pause = setTimeout(ask, 200, form);
});

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.live) return;
  event.preventDefault();
  clearTimeout(pause);
  ask(event.target, true);
});

if (live) {
  fillIn();
  addEventListener("hashchange", fillIn);
}
