"""Settings: each is documented, and a wrong one stops the start with one line that names it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT, SettingError, Settings
from app.customers import database_of
from scripts.manifests import VARIABLES

WRONG = {
    "DATABASE_URL": "mysql://elsewhere",
    "CACHE_URL": "memcached://elsewhere",
    "API_KEYS_FILE": "/nowhere/keys",
    "SECRET_KEY": "too-short-to-be-secret",
    "TRUSTED_PROXIES": "some",
    "RATE_LIMIT": "often",
    "MODEL_DIR": "/nowhere",
    "PROMETHEUS_URL": "prometheus:9090",
    "ALERTMANAGER_URL": "alertmanager:9093",
    "GRAFANA_URL": "grafana:3000",
    "DOCS_EDIT_URL": "git@example.org:churn",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
    "URL_PREFIX": "churn",
    "LOG_LEVEL": "loud",
    "WEB_CONCURRENCY": "many",
    "WORKER": "gevent",
    "KEEPALIVE": "0",
}


def serve(cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("churn"), "serve", "--port", "0"],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("name", "value"), [*sorted(WRONG.items()), ("URL_PREFIX", "/health")])
def test_a_wrong_value_stops_the_start_with_a_line_that_names_it(
    name: str, value: str, tmp_path: Path
) -> None:
    done = serve(tmp_path, **{name: value})
    assert done.returncode == 2
    assert re.fullmatch(rf"[^\n]*{name}[^\n]*\n", done.stderr), done.stderr


def test_a_start_that_fails_leaves_no_metrics_behind(tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("churn"), "serve", "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "API_KEYS_FILE": "/nowhere/keys", "TMPDIR": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    assert process.wait(120) == 2
    for folder in (Path("/dev/shm"), tmp_path):
        assert not list(folder.glob(f"churn-metrics-{process.pid}-*"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROMETHEUS_URL", "http://"),
        ("PROMETHEUS_URL", "http://[::1"),
        ("GRAFANA_URL", "http://grafana:many"),
        ("GRAFANA_URL", "http://graf ana"),
        ("DOCS_EDIT_URL", "https://git.example.org/a\nb"),
        ("MODEL_DIR", "m" * 300),
        *(
            ("URL_PREFIX", prefix)
            for prefix in (
                *("/", "/churn/", "//churn", "/a//b", "/./a", "/a/..", "/a b", "/a\nb", "/é", "/²"),
                *("/a%20b", "/a?b", "/a#b", "/a;b", "\\a", "https://example.org/churn"),
            )
        ),
    ],
)
def test_a_value_that_only_looks_right_does_too(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}"):
        Settings.from_environment({name: value})


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_address_of_postgresql_is_taken_everywhere_or_nowhere(scheme: str) -> None:
    """The settings and the database accept the same addresses."""
    settings = Settings.from_environment({"DATABASE_URL": f"{scheme}://u@h/n"})
    assert database_of(settings).url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "scheme", ["postgresql+psycopg2", "postgresql+asyncpg", "postgres+psycopg", "sqlite+pysqlite"]
)
def test_another_driver_is_refused_in_one_line(scheme: str) -> None:
    wanted = r"^DATABASE_URL: give an address that begins with postgresql://[^\n]*$"
    with pytest.raises(SettingError, match=wanted):
        Settings.from_environment({"DATABASE_URL": f"{scheme}://u:secret@h/n"})


def test_the_guide_lists_every_setting() -> None:
    """And no other."""
    guide = (ROOT / "guides" / "deployment.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", guide, re.M)) == VARIABLES


def test_empty_means_the_default() -> None:
    assert Settings.from_environment(dict.fromkeys(VARIABLES, " ")) == Settings()


def test_a_path_is_relative_to_where_the_service_is_started(tmp_path: Path) -> None:
    done = serve(tmp_path, API_KEYS_FILE="my-keys")
    assert str(tmp_path / "my-keys") in done.stderr
