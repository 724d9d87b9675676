"""A release's figures inside the card, and the digests that the card is held to."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.handbook.card.inline_figures import figures, inline
from tests.handbook import made_up_release
from tests.handbook.conftest import SAMPLE, make_app
from tests.handbook.live_markup import live

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'
)


def test_styles_become_attributes() -> None:
    """The policy of the pages blocks inline styles: left as they are, the figure would be black."""
    drawn = str(
        inline(SVG.format('width="9pt"', '<path d="M0 0" style="fill: none; stroke: red"/>'))
    )
    assert "style" not in drawn
    assert 'fill="none"' in drawn
    assert 'stroke="red"' in drawn
    assert "9pt" not in drawn


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<use xlink:href="https://example.org/a.svg#b"/>',
        "<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
        "<style>*{fill:red}</style>",
        '<image href="https://example.org/a.png"/>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
    ],
)
def test_a_figure_is_a_drawing_and_nothing_else(inner: str) -> None:
    drawn = str(inline(SVG.format("", f"<g>{inner}</g>")))
    assert live(drawn) == ["svg"]
    assert "example.org" not in drawn
    assert "set" not in drawn


@pytest.mark.parametrize("text", ["", "<svg", "<html/>", "<svg/>"])
def test_what_is_no_drawing_is_left_out(text: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        inline(text)


def test_a_figure_that_was_changed_is_not_shown(tmp_path: Path) -> None:
    serving = made_up_release.make(tmp_path)
    assert list(figures(serving)) == ["calibration"]
    other = made_up_release.make(tmp_path / "other")
    file = other.path / "figures" / "calibration.svg"
    file.write_text(file.read_text().replace("4 3", "4 4"))
    assert figures(other) == {}


def test_a_figure_that_comes_back_is_shown_again(tmp_path: Path) -> None:
    serving = made_up_release.make(tmp_path)
    whole = figures(serving)
    file = serving.path / "figures" / "calibration.svg"
    there = file.read_bytes()
    other = made_up_release.make(tmp_path / "other")
    moved = other.path / "figures" / "calibration.svg"
    moved.unlink()
    assert figures(other) == {}
    moved.write_bytes(there)
    assert figures(other) == whole


def test_the_card_s_digests_are_checked_against_memory_and_disk(tmp_path: Path) -> None:
    serving = made_up_release.make(tmp_path)
    reader = make_app(SAMPLE, serving).test_client()
    assert reader.get("/model-card/state.json").get_json()["matches"] is True
    (tmp_path / "scorecard.json").write_text('{"intercept": 9}')
    found = reader.get("/model-card/state.json").get_json()
    assert found["matches"] is False
    wrong = [f["file"] for f in found["files"] if f["card"] != f["disk"]]
    assert wrong == ["scorecard.json"]


def test_the_card_s_words_lead_to_no_other_file(tmp_path: Path) -> None:
    """A file that the release doesn't have is not read, whatever the card calls it."""
    serving = made_up_release.make(tmp_path)
    serving.card["artifacts"].append({"file": "../../etc/passwd", "sha256": "0" * 64})
    found = make_app(SAMPLE, serving).test_client().get("/model-card/state.json").get_json()
    assert found["files"][-1]["disk"] is None
    assert found["matches"] is False
