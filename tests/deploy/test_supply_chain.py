"""The SBOM is what the locks say, and no package has a licence that we don't accept."""

from __future__ import annotations

import json
import re
import shutil
from email.message import Message
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import sbom
from scripts.licences import findings, licence_of
from tools.servers import ROOT


def test_the_sbom_names_every_locked_package_and_its_hashes() -> None:
    text = (ROOT / "sbom.json").read_text("utf-8")
    locks = [(ROOT / "requirements" / f"{name}.txt").read_text("utf-8") for name in sbom.LOCKS]
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", "".join(locks), re.M))
    components = json.loads(text)["components"]
    assert {c["name"]: c["version"] for c in components} == locked
    hashes = [
        h["content"] for c in components for r in c["externalReferences"] for h in r["hashes"]
    ]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w+)", "".join(locks)))


def test_the_sbom_is_cyclonedx() -> None:
    """By its published schema; and a document that isn't is refused."""
    text = (ROOT / "sbom.json").read_text("utf-8")
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"name"', '"nome"')) is not None


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with only what the SBOM is made from, and what is made."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in ("setup.cfg", "sbom.json"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(sbom, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["sbom", "--check"])
    return tmp_path


def test_what_changed_is_found(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sbom.main() == 0
    for name, old, new in (
        ("run.txt", "\nflask==", "\nflask==0."),
        ("licences.md", "| flask | BSD-3-Clause |", "| flask | MIT |"),
    ):
        file = copy / "requirements" / name
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    assert sbom.main() == 1
    assert capsys.readouterr().err.splitlines() == [
        "sbom.json is not what the locks make: run make sbom",
        "requirements/licences.md is not what the locks make: run make sbom",
    ]


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MIT OR AGPL-3.0-only", True),
        ("MIT AND AGPL-3.0-only", False),
        ("AGPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("Our own, ask us", False),
        ("none", False),
    ],
)
def test_licences(licence: str, accepted: bool) -> None:
    assert (list(findings({"a-package": licence})) == []) is accepted


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT"), ("License", "Apache 2")], "MIT"),
        ([("License", "Apache 2")], "Apache-2.0"),
        ([("Classifier", "License :: OSI Approved :: MIT License")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: Odd License")], "Odd License"),
        ([("Classifier", "Topic :: Utilities")], "none"),
    ],
)
def test_metadata_old_and_new(fields: list[tuple[str, str]], licence: str) -> None:
    told = Message()
    for name, value in fields:
        told[name] = value
    assert licence_of(told) == licence
