"""A client generated from the OpenAPI document, used as its author would use it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.prediction_bodies import CONTRACT
from tools.servers import Server, program

NAME = "generated_churn_client"


@pytest.fixture(scope="module")
def generated(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated client, imported; the generator reported no problem."""
    folder = tmp_path_factory.mktemp("client")
    beside = str(Path(sys.executable).parent)
    done = subprocess.run(
        [
            *(program("openapi-python-client", beside), "generate", "--meta", "none"),
            *("--url", f"{server.url}/openapi.json", "--output-path", str(folder / NAME)),
            "--fail-on-warning",
        ],
        env={**os.environ, "PATH": os.pathsep.join((beside, os.environ["PATH"]))},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(NAME)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
            del sys.modules[name]


@pytest.fixture
def client(generated: ModuleType, server: Server) -> Iterator[Any]:
    with generated.Client(base_url=server.url) as made:
        yield made


def operation(name: str) -> Any:
    return importlib.import_module(f"{NAME}.api.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{NAME}.models"), name)


def test_predict(client: Any) -> None:
    """With typed features; every member of the answer is there, typed too."""
    contract = model("FeaturesContract")
    features = model("Features")(
        tenure=2, contract=contract.MONTH_TO_MONTH, monthly_charges=95.0, total_charges=None
    )
    body = model("PredictionRequest")(
        features=features, policy=model("PredictionRequestPolicy").HIGH_RECALL
    )
    found = operation("predictions.predict").sync(client=client, body=body, reasons=2)
    assert isinstance(found, model("Prediction"))
    assert 0 < found.churn_probability < 1
    assert len(found.reasons) == 2
    assert found.policy.name == "high_recall"


def test_predict_batch(client: Any) -> None:
    features = model("Features").from_dict(CONTRACT.example())
    customers = [model("BatchCustomer")(id=f"c-{i}", features=features) for i in range(3)]
    body = model("BatchRequest")(customers=customers)
    found = operation("predictions.predict_batch").sync(client=client, body=body)
    assert [prediction.id for prediction in found.predictions] == ["c-0", "c-1", "c-2"]


def test_stored_customers(client: Any) -> None:
    """Page after page of the ranking, and one of its customers."""
    at_risk, seen = operation("customers.list_customers_at_risk"), []
    page = at_risk.sync(client=client, limit=90)
    while True:
        seen += [customer.id for customer in page.customers]
        if page.next_ is None:
            break
        page = at_risk.sync(client=client, limit=90, after=page.next_)
    assert len(seen) == len(set(seen)) == 200
    found = operation("customers.predict_customer").sync(seen[0], client=client)
    assert found.churn_probability > 0.5


def test_models_health_diagnostics_and_documents(client: Any) -> None:
    models = operation("models.list_models").sync(client=client)
    release = operation("models.get_model").sync(models.serving, client=client)
    assert release.serving is True
    assert "scorecard.json" in release.digests.additional_properties
    assert operation("health.live").sync(client=client).status == "live"
    ready = operation("health.ready").sync(client=client)
    assert set(ready.parts.additional_properties) == {"model", "database", "cache"}
    assert operation("diagnostics.diagnose_one").sync("model", client=client).ok is True
    documents = operation("handbook.list_documents").sync(client=client).documents
    assert {document.kind for document in documents} >= {"runbook", "adr", "guide"}


def test_an_error_is_a_typed_problem(client: Any) -> None:
    found = operation("customers.predict_customer").sync_detailed("nobody", client=client)
    assert found.status_code == 404
    assert isinstance(found.parsed, model("ProblemDetails"))
    assert found.parsed.type_ == "/problems/customer-not-found"
