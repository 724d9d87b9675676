"""Which Pythons the service is installed on: setup.cfg says it, the other places follow."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.servers import ROOT

SUPPORTED = ["3.11", "3.12", "3.13"]


def make_environment(python: Path | str, venv: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/venv", str(python), str(venv)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def pretended(folder: Path, version: str) -> Path:
    """A Python that says that it is of another version."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\necho {version}\n")
    python.chmod(0o755)
    return python


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10", "3.14", "4.0"])
def test_another_python_is_refused_with_one_line(tmp_path: Path, version: str) -> None:
    refused = make_environment(pretended(tmp_path, version), tmp_path / "venv")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line == (
        f"Python {version} is not supported; make PYTHON=... takes one of: {' '.join(SUPPORTED)}"
    )
    assert not (tmp_path / "venv").exists()


def test_this_python_is_supported_and_taken(tmp_path: Path) -> None:
    assert "{}.{}".format(*sys.version_info[:2]) in SUPPORTED
    assert make_environment(sys.executable, tmp_path / "venv").returncode == 0
    assert (tmp_path / "venv/bin/pip").exists()


@pytest.mark.parametrize(
    "document",
    ["README.md", *(f"guides/{g}.md" for g in ("deployment", "model-release", "onboarding"))],
)
def test_documents_name_the_versions(document: str) -> None:
    (named,) = re.findall(r"Python (3\.\d+(?:(?:, | or )3\.\d+)+)", (ROOT / document).read_text())
    assert re.findall(r"3\.\d+", named) == SUPPORTED


def test_the_image_has_one_of_them() -> None:
    bases = re.findall(r"^ARG BASE=python:(\S+?)-", (ROOT / "Dockerfile").read_text(), re.M)
    assert bases
    assert set(bases) <= set(SUPPORTED)
