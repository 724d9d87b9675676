"""Two instances behind nginx: a caller notices no restart, no kill, no instance that hangs."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from app.resilience.time_limits import TimeLimits
from app.serving import connection_limits
from tests.prediction_bodies import REQUIRED
from tools.databases import PostgreSQL
from tools.instances import Instance, two_instances
from tools.load_clients import Load, load
from tools.nginx import SEVERAL, nginx_before
from tools.ports import free_port
from tools.release_changes import succeeds
from tools.release_copies import copy_release
from tools.servers import ROOT, fetch, wait_until

PREDICTION: tuple[str, str, object] = ("POST", "/predict", {"features": REQUIRED})
LOOKUP: tuple[str, str, object] = ("GET", "/customers/wa-0010/prediction", None)
PAGE: tuple[str, str, object] = ("GET", "/runbooks/high-api-latency", None)
REQUESTS: list[tuple[str, str, object]] = [
    PREDICTION,
    LOOKUP,
    PREDICTION,
    PAGE,
    ("POST", "/predict/batch", {"customers": [{"id": "a", "features": REQUIRED}]}),
    ("GET", "/health/ready", None),
]
ENOUGH = 2000


@pytest.fixture(scope="module")
def instances(
    tmp_path_factory: pytest.TempPathFactory, cluster: PostgreSQL, redis_url: str
) -> Iterator[tuple[Instance, Instance]]:
    """Two over one PostgreSQL and one Redis."""
    environ = {"DATABASE_URL": cluster.new(), "CACHE_URL": redis_url, "WEB_CONCURRENCY": "1"}
    succeeds("database", "upgrade", **environ)
    succeeds("customers", "load", str(ROOT / "model" / "sample_customers.csv"), **environ)
    with two_instances(tmp_path_factory.mktemp("instances"), **environ) as started:
        yield started


SHORT = [request for request in REQUESTS if request is not PAGE]
"""Those whose answers leave an instance at once; a kill may leave the beginning of a longer one."""


@contextmanager
def loaded(url: str, requests: list[tuple[str, str, object]] = REQUESTS) -> Iterator[list[Load]]:
    """Clients that keep their connections, and clients that open one for each request."""
    with load(url, requests, 3, 0.002, keep=True) as kept, load(url, requests, 3, 0.002) as anew:
        yield [kept, anew]


def more(sent: list[Load], number: int = 100) -> None:
    """Wait for as many further answers of each kind of client."""
    totals = [part.total for part in sent]
    wait_until(
        lambda: all(part.total >= total + number for part, total in zip(sent, totals, strict=True)),
        "answers",
    )


def failures(sent: list[Load]) -> dict[tuple[str, int | str], int]:
    return {key: number for part in sent for key, number in part.seen.items() if key[1] != 200}


def test_a_rolling_restart_fails_no_request(
    instances: tuple[Instance, Instance], tmp_path: Path
) -> None:
    """Nor does the next one, which begins as soon as the last instance is ready."""
    with nginx_before(tmp_path, (instances[0].url, instances[1].url)) as url, loaded(url) as sent:
        more(sent)
        while sum(part.total for part in sent) < ENOUGH:
            for instance in instances:
                instance.restart()
        more(sent)
    assert failures(sent) == {}


def test_a_killed_instance_fails_no_request(
    instances: tuple[Instance, Instance], tmp_path: Path
) -> None:
    urls = instances[0].url, instances[1].url
    with nginx_before(tmp_path, urls) as url, loaded(url, SHORT) as sent:
        for instance in instances:
            more(sent)
            instance.kill()
            more(sent)
            instance.restart()
        more(sent)
    assert failures(sent) == {}


def test_an_instance_that_hangs_fails_no_request(
    instances: tuple[Instance, Instance], tmp_path: Path
) -> None:
    """What it was asked is asked again of the other one, after the time limit."""
    with nginx_before(tmp_path, (instances[0].url, instances[1].url)) as url, loaded(url) as sent:
        more(sent)
        instances[0].send(signal.SIGSTOP)
        try:
            more(sent, 500)
        finally:
            instances[0].send(signal.SIGCONT)
        more(sent)
    assert failures(sent) == {}


def _no_second_try(text: str) -> str:
    return text.replace("proxy_next_upstream error", "proxy_next_upstream off; # error")


def _predictions_once(text: str) -> str:
    return text.replace(" non_idempotent;", ";")


def _no_instance_that_rests(text: str) -> str:
    return re.sub(r"server \S+ backup .*\n", "", text)


@pytest.mark.parametrize("change", [_no_second_try, _predictions_once, _no_instance_that_rests])
def test_without_these_settings_clients_notice(
    instances: tuple[Instance, Instance], tmp_path: Path, change: Callable[[str], str]
) -> None:
    """So the tests above would find it, if the file lost them."""
    text = change(SEVERAL.read_text("utf-8"))
    assert text != SEVERAL.read_text("utf-8")
    urls = instances[0].url, instances[1].url
    with nginx_before(tmp_path, urls, text) as url, loaded(url) as sent:
        more(sent)

        def failed() -> bool:
            for instance in instances:
                instance.kill()
                more(sent, 20)
                instance.restart()
                if failures(sent):
                    return True
            return False

        wait_until(failed, "a failure")


def test_an_instance_without_a_model_is_passed_over(tmp_path: Path) -> None:
    """Its predictions are answered by the other one."""
    copy_release(Settings().model_dir / "1.0.0", tmp_path / "releases" / "1.0.0")
    (tmp_path / "releases" / "1.0.0" / "scorecard.json").write_text("{}")
    environ = {"TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "1"}
    sound = Instance(tmp_path / "sound", **environ)
    without = Instance(tmp_path / "without", MODEL_DIR=str(tmp_path / "releases"), **environ)
    try:
        sound.start()
        without.start()
        assert fetch(f"{without.url}/health/ready")[0] == 503
        with nginx_before(tmp_path, (sound.url, without.url)) as url:
            statuses = {fetch(f"{url}/predict", {"features": REQUIRED})[0] for _ in range(20)}
        assert statuses == {200}
        assert '"status":503' in without.server.log.read_text()
    finally:
        sound.stop()
        without.stop()


def test_a_refused_lookup_is_not_repeated(tmp_path: Path) -> None:
    """The database is away: one instance is asked for each lookup; predictions go on."""
    gone = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    with (
        two_instances(tmp_path, DATABASE_URL=gone, WEB_CONCURRENCY="1") as both,
        nginx_before(tmp_path, (both[0].url, both[1].url)) as url,
    ):
        for _ in range(20):
            assert fetch(f"{url}{LOOKUP[1]}")[0] == 503
            assert fetch(f"{url}/predict", {"features": REQUIRED})[0] == 200
    lines = "".join(instance.server.log.read_text() for instance in both).splitlines()
    answered = [json.loads(line) for line in lines if '"app.requests"' in line]
    assert sum(line["status"] == 503 for line in answered) == 20


def test_a_request_id_is_the_callers_or_the_proxys(
    instances: tuple[Instance, Instance], tmp_path: Path
) -> None:
    with nginx_before(tmp_path, (instances[0].url, instances[1].url)) as url:
        _, given = fetch(f"{url}/nothing", **{"X-Request-ID": "mine"})
        _, made = fetch(f"{url}/nothing")
    assert json.loads(given)["instance"] == "mine"
    assert len(json.loads(made)["instance"]) == len("0123456789abcdef0123456789abcdef")


def test_the_proxys_limits_fit_the_services(app: Flask) -> None:
    """It closes idle connections first, waits for clients as long, and refuses no body itself."""

    def limit(name: str) -> int:
        found = re.findall(rf"^ +{name} (\d+)[sm];", SEVERAL.read_text("utf-8"), re.M)
        assert len(found) == 1, name
        return int(found[0])

    assert limit("keepalive_timeout") < Settings().keepalive
    assert limit("client_header_timeout") == connection_limits.HEAD_SECONDS
    assert limit("client_body_timeout") == connection_limits.BODY_SECONDS
    assert limit("client_max_body_size") * 1024**2 >= app.config["MAX_CONTENT_LENGTH"]
    # A lookup's own time limit ends it, and an instance that hangs leaves time for another one.
    assert limit("proxy_next_upstream_timeout") > 10 > TimeLimits().lookup
