"""The ceiling of a batch: reads its JSON and writes an answer of the same length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from app.config import Settings
from app.predictions.service import scorer
from app.releases.registry import ReleaseRegistry
from benchmarks.batch import body

release = ReleaseRegistry(Settings().model_dir).serving
assert release is not None
one = scorer(release)
ANSWER = [{"id": c["id"], **one.score(c["features"])} for c in body()["customers"]]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Read, and answer what was made at the start."""
    orjson.loads(environ["wsgi.input"].read())
    text = orjson.dumps(ANSWER)
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))]
    )
    return [text]
