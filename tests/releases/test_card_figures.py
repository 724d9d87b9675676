"""A changed digit in any file of a release is refused by name."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli.model_options import RELEASES
from app.cli.rebuild_check import compare
from app.cli.service_check import changed_figures
from app.releases.card_figures import disagreements
from app.releases.named_leaves import is_number, leaves
from app.releases.release_loader import Release, ReleaseError, load_release
from model.economics import Economics
from model.features import Contract
from tools.release_copies import copy_release

SHIPPED = RELEASES / "1.2.0"
FILES = ("card.yaml", "scorecard.json", "evaluation.json", "economics.yaml")
INTERVAL = re.compile(r"[\d.]+ to [\d.]+")

Place = tuple[str | int, ...]

BY_REBUILDING = re.compile(
    r"(training_rows_by_bin|settings_tried|threshold_goals)\..*"
    r"|calibration_out_of_fold\.(\w+\.interval\.[01]|recalibration\.\w+)"
    r"|partial\.random_known\.(churn_rate|calibration_error_(low|high))"
    r"|repeated_cross_validation\.samples_of\.customers"
)
"""Figures of the evaluation that neither the test part's answers give nor the card repeats, or
only with fewer decimals: a rebuilt release tells."""

WRITTEN = re.compile(r"metrics\.model_performance\.\w+\.threshold|fairness_limits\..*")
"""Limits of the card, which people write; a rebuilt card has those of today's prose."""


@pytest.fixture(scope="module")
def shipped() -> Release:
    return load_release(SHIPPED)


def places(document: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of each number and each interval."""
    if isinstance(document, dict | list):
        items = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in items:
            yield from places(value, (*place, key))
    elif is_number(document) or (isinstance(document, str) and INTERVAL.fullmatch(document)):
        yield place


def with_another_digit(document: Any, place: Place) -> Any:
    """Copy a document, with the last digit of the figure at a place changed."""
    *above, key = place
    changed = found = copy.deepcopy(document)
    for step in above:
        found = found[step]
    figure = repr(found[key]) if is_number(found[key]) else found[key]
    end = max(n for n, letter in enumerate(figure) if letter.isdigit() and "e" not in figure[:n])
    text = figure[:end] + str((int(figure[end]) + 1) % 10) + figure[end + 1 :]
    found[key] = type(found[key])(text)
    return changed


def edits(document: Any, step: int = 1) -> list[Any]:
    """Copies of a document, each with one changed digit, of every `step`th figure."""
    return [with_another_digit(document, place) for place in [*places(document)][::step]]


def names(one: Any, other: Any) -> set[str]:
    """Name the leaves in which two documents differ."""
    found, expected = dict(leaves(one)), dict(leaves(other))
    return {name for name, _ in found.items() ^ expected.items()}


def others(release: Release) -> tuple[dict[str, float], Contract, Economics | None]:
    return release.scorecard.policies, release.contract, release.economics


def test_every_figure_of_the_card_is_compared_when_it_is_loaded(shipped: Release) -> None:
    """All but limits, which are prose."""
    changed = edits(shipped.card)
    assert len(changed) > 300
    args = (shipped.evaluation, *others(shipped))
    for card in changed:
        faults = list(disagreements(card, *args))
        edited = names(card, shipped.card)
        if not all(any(fault.startswith(f"{name}: ") for fault in faults) for name in edited):
            assert all(WRITTEN.fullmatch(name) for name in edited), edited


def test_every_figure_of_the_evaluation_is_recomputed_or_rebuilt(shipped: Release) -> None:
    """Edited with digests that fit; the rebuilt file is the shipped one."""
    only_rebuilt: set[str] = set()
    changed = edits(shipped.evaluation, 6)
    assert len(changed) > 200
    # What the answers give is what the shipped file states: tests/cli/test_model_verify.py.
    figures = {
        key: shipped.evaluation[key]
        for key in ("sizes", "metrics", "calibration", "curve", "distributions", "fairness")
    } | {"performance": {"test": shipped.evaluation["performance"]["test"]}}
    for evaluation in changed:
        edited = names(evaluation, shipped.evaluation)
        loaded = list(disagreements(shipped.card, evaluation, *others(shipped)))
        answered = changed_figures(evaluation, figures)
        if not loaded and not answered:
            only_rebuilt |= edited
        if answered:
            assert all(any(name in line for name in edited) for line in answered)
    assert only_rebuilt
    assert not [name for name in only_rebuilt if not BY_REBUILDING.fullmatch(name)]


@pytest.mark.parametrize("name", FILES)
def test_a_rebuilt_release_names_each_figure_that_was_changed(tmp_path: Path, name: str) -> None:
    """With both values, whatever the digests say."""
    content = (SHIPPED / name).read_bytes()
    shutil.copytree(SHIPPED, tmp_path / "1.2.0")
    read = json.loads if name.endswith("json") else yaml.safe_load
    document = read(content)
    some = edits(document, max(1, len([*places(document)]) // 6))
    assert len(some) > 3
    for changed in some:
        (tmp_path / "1.2.0" / name).write_text(json.dumps(changed))
        lines = list(compare(tmp_path / "1.2.0", {name: content}))
        edited = names(changed, document)
        assert len(lines) == len(edited)
        assert all(line.startswith(tuple(f"{name}: {leaf}: " for leaf in edited)) for line in lines)


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_one_other_digit_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """Its digest is no longer the card's, or a figure of the card no longer the file's."""
    folder = tmp_path / "1.2.0"
    shutil.copytree(SHIPPED, folder)
    text = (SHIPPED / name).read_text()
    number = r": \d+" if name == "economics.yaml" else r"\d\.\d+"
    figures = [found.end() - 1 for found in re.finditer(number, text)]
    if name == "card.yaml":
        start, end = text.index("    model_performance:"), text.index("  partial_customers:")
        figures = [place for place in figures if start < place < end]
        figures = [place for place in figures if "threshold: " not in text[place - 20 : place]]
        figures = [place for place in figures if "interval: " not in text[place - 20 : place]]
    for place in random.Random(20).sample(figures, 4):
        digit = str((int(text[place]) + 1) % 10)
        (folder / name).write_text(text[:place] + digit + text[place + 1 :])
        with pytest.raises(ReleaseError, match=f"^{name}"):
            load_release(folder)


def test_a_figure_that_no_file_states_is_refused(shipped: Release) -> None:
    """A section that is new needs its rule in card_figures."""
    args = (shipped.evaluation, *others(shipped))
    card = shipped.card | {"promises": {"roc_auc": 0.99}}
    assert list(disagreements(card, *args)) == [
        "promises.roc_auc: 0.99, which no other file of the release has"
    ]


def test_what_people_write_may_have_numbers(shipped: Release) -> None:
    args = (shipped.evaluation, *others(shipped))
    assert not list(disagreements(shipped.card | {"references": {"papers": [2013]}}, *args))


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0"])
def test_a_card_under_another_version_is_refused(tmp_path: Path, version: str) -> None:
    folder = tmp_path / version
    copy_release(RELEASES / version, folder)
    assert load_release(folder)
    card = folder / "card.yaml"
    card.write_text(card.read_text().replace(f"version: {version}", "version: 9.9.9"))
    with pytest.raises(ReleaseError, match=r"^card\.yaml says version 9\.9\.9"):
        load_release(folder)
