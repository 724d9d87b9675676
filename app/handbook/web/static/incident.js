"use strict";
// What the reader does in an incident, with times: kept in this browser, for 12 hours.

const KEPT = 12 * 60 * 60 * 1000; // milliseconds
const incidentPlace = document.getElementById("page.incident");
const incidentKey = `incident:${location.pathname}`;
const EVENT_WORDS = { check: "Check: ", alert: "Alert: ", done: "Done: ", aside: "Set aside: ", note: "" };

// began: when it was started, or the first tick before that. last: each check's and alert's state.
const fresh = () => ({ began: null, started: false, events: [], last: {} });
const timeNow = () => new Date().toISOString();
let record = read();
let stored = true;
let expiry = 0;

function read() {
  for (const area of [store, session]) {
    try {
      const found = JSON.parse(area.get(incidentKey));
      if (Date.now() - Date.parse(found.began) < KEPT) return { ...fresh(), ...found };
      area.remove(incidentKey);
    } catch { /* nothing, or someone else wrote it */ }
  }
  return fresh();
}

// "03:12:08 UTC", with the date if it is another day's.
function clock(time) {
  const at = new Date(time).toISOString();
  const day = at.slice(0, 10) === timeNow().slice(0, 10) ? "" : `${at.slice(0, 10)} `;
  return `${day}${at.slice(11, 19)} UTC`;
}

// What happened, in order; the beginning included.
function happened() {
  const began = record.started ? [{ at: record.began, words: "Incident started" }] : [];
  return [...began, ...record.events]
    .map(({ at, kind, words }) => ({ at, words: (EVENT_WORDS[kind] ?? "") + words }))
    .sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

// After its time is over, or another tab changed it.
function again() {
  record = read();
  draw();
}

function keep() {
  stored = (record.started ? store : session).set(incidentKey, JSON.stringify(record));
  draw();
}

function add(event) {
  record.began ??= event.at;
  record.events.push(event);
  keep();
}

// Note a check's or alert's state if it is another than before; the first began when that is known.
function saw(kind, id, state, words, since) {
  const key = `${kind} ${id}`;
  if (!record.started || record.last[key] === state) return;
  const at = record.last[key] || !since ? timeNow() : new Date(since).toISOString();
  record.last[key] = state;
  add({ at, kind, id, state, words });
}

// Needed only now. The browser fetched it with the page, for the service may be down by now.
function loadPostmortem() {
  const link = document.querySelector('[rel="prefetch"]');
  if (!link) return;
  const script = document.createElement("script");
  script.src = link.href;
  document.head.append(script);
  link.remove();
}

function draw() {
  clearTimeout(expiry);
  if (record.began) expiry = setTimeout(again, Date.parse(record.began) + KEPT - Date.now());
  root.classList.toggle("in-incident", record.started);
  document.querySelector("[data-start]").hidden = record.started;
  const link = document.querySelector("[data-started]");
  link.hidden = !record.started;
  if (record.started) {
    loadPostmortem();
    link.textContent = `Started ${clock(record.began)}`;
    const until = clock(Date.parse(record.began) + KEPT);
    incidentPlace.querySelector("[data-kept]").textContent = stored
      ? `Ticks and notes are kept in this browser only, until ${until}.`
      : "This browser stores nothing: a reload loses the ticks and notes.";
  }
  const log = incidentPlace.querySelector(".log");
  log.replaceChildren(...happened().map(({ at, words }) => {
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = at;
    time.textContent = clock(at);
    line.append(time, ` ${words}`);
    return line;
  }));
  log.scrollTop = log.scrollHeight;
  for (const box of document.querySelectorAll(".done input")) mark(box);
}

function mark(box) {
  const section = box.closest(".step, .cause");
  const { id } = section.querySelector("h3");
  box.checked = record.events.some((event) => isTick(event) && event.id === id);
  if (section.classList.toggle("ticked", box.checked) === box.wasChecked) return;
  box.wasChecked = box.checked;
  const cause = causes.find((each) => each.section === section);
  if (cause) arrange(cause, true);
}

const isTick = (event) => event.kind === "done" || event.kind === "aside";

function tick(box) {
  const section = box.closest(".step, .cause");
  const heading = section.querySelector("h3");
  const cause = causes.find((each) => each.section === section);
  if (cause) cause.choice = box.checked ? null : true;
  record.events = record.events.filter((event) => !isTick(event) || event.id !== heading.id);
  if (!box.checked) return keep();
  const kind = cause ? "aside" : "done";
  add({ at: timeNow(), kind, id: heading.id, words: heading.textContent });
}

function begin() {
  record = { ...record, began: timeNow(), started: true };
  session.remove(incidentKey);
  keep();
  document.dispatchEvent(new Event("incident"));
  document.querySelector("[data-started]").focus();
}

function clear() {
  if (!confirm("Clear this incident's time, ticks and notes? A new one can be started then.")) return;
  store.remove(incidentKey);
  record = fresh();
  draw();
  document.querySelector("[data-start]").focus();
}

if (incidentPlace) {
  draw();
  document.querySelector("[data-start]").addEventListener("click", begin);
  incidentPlace.querySelector("[data-clear]").addEventListener("click", clear);
  incidentPlace.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.querySelector("input");
    add({ at: timeNow(), kind: "note", words: field.value.trim() });
    field.value = "";
  });
  for (const box of document.querySelectorAll(".done input")) {
    box.addEventListener("change", () => tick(box));
  }
  addEventListener("storage", (event) => { if (event.key === incidentKey) again(); });
}
