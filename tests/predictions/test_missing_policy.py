"""A release without economics has no policy `value`; whoever asks for it is told which it has."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Settings
from app.customers.files.sample_file import SAMPLE
from app.services import services_of
from model.scorecard import POLICIES_OF_ALL, VALUE
from tests.apps import make_app
from tests.customers.web.uploads import upload, words
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem
from tools import servers

SAID = "Release 1.1.0 has no policy value; give one of default, high_precision, high_recall"
BODY = {"features": REQUIRED, "policy": VALUE}
BATCH = {"customers": [{"id": "a", "features": REQUIRED}], "policy": VALUE}


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last release without economics, alone."""
    folder = tmp_path_factory.mktemp("without") / "releases"
    shutil.copytree(Settings().model_dir / "1.1.0", folder / "1.1.0")
    return folder


@pytest.fixture(scope="module")
def older(app: Flask, model_dir: Path) -> Iterator[FlaskClient]:
    """An application in which that release serves."""
    made = make_app(model_dir=model_dir)
    yield made.test_client()
    services_of(made).customers.store.database.engine.dispose()


def test_the_place_is_named_in_a_body(older: FlaskClient) -> None:
    for path, body in (("/predict", BODY), ("/predict/batch", BATCH)):
        problem = assert_problem(older.post(path, json=body), 422, "invalid-input")
        assert problem["errors"] == [{"pointer": "/policy", "detail": SAID, "value": VALUE}]


@pytest.mark.parametrize("path", ["wa-0010/prediction", "nobody/prediction", "at-risk"])
def test_the_place_is_named_in_a_query(older: FlaskClient, path: str) -> None:
    answer = older.get(f"/customers/{path}?policy={VALUE}")
    problem = assert_problem(answer, 422, "invalid-input")
    assert problem["errors"] == [{"parameter": "policy", "detail": SAID, "value": VALUE}]


def test_the_requested_release_decides(client: FlaskClient) -> None:
    """Not the one in service, which has the policy."""
    said = SAID.replace("1.1.0", "1.0.0")
    answers = [
        client.post("/predict?version=1.0.0", json=BODY),
        client.post("/predict/batch?version=1.0.0", json=BATCH),
        client.get(f"/customers/wa-0010/prediction?version=1.0.0&policy={VALUE}"),
    ]
    for answer in answers:
        (error,) = assert_problem(answer, 422, "invalid-input")["errors"]
        assert error["detail"] == said
    assert client.post("/predict", json=BODY).status_code == 200
    assert client.get(f"/customers/at-risk?policy={VALUE}").status_code == 200


@pytest.mark.parametrize("path", ["/customers", "/customers.csv"])
def test_the_list_says_so_on_a_page(older: FlaskClient, path: str) -> None:
    page = older.get(f"{path}?policy={VALUE}")
    assert (page.status_code, page.mimetype) == (422, "text/html")
    assert SAID in page.text


def test_forms_offer_what_there_is_and_name_the_field(older: FlaskClient) -> None:
    for path in ("/predict", "/upload", "/customers"):
        page = older.get(path).text
        offered = [name for name in (*POLICIES_OF_ALL, VALUE) if f'value="{name}"' in page]
        assert offered == ([] if path == "/customers" else [*POLICIES_OF_ALL])
        assert f"policy={VALUE}" not in page
    filled = {name: str(value) for name, value in REQUIRED.items()}
    page = older.post("/predict/answer", data={**filled, ".policy": VALUE})
    fault = '<p class="fault" id="policy.fault">Give one of default, high_precision, high_recall<'
    assert (page.status_code, fault in page.text) == (422, True)
    changed = {f"was.{name}": text for name, text in filled.items()} | {".policy": VALUE}
    assert older.post("/predict/what-if", data=changed).status_code == 422
    sent = upload(older, SAMPLE.read_bytes(), policy=VALUE)
    assert (sent.status_code, SAID in words(sent)) == (422, True)
    assert 'aria-describedby="policy.fault" aria-invalid="true"' in sent.text


def test_the_form_of_the_release_in_service_offers_it(client: FlaskClient) -> None:
    for path in ("/predict", "/upload"):
        assert f'<option value="{VALUE}"' in client.get(path).text
    assert f"policy={VALUE}" in client.get("/customers").text


def test_the_commands_say_it_in_one_line(model_dir: Path, tmp_path: Path) -> None:
    body, target = tmp_path / "customer.json", tmp_path / "scored.csv"
    body.write_text(json.dumps(BODY))
    one: dict[str, Any] = {"MODEL_DIR": str(model_dir)}
    done = servers.churn("predict", str(body), **one)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'{body}: /policy: {SAID} (got "value")\n'
    done = servers.churn("score", str(SAMPLE), "--output", str(target), "--policy", VALUE, **one)
    assert (done.returncode, done.stdout, target.exists()) == (2, "", False)
    assert f"--policy: {SAID}" in done.stderr
    assert done.stderr.count("\n") == 1
