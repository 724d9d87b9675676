"""The layout of the code: who may import whom, and how modules are named and sized."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median

import pytest

from tools.servers import ROOT

PLANTED = {
    "app": ("app/access/planted.py", "from app.http import problems"),
    "handbook": ("app/handbook/rendering/planted.py", "from app.handbook.rules import standard"),
    "handbook-alone": ("app/handbook/web/planted.py", "from app.predictions import scorer"),
    "customers": ("app/customers/store/planted.py", "from app.customers import rescoring"),
    "bulk": ("app/bulk/reading/planted.py", "from app.bulk.scoring import scored_table"),
    "model": ("model/features.py", "import model.feature_file"),
    "training": ("app/releases/planted.py", "from model.training import binning"),
    "roots": ("model/planted.py", "from app import config"),
    "cycles": ("app/resilience/unavailable.py", "from app.resilience import deadline"),
}
"""An import that each contract of setup.cfg forbids: the contract, the module, the line."""

NEW_ROOM = ("app/attic.py", '"""A module that no layer names."""')
ROLES = {"__init__", "__main__", "commands", "routes", "schemas"}
"""Names for roles of modules, which occur in several rooms."""

MEASURED = ("app", "model")
NAMED = ("app", "model", "tools", "benchmarks", "soak", "drills", "scripts")
MIGRATION = re.compile(r"\d{4}_\w+")


def contracts() -> dict[str, str]:
    """The contracts of setup.cfg: the name of each by its id."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {
        section.removeprefix(prefix): settings[section]["name"]
        for section in settings.sections()
        if section.startswith(prefix)
    }


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def lint(folder: Path) -> str:
    """Return import-linter's report on the tree in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code, to plant imports in."""
    folder = tmp_path_factory.mktemp("tree")
    for name in (*NAMED, "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", folder)
    return folder


def test_every_contract_is_kept_and_has_a_planted_import(tree: Path) -> None:
    assert PLANTED.keys() == contracts().keys()
    assert f"Contracts: {len(PLANTED)} kept, 0 broken." in lint(tree)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, contract: str) -> None:
    name, line = PLANTED[contract]
    assert f"{contracts()[contract]} BROKEN" in planted(tree, name, line)


def test_a_module_that_no_layer_names_breaks_the_contract(tree: Path) -> None:
    """A new room must be added to the layers."""
    assert "attic" in planted(tree, *NEW_ROOM)


def planted(tree: Path, name: str, line: str) -> str:
    """What import-linter says with a line added to a module."""
    path = tree / name
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        return lint(tree)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)


def test_a_name_is_one_module() -> None:
    """A module's name is unique."""
    names = Counter(path.stem for path in modules(*NAMED) if not MIGRATION.fullmatch(path.stem))
    assert [name for name, times in names.items() if times > 1 and name not in ROLES] == []


def test_no_module_or_package_has_the_name_of_a_library() -> None:
    """Except the package http, whose modules are always imported with it."""
    taken = {*sys.stdlib_module_names, *packages_distributions()} - {*NAMED, "tests", "wsgi"}
    names = {path.stem for path in modules(*NAMED)}
    names |= {path.parent.name for path in modules(*NAMED)}
    assert names & taken == {"http"}


def test_modules_are_small() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in modules(*MEASURED)}
    assert [path for path, number in lines.items() if number > 200] == []
    assert median(lines.values()) < 100
    assert len(list((ROOT / "app").glob("*.py"))) <= 4


def test_tests_import_nothing_from_tests() -> None:
    """Shared code is in a conftest, a support module, or tools."""
    found = [
        (path.relative_to(ROOT), line)
        for path in modules("tests", "tools", "benchmarks", "soak", "drills", "scripts")
        for line in path.read_text().splitlines()
        if re.match(r"\s*(from|import) tests\S*\.test_|\s*from tests\S* import test_", line)
    ]
    assert found == []
