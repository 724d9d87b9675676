"""What compression saves and costs: bytes and processor time of an answer, by coding."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table
from werkzeug.test import TestResponse

from app import create_app
from app.http.compression import MIN_BYTES

ROUNDS = 100
PATHS = (
    *("/runbooks", "/runbooks/high-api-latency", "/model-card", "/openapi.json"),
    *("/static/handbook.css", "/docs/assets/swagger-ui.js", "/docs/assets/redoc.js"),
)
CODINGS = ("identity", "gzip", "br", "zstd")
SIZE = 1000
CUSTOMER = {"tenure": 12, "contract": "Month-to-month", "monthly_charges": 65.5}


def run(console: Console) -> None:
    """Print a row for each answer; `ms` is the median of the whole answer, in process."""
    client = create_app().test_client()
    table = Table(
        title=f"bytes, and ms to answer; answers below {MIN_BYTES} bytes stay as they are",
        title_justify="left",
    )
    table.add_column("")
    for coding in CODINGS:
        table.add_column(coding, justify="right")
    for path in PATHS:
        table.add_row(path, *(_cell(client, path, coding) for coding in CODINGS))
    body = {"customers": [{"id": f"c-{n}", "features": CUSTOMER} for n in range(SIZE)]}
    table.add_row(
        f"/predict/batch, {SIZE} customers",
        *(_measure(partial(_batch, client, body, coding), 20) for coding in CODINGS),
    )
    console.print(table)


def _cell(client: FlaskClient, path: str, coding: str) -> str:
    rounds = 5 if "assets" in path else ROUNDS
    return _measure(lambda: client.get(path, headers={"Accept-Encoding": coding}), rounds)


def _batch(client: FlaskClient, body: object, coding: str) -> TestResponse:
    return client.post("/predict/batch", json=body, headers={"Accept-Encoding": coding})


def _measure(ask: Callable[[], TestResponse], rounds: int) -> str:
    times = []
    for _ in range(rounds):
        began = time.process_time()
        answer = ask()
        times.append(1000 * (time.process_time() - began))
    if answer.status_code >= 400:
        raise SystemExit(answer.text)
    return f"{len(answer.data):,}  {median(times):.1f} ms"
