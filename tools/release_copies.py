"""Copies of a release under another version, with valid digests, self-test and approval."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from app.releases.approval import Approval, write_approval
from model.feature_file import load_contract


def copy_release(source: Path, target: Path, version: str | None = "") -> None:
    """Copy a release to `target`, named after its folder, and recompute the digests.

    With `version=None` the scorecard stays as it is and only the digests are made anew.
    """
    if source != target:
        shutil.copytree(source, target)
    scorecard = target / "scorecard.json"
    if version is not None:
        content = json.loads(scorecard.read_text())
        content["version"] = version or target.name
        scorecard.write_text(json.dumps(content))
    card = yaml.safe_load((target / "card.yaml").read_text())
    _repeat(card["model_card"], target)
    for artifact in card["model_card"]["artifacts"]:
        content_bytes = (target / artifact["file"]).read_bytes()
        artifact["sha256"] = hashlib.sha256(content_bytes).hexdigest()
    (target / "card.yaml").write_text(yaml.safe_dump(card))
    approve(target)


def approve(folder: Path) -> None:
    """Approve a release as it is now."""
    digest = hashlib.sha256((folder / "card.yaml").read_bytes()).hexdigest()
    write_approval(folder, digest, Approval("ML engineers", datetime.date(2026, 11, 29)))


def _repeat(card: dict[str, Any], folder: Path) -> None:
    """Make a card state what scorecard and contract do."""
    scorecard = json.loads((folder / "scorecard.json").read_text())
    card["version"] = scorecard["version"]
    card["metrics"]["decision_thresholds"] = scorecard["policies"]
    types = [feature.type for feature in load_contract(folder / "features.yaml").features]
    counts = {kind: types.count(kind) for kind in sorted(set(types))}
    card["model_details"]["features"] = {"count": len(types), "types": counts}


def change_contract(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the release's features, and make the scorecard and the card match them."""
    file = path / "features.yaml"
    content = yaml.safe_load(file.read_text())
    change(content["features"])
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    digest = load_contract(file).digest
    change_scorecard(path, lambda scorecard: scorecard.update(contract=digest))


def change_scorecard(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the scorecard, and make the card's digests match it."""
    scorecard = path / "scorecard.json"
    content = json.loads(scorecard.read_text())
    change(content)
    scorecard.write_text(json.dumps(content))
    copy_release(path, path, version=None)
