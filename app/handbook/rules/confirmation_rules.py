"""Rule: what documents name as proof exists: tests, benchmarks, make targets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from app.handbook.documents.library import Library
from app.handbook.rules.finding import ERROR, WARNING, Finding

_PATH = re.compile(r"(?<![\w/.])((?:tests|benchmarks|drills)/[\w/.-]+\.py)((?:::\w+)*)", re.ASCII)
_MAKE = re.compile(r"`make ([\w-]+)`", re.ASCII)
_HELD_BY = re.compile(r"^\|.*\|\s*Held by\s*\|\s*$")
_Names = dict[str, "_Names"]


def check(library: Library) -> Iterator[Finding]:
    """Yield findings of the confirmations of each decision, and of the promises of each guide.

    Promises are the rows of a table whose last column is `Held by`. If the repository has no such
    folder or Makefile, its tests are elsewhere, and this is only a warning.
    """
    known: dict[str, _Names | None] = {}
    for adr in library.adrs:
        section = adr.section("Confirmation")
        if section is None or not section.text:
            continue  # another rule reports it
        named = 0
        for number in range(section.line + 1, section.end):
            faults = list(_faults(library.root, adr.text.lines[number - 1], known))
            named += len(faults)
            yield from _findings(adr.path, number, faults)
        if not named and adr.status == "Accepted":
            message = "nothing that runs: name a test as `tests/test_x.py::test_y`, or `make bench`"
            yield Finding(adr.path, section.line, "confirmation", message, WARNING)
    for guide in library.guides:
        for number in _promises(guide.text.lines):
            faults = list(_faults(library.root, guide.text.lines[number - 1], known))
            yield from _findings(guide.path, number, faults)
            if not faults:
                message = "nothing holds this promise: name a test as `tests/test_x.py::test_y`"
                yield Finding(guide.path, number, "confirmation", message, WARNING)


def _promises(lines: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of the lines that are rows of a table of promises."""
    inside = False
    for number, line in enumerate(lines, 1):
        if _HELD_BY.search(line):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|--"):
            yield number


def _faults(
    root: Path, text: str, known: dict[str, _Names | None]
) -> Iterator[tuple[str | None, str]]:
    """Yield, for each proof that a line names, its fault or None, and the fault's level."""
    for path, names in _PATH.findall(text):
        yield _missing_test(root, path, names, known), _level(root / path.partition("/")[0])
    for target in _MAKE.findall(text):
        yield _missing_target(root, target), _level(root / "Makefile")


def _findings(path: str, line: int, faults: Iterable[tuple[str | None, str]]) -> Iterator[Finding]:
    for fault, level in faults:
        if fault:
            yield Finding(path, line, "confirmation", fault, level)


def _level(place: Path) -> str:
    return ERROR if place.exists() else WARNING


def _missing_test(root: Path, path: str, names: str, known: dict[str, _Names | None]) -> str | None:
    if ".." in path or not (root / path).is_file():
        return f"there is no {path}: name a file that exists"
    if path not in known:
        known[path] = _names(root / path)
    inside = known[path]
    if inside is None:
        return f"{path} is not valid Python: correct it"
    for name in filter(None, names.split("::")):
        if name not in inside:
            return f"{path} has no {name}: name a test that exists"
        inside = inside[name]
    return None


def _names(file: Path) -> _Names | None:
    """Return the functions and classes of a file, with nested ones."""
    try:
        return _inside(ast.parse(file.read_bytes()))
    except (SyntaxError, ValueError, RecursionError, OSError):
        return None


def _inside(node: ast.AST) -> _Names:
    return {
        child.name: _inside(child)
        for child in ast.iter_child_nodes(node)
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }


def _missing_target(root: Path, target: str) -> str | None:
    try:
        text = (root / "Makefile").read_text("utf-8", "replace")
    except OSError:
        return f"there is no Makefile for `make {target}`: name a command that exists"
    if re.search(rf"^{re.escape(target)}[ \t]*:(?!=)", text, re.M):
        return None
    return f"the Makefile has no `{target}`: name a command that exists"
