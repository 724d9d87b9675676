"""`churn model export`: a query on standard output or in a file, or one line."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.model_export import export
from tools.databases import PostgreSQL
from tools.servers import ROOT

Churn = Callable[..., subprocess.CompletedProcess[str]]
SQL = ("--to", "sql", "--dialect")


def test_a_file_runs_as_its_head_says(churn: Churn, cluster: PostgreSQL, tmp_path: Path) -> None:
    """With psql; the head states the digest of the very scorecard."""
    url, file = cluster.new(), tmp_path / "churn.sql"
    done = churn("model", "export", "1.2.0", *SQL, "postgresql", "--output", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    scorecard = (ROOT / "model" / "releases" / "1.2.0" / "scorecard.json").read_bytes()
    head = file.read_text().partition("WITH")[0]
    assert hashlib.sha256(scorecard).hexdigest() in head
    assert "Release 1.2.0" in head
    assert "PostgreSQL" in head
    texts = "contract payment_method internet_service online_security online_backup"
    texts += " device_protection tech_support streaming_tv streaming_movies multiple_lines"
    flags = "paperless_billing phone_service senior_citizen female partner dependents"
    columns = ["customer_id text", "tenure int", "monthly_charges real", "total_charges numeric"]
    columns += [f"{name} text" for name in texts.split()]
    columns += [f"{name} boolean" for name in flags.split()]
    setup = (
        f"CREATE TABLE customers ({', '.join(columns)}); INSERT INTO customers VALUES ('a-1', 12)"
    )
    for command in (["--command", setup], ["--csv", f"--file={file}"]):
        done = subprocess.run(
            ["psql", url, "--no-psqlrc", *command], capture_output=True, text=True, check=True
        )
    header, row = done.stdout.splitlines()
    assert header.startswith("customer_id,probability,low,high,decision_default,")
    assert "decision_value" in header
    assert row.startswith("a-1,,,,,")
    assert row.endswith(',"contract,monthly_charges"')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("9.9.9", *SQL, "duckdb"), "there is no release 9.9.9"),
        (("../1.2.0", *SQL, "duckdb"), "there is no release ../1.2.0"),
        (("1.2.0", *SQL, "duckdb", "--table", "a..b"), "is no name of a table"),
        (("1.2.0", *SQL, "duckdb", "--id-column", "a\nb"), "cannot be a name"),
        (("1.2.0", *SQL, "duckdb", "--output", "/proc/none/x"), "No such file"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(export, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[-1]


def test_another_database_is_named_in_one_line(churn: Churn) -> None:
    done = churn("model", "export", "1.2.0", *SQL, "oracle")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'oracle' is not one of 'postgresql', 'sqlite', 'duckdb'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_refused_release_is_not_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "model" / "releases" / "1.2.0", tmp_path / "1.2.0")
    scorecard = tmp_path / "1.2.0" / "scorecard.json"
    scorecard.write_text(scorecard.read_text() + "\n")
    monkeypatch.setenv("MODEL_DIR", str(tmp_path))
    done = CliRunner().invoke(export, ["1.2.0", *SQL, "sqlite"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "release 1.2.0 is refused: scorecard.json is not the file" in done.stderr
