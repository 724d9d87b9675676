"""`churn model verify` through a real server: a true release, another one, and lies."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import model.training.evaluation
from app.cli import service_check
from app.cli.model_options import RELEASES
from app.cli.model_verify import verify
from app.cli.running_service import RunningService, ServiceError
from app.cli.service_check import check_service
from app.releases.release_loader import Release, load_release
from app.releases.serving_pointer import Pointer, write
from model.training.training_data import TrainingData, load_packaged
from tools.release_copies import copy_release
from tools.servers import Server, fetch, gunicorn, wait_until

TRUE, LIE = "1.2.0", "1.3.0"
Answer = dict[str, Any]


def lie(folder: Path) -> None:
    """Change the first figure of evaluation and card, and make digests that fit."""
    evaluation = json.loads((folder / "evaluation.json").read_text())
    card = yaml.safe_load((folder / "card.yaml").read_text())
    for metrics in (
        evaluation["metrics"],
        card["model_card"]["metrics"]["model_performance"],
    ):
        metrics[0]["value"] += 0.0001
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    (folder / "card.yaml").write_text(yaml.safe_dump(card))
    copy_release(folder, folder, version=None)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped release, which serves, and one that lies."""
    folder = tmp_path_factory.mktemp("verify") / "releases"
    shutil.copytree(RELEASES / TRUE, folder / TRUE)
    copy_release(RELEASES / TRUE, folder / LIE)
    lie(folder / LIE)
    write(folder, Pointer(TRUE))
    return folder


@pytest.fixture(scope="module")
def server(releases: Path) -> Iterator[Server]:
    folder = releases.parent
    with gunicorn(
        folder,
        MODEL_DIR=str(releases),
        DATABASE_URL=f"sqlite:///{folder}/churn.sqlite3",
        WEB_CONCURRENCY="1",
    ) as started:
        yield started


@pytest.fixture(scope="module", autouse=True)
def computed_once() -> Iterator[None]:
    """The same answers have the same figures; they take seconds to compute."""
    known: dict[tuple[float, ...], Answer] = {}
    compute = service_check.recomputed

    def recomputed(release: Release, customers: TrainingData, found: list[float]) -> Answer:
        if tuple(found) not in known:
            known[tuple(found)] = compute(release, customers, found)
        return known[tuple(found)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service_check, "recomputed", recomputed)
        yield


def run(*args: object) -> tuple[int, str, list[str]]:
    result = CliRunner().invoke(verify, list(map(str, args)), catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr.splitlines()


def through(server: Server, releases: Path, *args: str) -> tuple[int, str, list[str]]:
    return run(*args, "--url", server.url, "--output", releases, "--only", "service")


def test_the_figures_of_the_release_in_service_are_recomputed_from_its_answers(
    server: Server, releases: Path
) -> None:
    status, said, errors = through(server, releases)
    assert status == 0, errors
    assert said.startswith(f"release {TRUE}: ")
    assert said.endswith(f"figures recomputed through {server.url}; findings: 0\n")
    assert int(said.split()[2]) > 1000


def test_a_digit_that_evaluation_and_card_agree_on_is_found(server: Server, releases: Path) -> None:
    """Its digests fit, so it is served; only its answers tell."""
    write(releases, Pointer(LIE, TRUE))
    wait_until(lambda: f'"serving":"{LIE}"' in fetch(f"{server.url}/models")[1], "the lie serves")
    status, said, errors = through(server, releases)
    write(releases, Pointer(TRUE))
    wait_until(lambda: f'"serving":"{TRUE}"' in fetch(f"{server.url}/models")[1], "truth serves")
    assert status == 1
    wrong = load_release(releases / LIE).evaluation["metrics"][0]["value"]
    right = load_release(releases / TRUE).evaluation["metrics"][0]["value"]
    line = f"evaluation.json: metrics.roc_auc.value: {wrong}, but the recomputation has {right}"
    assert [text for text in errors if text.startswith("evaluation.json")] == [line]
    assert said.endswith("findings: 1\n")


def test_a_server_with_another_release_in_service_is_found_out(
    server: Server, releases: Path, tmp_path: Path
) -> None:
    """Another version, or other files under the same version."""
    status, _, errors = through(server, releases, LIE)
    assert status == 1
    assert errors[-1] == f"{server.url} has release {TRUE} in service, not {LIE}"
    shutil.copytree(RELEASES / TRUE, tmp_path / TRUE)
    lie(tmp_path / TRUE)
    status, _, errors = through(server, tmp_path)
    assert status == 1
    assert any(line.startswith(f"{server.url}: digests.evaluation.json: ") for line in errors)


def off(answer: Answer) -> None:
    answer["predictions"][3]["churn_probability"] += 1e-8


def flipped(answer: Answer) -> None:
    found = answer["predictions"][3]
    found["prediction"] = "stay" if found["prediction"] == "churn" else "churn"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(off, "probability of customer 3: ", id="a probability"),
        pytest.param(flipped, "customer 3: policy default: ", id="a decision"),
        pytest.param(
            lambda answer: answer["policy"].update(threshold=0.51),
            "policy.threshold: 0.51, but the release here has 0.5",
            id="a threshold",
        ),
        pytest.param(
            lambda answer: answer.update(model_version="1.1.0"),
            f"model_version: '1.1.0', but the release here has '{TRUE}'",
            id="a version",
        ),
    ],
)
def test_an_answer_that_the_release_would_not_give_is_found(
    server: Server,
    releases: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Answer], None],
    said: str,
) -> None:
    ask = RunningService.predict

    def changed(service: RunningService, customers: list[dict[str, Any]], policy: str) -> Answer:
        answer = ask(service, customers, policy)
        change(answer)
        return answer

    monkeypatch.setattr(RunningService, "predict", changed)
    status, _, errors = through(server, releases)
    assert status == 1
    assert any(line.startswith(f"{server.url}: {said}") for line in errors)


def test_figures_of_an_older_release_are_verified_as_far_as_it_states_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of few resamples, so only intervals differ."""
    release = load_release(RELEASES / "1.0.0")

    class Older(RunningService):
        def releases(self) -> Answer:
            performance = release.card["metrics"]
            served = {
                "version": release.version,
                "contract": release.contract.digest,
                "date": release.card["date"],
                "digests": release.digests,
                "decision_thresholds": performance["decision_thresholds"],
                "metrics": performance["model_performance"],
            }
            return {"serving": release.version, "releases": [served]}

        def predict(self, customers: list[dict[str, Any]], policy: str) -> Answer:
            from app.predictions.scorer import Scorer  # noqa: PLC0415 - only this test

            one = Scorer(release.scorecard, release.contract)
            return {
                "model_version": release.version,
                "policy": one.policy(policy),
                "predictions": one.score_many(customers, policy, 0),
            }

    monkeypatch.setattr(model.training.evaluation, "RESAMPLES", 2)
    customers = load_packaged(release.contract)
    findings, count = check_service(Older("here", ""), release, customers)
    assert count > 300
    assert findings
    assert all(".interval." in line for line in findings)


def test_a_refused_release_is_named_with_its_reason(tmp_path: Path) -> None:
    shutil.copytree(RELEASES / TRUE, tmp_path / TRUE)
    card = tmp_path / TRUE / "card.yaml"
    card.write_text(card.read_text().replace("train: 4930", "train: 4931"))
    status, said, errors = run(TRUE, "--output", tmp_path)
    assert status == 1
    reason = "training_data.data_splits.train: 4931, but evaluation.json has 4930"
    assert errors[-1] == f"{TRUE}: card.yaml: {reason}"
    assert said == f"release {TRUE}: nothing was verified; findings: 1\n"


def test_a_release_of_another_prose_is_not_rebuilt() -> None:
    status, said, _ = run("1.1.0", "--only", "rebuild")
    assert status == 0
    assert "can't be rebuilt, for " in said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["9.9.9"], "there is no release 9.9.9", id="no such release"),
        pytest.param(["../1.0.0"], "there is no release ../1.0.0", id="a path"),
        pytest.param(["--url", "ftp://here"], "give an address that begins with", id="no HTTP"),
        pytest.param(["--url", "http://["], "Invalid IPv6", id="no address"),
        pytest.param(["--output", "/proc/self"], "can serve", id="no releases"),
    ],
)
def test_a_mistake_is_status_2(args: list[str], said: str) -> None:
    status, _, errors = run(*args)
    assert status == 2
    assert said in errors[-1]


@contextmanager
def answering(status: int, content: bytes, **headers: str) -> Iterator[str]:
    """A server with one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            key = self.headers.get("Authorization", "nobody")
            body = content.replace(b"KEY", key.encode())
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "content", "headers", "said"),
    [
        (401, b'{"detail": "Send a key."}', {}, "401 Send a key; set CHURN_API_KEY to a key"),
        (429, b'{"detail": "Too many."}', {"Retry_After": "7"}, "429 Too many; try again in 7 s"),
        (
            422,
            b'{"detail": "No.", "errors": [{"pointer": "/a", "detail": "b"}]}',
            {},
            "422 No. (/a: b)",
        ),
        (502, b"<html>", {}, "502 Bad Gateway"),
        (200, b"<html>", {}, "its answer is not this service's"),
        (200, b"[]", {}, "its answer is not this service's"),
    ],
    ids=["no key", "too many", "refused", "a proxy", "no JSON", "no object"],
)
def test_a_service_that_cannot_be_asked_is_one_line(
    status: int, content: bytes, headers: dict[str, str], said: str
) -> None:
    with answering(status, content, **headers) as url, pytest.raises(ServiceError) as raised:
        RunningService(url, "").releases()
    assert str(raised.value) == f"{url}/models: {said}"


def test_the_key_is_sent_where_there_is_one() -> None:
    with answering(200, b'{"key": "KEY"}') as url:
        assert RunningService(url, "abc").releases() == {"key": "Bearer abc"}
        assert RunningService(url, "").releases() == {"key": "nobody"}
