import datetime

import pytest

from app.handbook.documents import document_parser
from app.handbook.documents.document_types import ADR, Document, Guide, Runbook, parse_date
from app.handbook.documents.library import Library
from app.handbook.documents.source import decode
from tests.handbook.conftest import SAMPLE


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(SAMPLE)


def parse(kind: str, text: str) -> Document:
    return document_parser.parse(
        kind, "a-document", f"{kind}s/a-document.md", decode(text.encode())
    )


def test_a_runbook_is_an_object(library: Library) -> None:
    runbook = library.get("runbooks", "high-api-latency")
    assert isinstance(runbook, Runbook)
    assert runbook.title == "High API latency"
    assert runbook.severity == "P2"
    assert runbook.alerts == ("ChurnApiLatencyHigh", "ChurnApiLatencyBurn")
    assert [(step.number, step.section.line) for step in runbook.steps] == [
        (1, 23),
        (2, 31),
        (3, 42),
    ]
    assert [cause.name for cause in runbook.causes] == ["The cache is down", "Too few workers"]
    assert runbook.causes[0].fields["check"].value == "`churn diagnose cache`"
    assert runbook.causes[1].fields["check"].value == "```bash run\nchurn diagnose workers\n```"
    assert runbook.owner == "Platform team"
    assert runbook.last_updated == datetime.date(2026, 10, 20)
    assert runbook.review_by == datetime.date(2027, 1, 18)


def test_a_decision_is_an_object(library: Library) -> None:
    old, new = library.adrs
    assert isinstance(old, ADR)
    assert (old.number, old.status, old.superseded_by) == (1, "Superseded", (2,))
    assert (new.number, new.status, new.supersedes) == (2, "Accepted", (1,))
    assert new.review_by is None


def test_a_guide_is_an_object(library: Library) -> None:
    guide = library.get("guides", "onboarding")
    assert isinstance(guide, Guide)
    assert guide.opening.startswith("For an engineer who is new here.")


def test_documents_know_who_links_to_them(library: Library) -> None:
    latency = library.by_path["runbooks/high-api-latency.md"]
    assert [d.slug for d in library.backlinks(latency)] == [
        "model-release-refused",
        "onboarding",
        "2026-11-12-slow-lookups",
    ]


def test_headings_in_fences_are_no_sections() -> None:
    """A fenced block may contain another fence and headings."""
    text = (
        "# A\n\nOpening.\n\n````markdown\n## Not one\n```bash\n# x\n```\n````\n\n## One\n\nText.\n"
    )
    guide = parse("guide", text)
    assert [(s.title, s.line) for s in guide.sections] == [("One", 12)]
    assert [(f.language, f.line, f.end) for f in guide.text.outline.fences] == [("markdown", 5, 10)]


def test_the_footer_is_found_without_a_rule_above_it() -> None:
    guide = parse("guide", "# A\n\nText.\n\n## B\n\nText.\n\n**Last Updated:** 2026-01-02\n")
    assert guide.last_updated == datetime.date(2026, 1, 2)
    assert guide.sections[0].text == "Text."


FOOTED = """\
# A

Text [b].

## B

**Note**: x

{}

---
**Last Updated**: 2026-01-02
**Owner**: Team
{}"""
DEFINITION = "[b]: https://example.org/b"


@pytest.mark.parametrize(
    ("above", "below", "trailing"),
    [
        (DEFINITION, "", None),
        ("", f"\n{DEFINITION}\n", None),
        ("", "\n<!-- a note -->\n", None),
        ("", "\n---\n", None),
        ("", "\n[^1]: unused\n", None),
        ("", "\n**Reviewers**: Team\n", None),
        ("", "\nBack to the list.\n", 15),
        ("", f"\n{DEFINITION}\n\n- one\n- two\n", 17),
        ("", "- one\n", 14),
        ("", "```text\nx\n```\n", 14),
    ],
)
def test_the_footer_is_its_fields_and_nothing_else(
    above: str, below: str, trailing: int | None
) -> None:
    """Definitions of links are neither text nor a part of a field, wherever they are."""
    guide = parse("guide", FOOTED.format(above, below))
    assert {name: field.value for name, field in guide.footer.items()} | {"reviewers": "Team"} == {
        "last updated": "2026-01-02",
        "owner": "Team",
        "reviewers": "Team",
    }
    assert guide.sections[0].fields()["note"].value == "x"
    assert guide.text.trailing == trailing


@pytest.mark.parametrize(
    ("front", "facts"),
    [
        ("title: T\nweight: 20", {"title": "T", "weight": "20"}),
        (
            "title: T\ndate: 2024-03-01\ntags: [a, b]",
            {"title": "T", "date": "2024-03-01", "tags": "a, b"},
        ),
        ("deciders: {list everyone}\nstatus: ", {}),
        ("# written by a tool\n\ntitle: T", {"title": "T"}),
        ("title: a: b", {}),
        ("date: 2024-99-99", {}),
        ("a: &a [x]\nb: *a\nc: *none", {}),
    ],
)
def test_front_matter_is_facts_and_no_text(front: str, facts: dict[str, str]) -> None:
    guide = parse("guide", f"---\n{front}\n---\n\nOpening.\n\n## B\n\nx\n")
    assert guide.text.facts == facts
    assert guide.title == facts.get("title", "A document")
    assert [heading.line for heading in guide.text.headings] == [front.count("\n") + 7]
    assert guide.opening == guide.text.words(0, guide.text.headings[0].line) == "Opening."


def test_a_comment_in_front_matter_is_no_title() -> None:
    text = "---\n# written by a tool\ntitle: T\n---\n\n# Runbook: A\n"
    assert document_parser.kind_by_title(text) == "runbook"


@pytest.mark.parametrize("text", ["---\nWords between rules.\n---\nx", "---\n---\nx", "---\na: b"])
def test_text_between_rules_is_no_front_matter(text: str) -> None:
    guide = parse("guide", text)
    assert guide.text.facts == {}
    assert guide.text.markdown == text.split("\n")


def test_ids_are_those_of_github() -> None:
    """An anchor written for the repository's pages works on ours."""
    guide = parse("guide", "# A\n\n## Causes & `Fixes`: 1\n\n## B_c\n\n## B_c\n\n## Grün!\n")
    ids = [heading.id for heading in guide.text.headings]
    assert ids == ["a", "causes--fixes-1", "b_c", "b_c-1", "grün"]


@pytest.mark.parametrize("alerts", ["- `A_b`\n- C", "A_b\nC", "* A_b: when slow\n* `C` (warning)"])
def test_alerts_stand_one_a_line(alerts: str) -> None:
    runbook = parse("runbook", f"# Runbook: A\n\n## Alerts\n\n{alerts}\n")
    assert isinstance(runbook, Runbook)
    assert runbook.alerts == ("A_b", "C")


@pytest.mark.parametrize("words", ["2026-02-30", "2026-1-1", "yesterday", "", "\u0662026-01-01"])
def test_other_words_are_no_date(words: str) -> None:
    assert parse_date(words) is None
