"""The contract's main calls, for every way in which the service is deployed."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPMessage
from math import exp
from typing import Any
from urllib.error import HTTPError

from tests.prediction_bodies import CONTRACT
from tools.servers import Server

CUSTOMER = "wa-0010"
FEATURES = {"tenure": 12, "monthly_charges": 65.5, "contract": "Month-to-month"}
NAMES = ["baseline", "churn_probability", "confidence", "missing_features", "model_version"]
NAMES += ["other_effects", "policy", "prediction", "reasons", "unknown"]

TRIES = 15
"""Of a call that a busy machine puts off."""


@dataclass
class Deployment:
    """A server, the headers of a caller who may do everything, and where it is below a path."""

    server: Server
    headers: dict[str, str]
    below: str = ""
    prefix: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call as a client does: where a busy machine asks to come again, it does, a few times."""
        for _ in range(TRIES):
            answer = self._once(method, path, body, **headers)
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            time.sleep(int(answer.headers["Retry-After"]))
        return answer

    def _once(self, method: str, path: str, body: Any, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {**self.headers, "Content-Type": "application/json", **headers}
        request = urllib.request.Request(
            f"{self.below or self.server.url}{path}", data, sent, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return Answer(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())


@dataclass
class Answer:
    """What a server answered."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def kind(self) -> str:
        return self.headers.get_content_type()

    def json(self) -> Any:
        return json.loads(self.content)


def is_prediction(found: Any) -> bool:
    """Every member, and the arithmetic that the contract promises."""
    unknown = found["unknown"]
    logit = found["baseline"] + found["other_effects"] + unknown["effect"]
    logit += sum(reason["effect"] for reason in found["reasons"])
    threshold = found["policy"]["threshold"]
    churn = found["churn_probability"]
    return (
        sorted(set(found) - {"id"}) == NAMES
        and abs(1 / (1 + exp(-logit)) - churn) < 1e-9
        and found["prediction"] == ("churn" if churn >= threshold else "no_churn")
        and found["confidence"] == (churn if churn >= threshold else 1 - churn)
        and all({"feature", "value", "effect", "text"} == set(r) for r in found["reasons"])
        and set(unknown) == {"features", "effect", "range", "coverage", "ask_next"}
    )


BATCH = {"customers": [{"id": c, "features": FEATURES} for c in ("a", "b")], "policy": "default"}

# name: method, path, body, status, what the JSON of the answer must be
API: dict[str, tuple[str, str, Any, int, Callable[[Any], bool]]] = {
    "openapi": ("GET", "/openapi.json", None, 200, lambda j: j["openapi"].startswith("3.1")),
    "predict": (
        *("POST", "/predict", {"features": CONTRACT.example()}, 200),
        lambda j: is_prediction(j) and len(j["reasons"]) == 5,
    ),
    "reasons": (
        *("POST", "/predict?reasons=0", {"features": FEATURES}, 200),
        lambda j: is_prediction(j) and j["reasons"] == [],
    ),
    "version": ("POST", "/predict?version=1.0.0", {"features": FEATURES}, 200, is_prediction),
    "no such version": ("POST", "/predict?version=9.9.9", {"features": FEATURES}, 422, bool),
    "batch": (
        *("POST", "/predict/batch", BATCH, 200),
        lambda j: (
            [p["id"] for p in j["predictions"]] == ["a", "b"]
            and set(j) == {"model_version", "policy", "predictions"}
            and all(map(is_prediction, j["predictions"]))
        ),
    ),
    "stored": ("GET", f"/customers/{CUSTOMER}/prediction", None, 200, is_prediction),
    "not stored": ("GET", "/customers/nobody/prediction", None, 404, bool),
    "at risk": (
        *("GET", "/customers/at-risk?policy=high_recall&limit=3", None, 200),
        lambda j: (
            len(j["customers"]) == 3
            and j["next"] is not None
            and j["complete"] is True
            and all(map(is_prediction, j["customers"]))
        ),
    ),
    "worth calling": (
        *("GET", "/customers/at-risk?budget=500&limit=2", None, 200),
        lambda j: (
            len(j["customers"]) == 2
            and j["policy"]["name"] == "value"
            and j["budget"]["cost"]["expected"] <= 500
            and j["budget"]["limited_by"] == "budget"
            and all(map(is_prediction, j["customers"]))
        ),
    ),
    "no budget": ("GET", "/customers/at-risk?budget=all", None, 422, bool),
    "models": ("GET", "/models", None, 200, lambda j: j["serving"] == "1.2.0"),
    "model": ("GET", "/models/1.2.0", None, 200, lambda j: len(j["digests"]) > 1),
    "no such model": ("GET", "/models/9.9.9", None, 404, bool),
    "diagnostics": ("GET", "/diagnostics", None, 200, lambda j: len(j["checks"]) >= 4),
    "one diagnosis": ("GET", "/diagnostics/database", None, 200, lambda j: j["ok"] is True),
    "cache diagnosis": ("GET", "/diagnostics/cache", None, 200, lambda j: j["ok"] is True),
    "handbook": (
        *("GET", "/handbook.json", None, 200),
        lambda j: (
            set(j["documents"][0])
            >= {"kind", "slug", "title", "url", "alerts", "owner", "last_updated", "review_by"}
            | {"status", "findings"}
        ),
    ),
    "live": ("GET", "/health/live", None, 200, bool),
    "ready": (
        *("GET", "/health/ready", None, 200),
        lambda j: set(j["parts"]) == {"model", "database", "cache"},
    ),
}


PAGES = ["/", "/runbooks", "/runbooks/high-api-latency", "/adrs", "/adrs/002-scorecard-model"]
PAGES += [
    "/model-card",
    "/experiments",
    "/guides",
    "/guides/onboarding",
    "/search?q=latency",
    "/docs",
    "/redoc",
]
