"""The digests that the card's page compares."""

from __future__ import annotations

from pathlib import Path

from tests.handbook import made_up_release
from tests.handbook.conftest import SAMPLE, make_app


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
