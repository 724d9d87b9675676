"""Signing a review and superseding a decision neither lose nor repeat a word."""

from __future__ import annotations

import datetime
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.handbook.documents import document_parser
from app.handbook.documents.document_types import Document
from app.handbook.documents.source import decode
from app.handbook.editing import reviews
from app.handbook.editing.reviews import ReviewError

TODAY = datetime.date(2026, 11, 27)
TEAM = "Signers"
BODY = "# Onboarding\n\nHow to begin.\n\n## First\n\nRead the notes of 2020-02-02.\n\n---\n\n"


def parsed(kind: str, path: str, content: bytes) -> Document:
    return document_parser.parse(kind, Path(path).stem, path, decode(content))


def signed(content: bytes, kind: str = "guide") -> bytes:
    """The document after a review; refusals are raised."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "guides/onboarding.md")
        file.parent.mkdir()
        file.write_bytes(content)
        document = parsed(kind, "guides/onboarding.md", content)
        reviews.sign(Path(folder), document, TEAM, TODAY)
        return file.read_bytes()


def words(content: bytes) -> list[str]:
    return re.findall(r"[\w-]+", content.decode())


REVIEWERS = st.sampled_from(
    [
        "Service team",
        "Service team, Data team",
        "Service team,\nData team",
        "Service team, Data team,\n  On-call\nengineers",
        "Service\nteam",
        "Service team, Data team  ",
        "Service team\\",
        "Service team,",
        "",
    ]
)
DATES = st.sampled_from(
    [
        "2026-10-01",
        "2026-10-01  ",
        "\n2026-10-01",
        "2026-10-01 (after the move)",
        "",
        "since\n2026-10-01",
    ]
)
OWNERS = st.sampled_from(["Service team", "Service\nteam", ""])
TRAILERS = st.lists(
    st.sampled_from(
        [
            "",
            "Ask those of 2019-01-01.",
            "- an item",
            "[label]: https://example.org/x",
            "> quoted",
        ]
    ),
    max_size=3,
)


@st.composite
def footers(draw: st.DrawFn) -> bytes:
    """A document whose footer has its fields in any order, wrapped, marked up, followed by text."""
    fields = [("Last Updated", draw(DATES)), ("Owner", draw(OWNERS))]
    if draw(st.booleans()):
        fields.append(("Reviewers", draw(REVIEWERS)))
    if draw(st.booleans()):
        fields.append(("Review Cycle", "each quarter"))
    form = draw(st.sampled_from(["**{}**: {}", "**{}:** {}"]))
    lines: list[str] = []
    for name, value in draw(st.permutations(fields)):
        lines.append(form.format(name, value))
        lines += draw(TRAILERS)
    text = BODY + "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@given(footers())
def test_a_review_changes_the_date_and_adds_the_team(content: bytes) -> None:
    before, after = parsed("guide", "guides/onboarding.md", content), signed(content)
    kept, expected = words(after), words(content)
    for word in (TODAY.isoformat(), *TEAM.split()):
        assert kept.count(word) == 1
        kept.remove(word)
    if "reviewers" not in before.footer:
        kept.remove("Reviewers")
    if "2026-10-01" in expected:
        expected.remove("2026-10-01")
    assert kept == expected
    assert after.count(b"\r\n") in (0, after.count(b"\n"))

    read = parsed("guide", "guides/onboarding.md", after)
    assert TODAY.isoformat() in read.footer["last updated"].paragraph
    assert TEAM in read.footer["reviewers"].paragraph
    assert read.footer["owner"].paragraph == before.footer["owner"].paragraph
    assert signed(after) == after


def test_a_date_in_words_is_refused() -> None:
    with pytest.raises(ReviewError, match="has no date such as"):
        signed((BODY + "**Last Updated**: last week\n**Owner**: Service team\n").encode())
