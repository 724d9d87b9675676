"""Write deploy/grafana/api-overview.json, or with --check compare: the dashboard, as code."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.writing.atomic_files import atomic_write

FOLDER = Path(__file__).resolve().parent.parent / "deploy"
FILE = FOLDER / "grafana" / "api-overview.json"
SERVICE = yaml.safe_load((FOLDER / "addresses.yaml").read_text("utf-8"))["service"]
RUNBOOKS = f"{SERVICE}/runbooks"
PREDICTIONS = 'churn_predictions_total{job="churn-api"}'
REQUESTS = 'http_request_duration_seconds_count{job="churn-api"}'
FAILED = 'http_request_duration_seconds_count{job="churn-api",status=~"5.."}'
WINDOW = "[$__rate_interval]"


@dataclass(frozen=True)
class Panel:
    """One graph: title, queries with their legends, unit, and the runbook that it belongs to."""

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str
    runbook: str
    description: str


def _quantile(share: float, metric: str, by: str, match: str = "") -> str:
    buckets = f'{metric}_bucket{{job="churn-api"{match}}}'
    return f"histogram_quantile({share}, sum by (le{by}) (rate({buckets}{WINDOW})))"


PANELS = (
    Panel(
        "Requests a second",
        ((f"sum by (route) (rate({REQUESTS}{WINDOW}))", "{{route}}"),),
        "reqps",
        "service-down",
        "By route; probes and scrapes are left out.",
    ),
    Panel(
        "Errors",
        ((f"(sum(rate({FAILED}{WINDOW})) or vector(0)) / sum(rate({REQUESTS}{WINDOW}))", "5xx"),),
        "percentunit",
        "high-error-rate",
        "Share of requests that failed with 5xx. The objective allows 0.1 % of a month's requests.",
    ),
    Panel(
        "Latency",
        tuple(
            (_quantile(share, "http_request_duration_seconds", ""), f"{share:.0%}")
            for share in (0.5, 0.95, 0.99)
        ),
        "s",
        "high-api-latency",
        "An alert fires if the 95th percentile is above 500 ms for 10 minutes.",
    ),
    Panel(
        "Latency by route",
        ((_quantile(0.95, "http_request_duration_seconds", ", route"), "{{route}}"),),
        "s",
        "high-api-latency",
        "95th percentile.",
    ),
    Panel(
        "Time by part",
        ((_quantile(0.95, "churn_part_duration_seconds", ", part"), "{{part}}"),),
        "s",
        "high-api-latency",
        "95th percentile of the time that a request spends in each part.",
    ),
    Panel(
        "Processor time of a worker",
        (
            (
                f'sum(rate(churn_worker_processor_seconds_total{{job="churn-api"}}{WINDOW}))'
                ' / sum(churn_workers{job="churn-api"})',
                "of one processor",
            ),
        ),
        "percentunit",
        "high-api-latency",
        "An alert fires above 85 % for 10 minutes.",
    ),
    Panel(
        "Predictions",
        (
            (
                f"sum by (prediction, policy) (rate({PREDICTIONS}{WINDOW}))",
                "{{prediction}}, {{policy}}",
            ),
        ),
        "cps",
        "model-release-refused",
        "By outcome and policy.",
    ),
    Panel(
        "Release in service",
        (('max by (version) (churn_model_release_serving{job="churn-api"})', "{{version}}"),),
        "none",
        "model-release-refused",
        "1 for the release in service, 0 for earlier ones.",
    ),
    Panel(
        "Cache hits",
        (
            (
                f'(sum(rate(churn_cache_requests_total{{job="churn-api",result="hit"}}{WINDOW})) '
                f'or vector(0)) / sum(rate(churn_cache_requests_total{{job="churn-api"}}{WINDOW}))',
                "hits",
            ),
        ),
        "percentunit",
        "cache-miss-storm",
        "Share of lookups by id that the cache answered. An alert fires below 20 % for 10 minutes.",
    ),
    Panel(
        "Circuits",
        (('max by (part) (churn_circuit_open{job="churn-api"})', "{{part}}"),),
        "none",
        "database-slow-or-down",
        "1 while a worker's circuit to a failed part is open.",
    ),
    Panel(
        "Calls to the database",
        (
            ('sum(churn_database_calls_in_progress{job="churn-api"})', "in progress"),
            ('sum(churn_database_calls_limit{job="churn-api"})', "limit"),
        ),
        "none",
        "database-slow-or-down",
        "With calls given up that have not ended. At the limit, others are refused at once.",
    ),
    Panel(
        "Refused because busy",
        (
            (
                f'sum by (part) (rate(churn_refused_busy_total{{job="churn-api"}}{WINDOW}))',
                "{{part}}",
            ),
        ),
        "reqps",
        "database-slow-or-down",
        "Calls to a part that were not made because as many were in progress as there may be.",
    ),
    Panel(
        "Lines of the log dropped",
        ((f'sum(rate(churn_log_lines_dropped_total{{job="churn-api"}}{WINDOW}))', "a second"),),
        "cps",
        "high-error-rate",
        "Lines that were dropped because the log's reader stalled. Requests don't wait for it.",
    ),
    Panel(
        "Overdue reviews",
        (('max(churn_documents_overdue{job="churn-api"})', "documents"),),
        "none",
        "overdue-reviews",
        "Runbooks and guides whose review is overdue.",
    ),
)


def dashboard() -> dict[str, Any]:
    """The dashboard in Grafana's JSON."""
    return {
        "uid": "api-overview",
        "title": "Churn API overview",
        "schemaVersion": 41,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "tags": ["churn"],
        "panels": [_panel(number, panel) for number, panel in enumerate(PANELS)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": source,
        "gridPos": {"x": number % 3 * 8, "y": number // 3 * 8, "w": 8, "h": 8},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "links": [{"title": "Runbook", "url": f"{RUNBOOKS}/{panel.runbook}", "targetBlank": True}],
        "targets": [
            {"refId": chr(65 + i), "datasource": source, "expr": query, "legendFormat": legend}
            for i, (query, legend) in enumerate(panel.queries)
        ],
    }


def main() -> int:
    """Write the file, or compare: 1 where it differs."""
    rendered = json.dumps(dashboard(), indent=2) + "\n"
    if "--check" not in sys.argv[1:]:
        with atomic_write(FILE) as file:
            file.write(rendered)
        return 0
    if FILE.read_text("utf-8") == rendered:
        return 0
    sys.stderr.write(f"{FILE.name} is not what its source makes: run make alerts\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
