"""Rebuilds a release, and compares its files byte for byte."""
# ruff: noqa: PLC0415 - training libraries only where they are needed

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from app.releases.named_leaves import differences, leaves

if TYPE_CHECKING:
    from model.economics import Economics
    from model.features import Contract
    from model.training.pair_selection import Progress
    from model.training.training_data import TrainingData


def rebuilt(
    contract: Contract,
    customers: TrainingData,
    prose: dict[str, Any],
    economics: Economics | None,
    report: Progress,
) -> dict[str, bytes]:
    """Train and measure as `churn model release` does on the card's date; return files by name.

    Raises:
        RefusedError: a metric is worse than its limit.
    """
    from model.training.release_writer import make_candidate, make_release
    from model.training.training_data import split

    parts = split(customers.churned)
    candidate = make_candidate(
        contract, customers, parts, prose["version"], report, economics=economics
    )
    made = date.fromisoformat(str(prose["date"]))
    files, _ = make_release(contract, customers, prose, candidate, report, today=made)
    return files


def compare(folder: Path, files: dict[str, bytes]) -> Iterator[str]:
    """Name each file that isn't the rebuilt one, and each key in which they differ.

    Args:
        folder: of the release.
        files: the rebuilt ones, by name.
    """
    for name, right in files.items():
        path = folder / name
        if not path.is_file():
            yield f"{name}: missing"
        elif (content := path.read_bytes()) != right:
            yield from _differing(name, content, right)


def _differing(name: str, content: bytes, right: bytes) -> Iterator[str]:
    try:
        found, expected = (dict(leaves(_parsed(name, text))) for text in (content, right))
    except (ValueError, yaml.YAMLError, RecursionError):
        yield f"{name}: it can't be read"
        return
    lines = [f"{name}: {line}" for line in differences(found, expected, "the rebuilt one")]
    yield from lines or [f"{name}: other bytes than the rebuilt one, with the same content"]


def _parsed(name: str, content: bytes) -> Any:
    return json.loads(content) if name.endswith(".json") else yaml.safe_load(content)
