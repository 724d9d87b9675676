"""Reads experiments, `model/experiments/NNN-<slug>.yaml`: what was varied in training, and won."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from app.handbook.documents import located_yaml
from app.handbook.documents.document_types import parse_date
from model.economics import GAP

FOLDER = "model/experiments"
"""Relative to the parent of the documents' folders."""

FIGURES = "\n  figures:\n"
"""Where the figures begin: all that follows is the command's."""

DIGEST = "\n    sha256: "
"""The last line: the digest of the other figures."""

_FILE = re.compile(r"(\d{3})-([a-z0-9]+(?:-[a-z0-9]+)*)\Z")


@dataclass(frozen=True)
class OverFolds:
    """A measure of a variant on the held-out customers of each fold."""

    mean: float
    interval: tuple[float, float]
    """95% interval of the mean."""

    folds: tuple[float, ...]


@dataclass(frozen=True)
class Variant:
    """One of the values that were tried."""

    name: str
    """Such as `8 bins`."""

    value: float
    log_loss: OverFolds
    roc_auc: OverFolds
    difference: float
    """Of the log loss to the best variant's, over the same folds."""

    standard_error: float
    """Of the difference."""

    @property
    def is_beaten(self) -> bool:
        """Whether the best is better by more than one standard error."""
        return self.difference > self.standard_error


@dataclass(frozen=True)
class Experiment:
    """An experiment; what isn't stated is empty."""

    number: int
    slug: str
    """The file's name without `.yaml`, such as `001-number-of-factors`."""

    path: str
    """Relative to the parent of the documents' folders, with `/`."""

    title: str
    question: str
    date: datetime.date | None
    owner: str
    verdict: str
    """Empty until somebody has written it."""

    decided_in: tuple[str, ...]
    """Paths of documents that the experiment decided."""

    command: str
    data: dict[str, Any]
    """`name`, `customers` and `sha256` of the customers."""

    training: dict[str, Any]
    """What stayed the same: `framework`, `seed`, `folds`, hyperparameters and the rest."""

    varied: str
    variants: tuple[Variant, ...]
    """The simplest first."""

    best: str
    """The name of the variant with the lowest log loss."""

    simplest_not_beaten: str
    """The name of the first variant that the best doesn't beat by one standard error."""

    @property
    def url(self) -> str:
        """The page's path on this service."""
        return f"/experiments/{self.slug}"

    @cached_property
    def by_name(self) -> dict[str, Variant]:
        """The variants by name."""
        return {variant.name: variant for variant in self.variants}


def read_experiment(path: Path) -> Experiment | None:
    """Read an experiment; None if its name or shape is another: the check says what is wrong."""
    name, node = named(path), located_yaml.read(path)[0]
    if name is None or node is None:
        return None
    try:
        content = yaml.safe_load(path.read_bytes())["experiment"]
        figures = content["figures"]
        return Experiment(
            number=name[0],
            slug=path.stem,
            path=f"{FOLDER}/{path.name}",
            title=_prose(content, "title") or name[1].replace("-", " ").capitalize(),
            question=_prose(content, "question"),
            date=parse_date(str(content.get("date", ""))),
            owner=_prose(content, "owner"),
            verdict=_prose(content, "verdict"),
            decided_in=tuple(map(str, content.get("decided_in") or ())),
            command=str(figures["command"]),
            data=dict(figures["data"]),
            training=dict(figures["training"]),
            varied=str(figures["varied"]),
            variants=tuple(map(_variant, figures["variants"])),
            best=str(figures["best"]),
            simplest_not_beaten=str(figures["simplest_not_beaten"]),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return None


def files(root: Path) -> Sequence[Path]:
    """Return the files of experiments by name, whatever is in them."""
    return sorted((root / FOLDER).glob("*.yaml"))


def experiments(root: Path) -> list[Experiment]:
    """Return the experiments under a root by number; those that can't be read are left out."""
    return [e for path in files(root) if (e := read_experiment(path))]


def named(path: Path) -> tuple[int, str] | None:
    """Return number and slug of a file's name, or None if it has another form."""
    name = _FILE.match(path.stem)
    return (int(name[1]), name[2]) if name else None


def split_figures(text: str) -> tuple[str, str]:
    """Split a file's text into what people wrote and the figures, which come last."""
    prose, head, figures = text.partition(FIGURES)
    return prose, head + figures


def figures_digest(figures: str) -> str:
    """Return the SHA-256 of the figures as written, up to the line that states it."""
    return hashlib.sha256(figures.partition(DIGEST)[0].encode()).hexdigest()


def _prose(content: dict[str, Any], key: str) -> str:
    text = str(content.get(key) or "").strip()
    return "" if text.startswith(GAP) else text


def _variant(entry: dict[str, Any]) -> Variant:
    return Variant(
        name=str(entry["name"]),
        value=float(entry["value"]),
        log_loss=_over_folds(entry["log_loss"]),
        roc_auc=_over_folds(entry["roc_auc"]),
        difference=float(entry["difference"]["mean"]),
        standard_error=float(entry["difference"]["standard_error"]),
    )


def _over_folds(entry: dict[str, Any]) -> OverFolds:
    low, high = map(float, entry["interval"])
    return OverFolds(float(entry["mean"]), (low, high), tuple(map(float, entry["folds"])))
