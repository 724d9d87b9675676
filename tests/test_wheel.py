"""A wheel, installed without a checkout, contains every file that the service needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prediction_bodies import REQUIRED
from tools.servers import ROOT, Server, fetch, gunicorn, tree

PACKAGES = ("app/", "model/")

PAGES = (
    *(
        "/",
        "/runbooks",
        "/adrs",
        "/guides",
        "/model-card",
        "/experiments",
        "/search?q=tenure",
        "/handbook.json",
    ),
    *(
        "/problems",
        "/problems/invalid-input",
        "/sign-in",
        "/docs",
        "/docs/assets/swagger-ui.js",
        "/redoc",
    ),
    *("/static/handbook.css", "/static/handbook.js", "/static/search.js", "/static/icon.svg"),
    *("/static/swagger.js", "/static/redoc.js"),
    *(
        "/handbook/static/verdicts.js",
        "/handbook/static/card.js",
        "/handbook/static/drill.js",
        "/static/mirror.js",
    ),
    *("/predict?example=1", "/static/predict/predict.js"),
    *("/models", "/openapi.json", "/metrics"),
    *("/health/ready", "/diagnostics/model", "/customers/wa-0010/prediction"),
    *("/customers", "/customers/wa-0010", "/customers.csv"),
    *("/upload", "/upload/example.csv"),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy: setuptools leaves what it makes beside the source."""
    source = tmp_path_factory.mktemp("source")
    for name in tree():
        if name.startswith(PACKAGES) or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(source / "dist"), str(source))
    (made,) = (source / "dist").glob("*.whl")
    return made


def pip(command: str, *args: str) -> None:
    always = [sys.executable, "-m", "pip", command, "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*always, *args], check=True, cwd="/")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--target", str(folder), str(wheel))
    return folder


@pytest.fixture(scope="module")
def elsewhere(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as `churn serve` starts it from the installed wheel, in an empty folder."""
    folder = tmp_path_factory.mktemp("elsewhere")
    environ = {**path_to(installed), "DATABASE_URL": f"sqlite:///{folder}/churn.sqlite3"}
    with gunicorn(folder, cwd=folder, **environ) as server:
        yield server


def path_to(installed: Path) -> dict[str, str]:
    """Variables by which Python finds the installed wheel, and nothing in the current folder."""
    return {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}


def test_it_holds_every_file_of_the_packages(wheel: Path) -> None:
    """A kind of file that setup.cfg doesn't list would silently be missing."""
    held = set(zipfile.ZipFile(wheel).namelist())
    needed = {name for name in tree() if name.startswith(PACKAGES)} | {"wsgi.py"}
    assert needed - held == set()


def test_it_serves_every_kind_of_page(elsewhere: Server) -> None:
    assert {page: fetch(elsewhere.url + page)[0] for page in PAGES} == dict.fromkeys(PAGES, 200)


def test_it_scores(elsewhere: Server) -> None:
    request = urllib.request.Request(
        f"{elsewhere.url}/predict",
        json.dumps({"features": REQUIRED}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        assert json.load(response)["prediction"] in ("churn", "no_churn")


def test_it_runs_by_its_own_files(elsewhere: Server, installed: Path) -> None:
    """The check itself works: the wheel doesn't use the checkout."""
    program = "import app, model, wsgi; print(app.__file__, model.__file__, wsgi.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=installed.parent,
        env={**os.environ, **path_to(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(Path(file).is_relative_to(installed) for file in done.stdout.split())
    command = Path(f"/proc/{elsewhere.process.pid}/cmdline").read_text()
    assert str(installed) in command
    assert str(ROOT / "app") not in command


def test_it_drafts_documents(installed: Path, tmp_path: Path) -> None:
    """From its own skeletons."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "handbook", "new", "guide", "A first guide"],
        cwd=tmp_path,
        env={**os.environ, **path_to(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a-first-guide.md" in done.stdout
