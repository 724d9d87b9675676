"use strict";
// What an incident leaves: a summary to send, and the draft of its document.

const runbookTitle = document.querySelector("h1").textContent;
const summaryLine = ({ at, words }) => `- ${clock(at)}: ${words}`;

// The causes that were found and not set aside, the first found first.
function causesFound() {
  const aside = new Set(record.events.filter((e) => e.kind === "aside").map((e) => e.id));
  const found = record.events.filter((e) => e.state === "found" && !aside.has(e.id));
  return [...new Set(found.map((e) => e.id))].flatMap((id) => causes.filter((c) => c.id === id));
}

function summary() {
  const { severity } = incidentPlace.dataset;
  const likely = causesFound().map((cause) => cause.words || cause.name);
  const [cause] = causesFound();
  const address = location.origin + location.pathname + (cause ? `#${cause.id}` : "");
  return [
    `Incident: ${runbookTitle}` + (severity && ` (${severity})`),
    `Started: ${clock(record.began)}`,
    `Alerts: ${document.querySelector(".alerting").textContent.trim()}`,
    `Cause: ${likely.join("; ") || "none found yet"}`,
    ...happened().map(summaryLine),
    address,
  ].join("\n");
}

// Words as markdown that shows them as they are.
function plain(words) {
  return words.replace(/[\\`*_[\]|~]/g, "\\$&").replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

// The document's sections and its places to fill in are those of the skeleton of incidents.
function draft() {
  const { path, owner, severity } = incidentPlace.dataset;
  const timeline = ({ at, words }) => `- ${at.slice(0, 19).replace("T", " ")} UTC: ${plain(words)}`;
  const links = causesFound().map((cause) => `[${plain(cause.name)}](../${path}#${cause.id})`);
  return `# Incident: ${plain(runbookTitle)}

## Summary

<what users noticed, for how long, and what ended it>

## Timeline

${happened().map(timeline).join("\n")}

## Cause

${links.join(", ") || "missing cause"}

## What we learned

<what surprised us, and what went well>

## Actions

- [ ] <what is to be done> (owner: <the team that does it>)

---

**Date**: ${record.began.slice(0, 10)}
**Owner**: ${owner}
**Severity**: ${severity}
`;
}

async function copySummary(button) {
  const text = summary();
  try {
    await copyText(text);
    button.textContent = "Copied";
  } catch {
    const field = incidentPlace.querySelector("[data-summary]");
    field.hidden = false;
    field.textContent = text;
    getSelection().selectAllChildren(field);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => { button.textContent = "Copy summary"; }, 2000);
}

function downloadDraft() {
  const slug = incidentPlace.dataset.path.replace(/^.*\/|\.md$/g, "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([draft()], { type: "text/markdown" }));
  link.download = `${record.began.slice(0, 10)}-${slug}.md`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const copy = incidentPlace.querySelector("[data-copy]");
copy.addEventListener("click", () => copySummary(copy));
const draftButton = incidentPlace.querySelector("[data-draft]");
draftButton.addEventListener("click", downloadDraft);
copy.disabled = draftButton.disabled = false;
