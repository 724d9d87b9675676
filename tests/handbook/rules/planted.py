"""The violations that tests plant in the sample, each with the rule that must find it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

RUNBOOK = "runbooks/high-api-latency.md"
OLD, NEW = "adrs/001-pickle.md", "adrs/002-scorecard.md"
GUIDE = "guides/onboarding.md"
RULES = "deploy/prometheus/alerts.yml"
TEAMS = "owners.yaml"
CARD = "model/releases/1.0.0/card.yaml"

Plant = Callable[[Path], None]


def swap(path: str, old: str, new: str) -> Plant:
    """Replace words that are there."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new), "utf-8")

    return plant


def without(path: str, heading: str) -> Plant:
    """Drop a section: its heading and everything down to the next of its level."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        level = heading.split(maxsplit=1)[0]
        left, found = re.subn(
            rf"^{re.escape(heading)}\n.*?(?=^#{{1,{len(level)}}} |^---$)",
            "",
            text,
            flags=re.M | re.S,
        )
        assert found == 1
        (folder / path).write_text(left, "utf-8")

    return plant


def emptied(path: str, heading: str) -> Plant:
    """Leave a section's heading alone."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        left, found = re.subn(
            rf"(^{re.escape(heading)}\n).*?(?=^## |^---$)", r"\1\n", text, flags=re.M | re.S
        )
        assert found == 1
        (folder / path).write_text(left, "utf-8")

    return plant


def raw(path: str, change: Callable[[bytes], bytes]) -> Plant:
    """Change a document's bytes."""

    def plant(folder: Path) -> None:
        (folder / path).write_bytes(change((folder / path).read_bytes()))

    return plant


def moved(path: str, to: str) -> Plant:
    """Give a document another name."""

    def plant(folder: Path) -> None:
        (folder / path).rename(folder / to)

    return plant


def with_teams(plant: Plant, more: str = "") -> Plant:
    """Add the list of the sample's teams, and more of it, before the violation."""
    names = ("Platform team", "Machine learning team", "Customer success")
    names += ("Machine learning lead", "Platform lead")

    def plant_both(folder: Path) -> None:
        listed = "".join(f"  - {{name: {name}, owns: a part}}\n" for name in names)
        (folder / TEAMS).write_text(f"teams:\n{listed}{more}", "utf-8")
        plant(folder)

    return plant_both


def fair(key: str, entry: str) -> Plant:
    """Add a gap between groups, or an exception from its limit, to the card."""
    return swap(CARD, "  fairness:", f"  fairness_{key}: [{{{entry}}}]\n  fairness:")


def nothing(folder: Path) -> None:
    """Plant nothing else."""


PLANTED: list[tuple[str, str, str, Plant]] = [
    # rule, level, the document it is found in, the violation
    ("encoding", "error", RUNBOOK, raw(RUNBOOK, lambda b: b.replace(b"slow", b"sl\xf6w"))),
    ("encoding", "warning", RUNBOOK, raw(RUNBOOK, lambda b: b"\xef\xbb\xbf" + b)),
    ("line-ends", "warning", RUNBOOK, raw(RUNBOOK, lambda b: b.replace(b"\n", b"\r\n"))),
    ("size", "error", GUIDE, raw(GUIDE, lambda b: b + b"more words\n" * 500_000)),
    ("name", "error", "guides/Not A Name.md", moved(GUIDE, "guides/Not A Name.md")),
    ("name", "error", "adrs/decision.md", moved(NEW, "adrs/decision.md")),
    ("title", "error", RUNBOOK, swap(RUNBOOK, "# Runbook: High", "# High")),
    ("title", "error", OLD, swap(OLD, "# ADR-001: ", "# ")),
    ("title", "error", GUIDE, swap(GUIDE, "# Your first day\n", "")),
    ("title", "error", GUIDE, swap(GUIDE, "## Start", "# Start")),
    ("footer", "error", RUNBOOK, swap(RUNBOOK, "**Reviewers**", "Reviewers")),
    ("footer", "error", GUIDE, swap(GUIDE, "**Owner**: Platform team", "")),
    ("footer", "error", OLD, swap(OLD, "**Consulted**: Platform lead", "**Consulted**:")),
    ("date", "error", RUNBOOK, swap(RUNBOOK, "2026-10-20", "2026-02-30")),
    ("date", "error", RUNBOOK, swap(RUNBOOK, "2026-10-20", "20 October")),
    ("date", "error", GUIDE, swap(GUIDE, "2026-11-10", "2026-11-24")),
    ("date", "error", OLD, swap(OLD, "2026-03-02", "2027-03-02")),
    ("overdue", "warning", RUNBOOK, swap(RUNBOOK, "2026-10-20", "2026-08-24")),
    ("owner", "error", RUNBOOK, swap(RUNBOOK, "r**: Platform team", "r**: Jane Doe")),
    ("owner", "error", RUNBOOK, swap(RUNBOOK, "Machine learning team,", "jane@example.org,")),
    ("owner", "error", GUIDE, swap(GUIDE, "Platform team", "TBD")),
    ("team", "error", RUNBOOK, with_teams(swap(RUNBOOK, "Machine learning t", "ML t"))),
    ("team", "error", GUIDE, with_teams(swap(GUIDE, "Platform team", "platform team"))),
    ("team", "error", OLD, with_teams(swap(OLD, "s**: Machine learning lead", "s**: Lead"))),
    ("team", "error", CARD, with_teams(swap(CARD, "  factors:", "  owner: ML\n  factors:"))),
    ("teams", "error", TEAMS, with_teams(nothing, "  - {name: The platform group, owns: x}\n")),
    ("teams", "error", TEAMS, with_teams(nothing, "  - {name: Analysts}\n")),
    ("teams", "error", TEAMS, with_teams(swap(TEAMS, "teams:", "groups:"))),
    ("fence", "error", GUIDE, swap(GUIDE, 'monthly_charges": 65.5}}\n```', 'x": 1}}\n')),
    ("fence-language", "error", GUIDE, swap(GUIDE, "```python", "```")),
    ("unfilled", "error", GUIDE, swap(GUIDE, "## Start the", "<how it is done>\n\n## Start the")),
    *[
        ("example", "warning", GUIDE, swap(GUIDE, "```bash run", f"```bash{info}"))
        for info in ("", " needs=redis", " drill", " run drill", " run twice", " serves")
    ],
    ("raw-html", "error", GUIDE, swap(GUIDE, "For an engineer", "For <b>an</b> engineer")),
    ("raw-html", "error", GUIDE, swap(GUIDE, "> The", "<div>\nx\n</div>\n\n> The")),
    ("opening", "error", GUIDE, emptied(GUIDE, "# Your first day")),
    ("section", "error", GUIDE, swap(GUIDE, "## ", "")),
    ("severity", "error", RUNBOOK, swap(RUNBOOK, "P2 (Warning)", "high")),
    ("severity", "error", RUNBOOK, without(RUNBOOK, "## Severity: P2 (Warning)")),
    ("alerts", "warning", RUNBOOK, without(RUNBOOK, "## Alerts")),
    ("alerts", "warning", RUNBOOK, emptied(RUNBOOK, "## Alerts")),
    ("symptoms", "error", RUNBOOK, swap(RUNBOOK, "\n- ", "\n")),
    ("impact", "error", RUNBOOK, swap(RUNBOOK, "**SLO**", "SLO")),
    ("steps", "error", RUNBOOK, swap(RUNBOOK, "### 3. ", "### 4. ")),
    ("steps", "error", RUNBOOK, swap(RUNBOOK, "### ", "")),
    ("step-command", "error", RUNBOOK, swap(RUNBOOK, "### 3. F", "### 3. A\n\nx\n\n### 4. F")),
    ("causes", "error", RUNBOOK, swap(RUNBOOK, "### Cause 2", "### Cause 3")),
    ("causes", "error", RUNBOOK, swap(RUNBOOK, "### Cause", "Cause")),
    ("cause", "error", RUNBOOK, swap(RUNBOOK, "**Solution**: restart", "Restart")),
    ("cause", "error", RUNBOOK, swap(RUNBOOK, "**Symptoms**: every", "every")),
    ("check", "warning", RUNBOOK, swap(RUNBOOK, "**Check**: `churn", "`churn")),
    ("check", "error", RUNBOOK, swap(RUNBOOK, "`churn diagnose cache`", "look at the cache")),
    ("check", "error", RUNBOOK, swap(RUNBOOK, "churn diagnose workers", "churn diagnose cache")),
    ("prevention", "error", RUNBOOK, swap(RUNBOOK, "- [", "- x[")),
    ("related", "error", RUNBOOK, swap(RUNBOOK, "](", "] (")),
    *[
        ("section", "error", RUNBOOK, plant(RUNBOOK, f"## {title}"))
        for title in (
            "Symptoms",
            "Impact",
            "Investigation Steps",
            "Common Causes & Solutions",
            "Escalation",
            "Prevention",
            "Related Documents",
        )
        for plant in (without, emptied)
    ],
    *[
        ("section", "error", OLD, plant(OLD, f"## {title}"))
        for title in ("Status", "Context", "Decision", "Rationale", "Consequences")
        for plant in (without, emptied)
    ],
    *[
        ("section", "error", OLD, without(OLD, f"### {title}"))
        for title in ("Pros", "Cons", "Comparison", "Positive", "Negative")
    ],
    ("section", "error", OLD, without(OLD, "## Alternatives Considered")),
    ("section", "error", OLD, without(OLD, "## References")),
    ("confirmation", "warning", OLD, without(OLD, "## Confirmation")),
    ("confirmation", "warning", NEW, emptied(NEW, "## Confirmation")),
    ("confirmation", "warning", NEW, swap(NEW, "`make bench` prints the sizes, by `", "`x")),
    ("confirmation", "error", NEW, swap(NEW, "size.py::main", "size.py::run")),
    ("confirmation", "error", NEW, swap(NEW, "size.py::main", "sizes.py")),
    ("confirmation", "error", NEW, swap(NEW, "size.py::main", "../benchmarks/size.py")),
    ("confirmation", "error", NEW, swap("benchmarks/size.py", "def main", "def def")),
    ("confirmation", "error", NEW, swap(NEW, "make bench", "make benches")),
    ("confirmation", "warning", OLD, swap(OLD, "Measured by hand", "`tests/test_x.py::test_y`")),
    ("confirmation", "error", GUIDE, swap(GUIDE, "size.py::main", "size.py::run")),
    ("confirmation", "warning", GUIDE, swap(GUIDE, "`benchmarks/size.py::main`", "us")),
    ("alert", "error", RULES, swap(RULES, "          runbook_url: /run", "          x: /run")),
    ("alert", "error", RULES, swap(RULES, "model-release-refused", "no-such-runbook")),
    ("alert", "error", RULES, swap(RULES, "/runbooks/model-release-refused", "http://[x")),
    ("alert", "error", RULES, swap(RULES, "runbooks/model-release-refused", "guides/onboarding")),
    ("alert", "error", RULES, swap(RULES, "#cause-1-", "#cause-9-")),
    ("alert", "error", RULES, swap(RULES, "latency.html#cause-1-", "latency.html#cause-2-")),
    ("alert", "error", RULES, swap(RULES, "latency.html#cause-1-", "errors.html#cause-1-")),
    ("alert", "error", RULES, swap(RULES, "latency.html#cause-1-", "latency#cause-1-")),
    ("alert", "error", RULES, swap(RULES, "alert: ChurnApiLatencyBurn", "alert: ChurnApiBurn")),
    ("alert", "error", RUNBOOK, swap(RULES, "alert: ChurnApiLatencyBurn", "record: x")),
    ("alert", "error", RUNBOOK, swap(RUNBOOK, "`ChurnApiLatencyBurn`", "`ChurnApiBurn`")),
    ("yaml", "error", RULES, swap(RULES, "  - name: sample", "  - name: 'sample")),
    ("yaml", "error", RULES, raw(RULES, lambda b: b + b"\xff")),
    ("yaml", "error", CARD, raw(CARD, lambda b: b + b"[" * 20_000)),
    ("yaml", "error", CARD, raw(CARD, lambda b: b + b"# more\n" * 500_000)),
    ("card", "error", CARD, swap(CARD, "model_card:", "card:")),
    ("card", "error", CARD, swap(CARD, "    out_of_scope", "    scope")),
    ("card", "error", CARD, swap(CARD, "  factors:", "  facts:")),
    ("card", "error", CARD, swap(CARD, "name: Sample", "name:")),
    ("gap", "error", CARD, swap(CARD, "name: Sample", "name: 'GAP: Sample' #")),
    ("card", "error", CARD, swap(CARD, "metric: roc_auc", "name: roc_auc")),
    ("card", "error", CARD, swap(CARD, "{name: holdout, size: 1,", "{name: holdout,")),
    (
        "card",
        "error",
        CARD,
        swap(CARD, "    datasets:", "    datasets: one\n    others:"),
    ),
    ("card", "warning", CARD, swap(CARD, "  fairness:", "  groups:")),
    ("card", "warning", CARD, swap(CARD, "  artifacts:", "  files:")),
    ("date", "error", CARD, swap(CARD, "2026-11-20", "2026-11-31")),
    ("date", "error", CARD, swap(CARD, "2026-11-20", "2026-11-24")),
    ("version", "error", CARD, swap(CARD, "version: 1.0.0", "version: 1.0.1")),
    ("metric", "error", CARD, swap(CARD, "value: 0.5", "value: 0.3")),
    ("metric", "error", CARD, swap(CARD, "value: 0.6", "value: 0.8")),
    ("metric", "error", CARD, swap(CARD, "value: 0.5", "value: about 0.5")),
    ("fairness", "error", CARD, fair("gaps", "feature: Partner, gap: 0.3, limit: 0.2")),
    ("fairness", "error", CARD, fair("exceptions", "factor: tenure, expires: 2027-05-28")),
    ("fairness", "error", CARD, fair("exceptions", "factor: partner, expires: soon")),
    ("fairness", "warning", CARD, fair("exceptions", "factor: partner, expires: 2026-12-01")),
    ("team", "error", CARD, with_teams(fair("exceptions", "factor: partner, owner: Ghost team"))),
    ("artifact", "error", CARD, swap(CARD, "file: scorecard.json", "file: scores.json")),
    ("artifact", "error", CARD, swap(CARD, "file: scorecard.json", "file: ../../features.yaml")),
    (
        "artifact",
        "error",
        CARD,
        swap("model/releases/1.0.0/scorecard.json", "1.0.0", "1.0.1"),
    ),
    ("comparison", "error", OLD, swap(OLD, "|---|---|---|\n", "")),
    ("alternatives", "error", OLD, swap(OLD, "**Rejected**", "Rejected")),
    ("alternatives", "error", OLD, swap(OLD, "### ONNX", "")),
    ("status", "error", NEW, swap(NEW, "Accepted\n", "Perhaps\n")),
    ("status", "error", OLD, swap(OLD, "Superseded by ADR-002", "Accepted, superseded by ADR-002")),
    ("number", "error", "adrs/004-scorecard.md", moved(NEW, "adrs/004-scorecard.md")),
    ("number", "error", NEW, swap(NEW, "# ADR-002", "# ADR-003")),
    ("number", "error", "adrs/002-pickle.md", moved(OLD, "adrs/002-pickle.md")),
    ("supersession", "error", NEW, swap(OLD, "Superseded by ADR-002", "Accepted")),
    ("supersession", "error", OLD, swap(NEW, "Supersedes ADR-001", "")),
    ("supersession", "error", OLD, swap(OLD, "Superseded by ADR-002", "Superseded")),
    ("supersession", "error", OLD, swap(OLD, "Superseded by ADR-002", "Superseded by ADR-007")),
    ("link", "error", GUIDE, swap(GUIDE, "../runbooks/high-api-latency.md", "../runbooks/no.md")),
    ("link", "error", GUIDE, swap(GUIDE, "../runbooks/high-api-latency.md", "../model/no.yaml")),
    ("link", "error", GUIDE, swap(GUIDE, "../runbooks/high-api-latency.md", "../../outside")),
    ("link", "error", GUIDE, swap(GUIDE, "(/docs)", "(javascript:alert)")),
    ("link", "error", GUIDE, swap(GUIDE, "(/docs)", "(/nowhere)")),
    ("image", "error", GUIDE, swap(GUIDE, "(/docs)", "(/docs) ![x](images/none.png)")),
    ("image", "error", GUIDE, swap(GUIDE, "(/docs)", "(/docs) [x](none.svg)")),
    ("image", "error", GUIDE, swap(GUIDE, "(/docs)", "(/guides/none.svg)")),
    ("image", "error", GUIDE, swap(GUIDE, "(/docs)", "(/docs) ![x](../model/features.yaml)")),
    ("footer", "error", GUIDE, raw(GUIDE, lambda b: b + b"\nBack to the list.\n")),
    ("anchor", "error", RUNBOOK, swap(RUNBOOK, "#confirmation", "#confirmed")),
    ("anchor", "error", "runbooks/model-release-refused.md", swap(RUNBOOK, "Cause 1:", "Cause 2:")),
]
