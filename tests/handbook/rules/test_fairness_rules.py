"""The check warns before an exception from a fairness limit ends."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from app.handbook.rules import model_card_rules
from tests.handbook.conftest import SAMPLE

CARD = "model/releases/1.0.0/card.yaml"
EXCEPTION = """\
  fairness_exceptions:
    - {factor: partner, metric: recall, owner: ML engineers, reason: none, expires: '2027-05-28'}
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A release with an exception that ends on 2027-05-28."""
    folder = tmp_path / "1.0.0"
    folder.mkdir()
    for file in (SAMPLE / CARD).parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    path = folder / "card.yaml"
    path.write_text(path.read_text().replace("  fairness:\n", f"{EXCEPTION}  fairness:\n"))
    return path


def warnings(card: Path, today: datetime.date) -> list[str]:
    found = model_card_rules.check_file(card, "card.yaml", today)
    return [f.message for f in found if (f.rule, f.level) == ("fairness", "warning")]


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ((2027, 4, 28), None),
        ((2027, 4, 29), "expires on 2027-05-28"),
        ((2027, 5, 28), "expires on 2027-05-28"),
        ((2027, 5, 29), "expired on 2027-05-28"),
    ],
    ids=["a month before", "29 days before", "last day", "after"],
)
def test_an_exception_is_announced_for_thirty_days(
    card: Path, today: tuple[int, int, int], said: str | None
) -> None:
    found = warnings(card, datetime.date(*today))
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_a_superseded_release_is_not_asked_for(card: Path) -> None:
    """Nobody decides again on an exception of a release that another one follows."""
    newer = card.parent.with_name("1.0.1")
    newer.mkdir()
    (newer / "card.yaml").write_text("model_card: {}\n")
    assert warnings(card, datetime.date(2028, 1, 1)) == []
