"""The folder from which `churn model` trains: contract, card, and where the customers are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.customers.files.sample_file import SAMPLE_NAME
from app.writing.atomic_files import add_files
from model.feature_file import PATH

FEATURES, CARD, TRAINING, RELEASES = "features.yaml", "card.yaml", "training.yaml", "releases"

_HEAD = "# What the release is trained on: a file of customers, and the column with the outcome.\n"


@dataclass(frozen=True)
class TrainingFolder:
    """Paths of what training needs and makes.

    Attributes:
        root: the folder; ours is `model`.
        data: the file of customers; None for the packaged data set.
        target: the column with the outcome.
    """

    root: Path
    data: Path | None
    target: str

    @property
    def features(self) -> Path:
        """The feature contract."""
        return self.root / FEATURES

    @property
    def card(self) -> Path:
        """The prose of the model card."""
        return self.root / CARD

    @property
    def releases(self) -> Path:
        """The folder of releases."""
        return self.root / RELEASES

    @property
    def sample(self) -> Path:
        """Customers for a new installation."""
        return self.root / SAMPLE_NAME


OURS = TrainingFolder(PATH.parent, None, "churn")
"""The telecom model that comes with the service."""


def make_folder(root: Path, data: Path, target: str, files: dict[str, str]) -> None:
    """Write what was drafted, and what it was drafted from: all files, or none.

    A file that is there already stays if it is the same: an interrupted run can be repeated. The
    path of the customers is relative if they are in the folder: it can then be moved.

    Raises:
        ValueError: another file is there already, which somebody may have corrected.
        OSError: a file cannot be written.
    """
    full = data.resolve()
    inside = full.is_relative_to(root.resolve())
    place = str(full.relative_to(root.resolve()) if inside else full)
    content = yaml.safe_dump({"data": place, "target": target}, sort_keys=False, allow_unicode=True)
    drafts = {name: text.encode() for name, text in {**files, TRAINING: _HEAD + content}.items()}
    there = {name: (root / name).read_bytes() for name in drafts if (root / name).exists()}
    if others := [name for name in there if there[name] != drafts[name]]:
        raise ValueError(
            f"{root}: {', '.join(others)}: already there: delete what you don't need any more, "
            "or give another folder with --output"
        )
    add_files(root, {name: text for name, text in drafts.items() if name not in there})


def read_folder(root: Path) -> TrainingFolder:
    """Read where the customers of a folder are.

    Raises:
        ValueError: naming the file, the key and the remedy.
    """
    missing = [name for name in (FEATURES, CARD, TRAINING) if not (root / name).is_file()]
    if missing:
        raise ValueError(f"{root}: no {', '.join(missing)}: churn model init makes them")
    path = root / TRAINING
    try:
        content = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    faults, texts = [], {}
    for key, what in (("data", "the path of a file of customers"), ("target", "its outcome")):
        text = content.get(key) if isinstance(content, dict) else None
        if isinstance(text, str) and text.strip():
            texts[key] = text
        else:
            faults.append(f"{key}: give {what}")
    if "data" in texts and not os.path.isfile(root / texts["data"]):  # noqa: PTH113 - no raise
        faults.append(f"data: there is no file {texts['data']}: correct the path")
    if faults:
        raise ValueError(f"{path}: {'; '.join(faults)}")
    return TrainingFolder(root, root / texts["data"], texts["target"])
