import pytest

from app.handbook.documents import document_parser, source
from app.handbook.documents.source import LIMIT, decode


def rules(data: bytes) -> list[tuple[str, int]]:
    return [(fault.rule, fault.line) for fault in decode(data).faults]


@pytest.mark.parametrize(
    ("data", "text", "found"),
    [
        pytest.param(b"# T\n", "# T\n", [], id="plain"),
        pytest.param(b"\xef\xbb\xbf# T\n", "# T\n", [("encoding", 1)], id="byte order mark"),
        pytest.param(b"# T\n\na\r\nb\rc", "# T\n\na\nb\nc", [("line-ends", 3)], id="crlf"),
        pytest.param(b"# T\n\n\xff\xfe", "# T\n\n��", [("encoding", 3)], id="not utf-8"),
        pytest.param(b"a\0b", "a�b", [], id="nul"),
        pytest.param(b"", "", [], id="empty"),
    ],
)
def test_bytes_become_text_and_faults(data: bytes, text: str, found: list[tuple[str, int]]) -> None:
    """Any bytes are read; faults have their lines."""
    assert decode(data).text == text
    assert rules(data) == found


def test_a_huge_document_is_cut_at_a_line() -> None:
    """Five megabytes give a finding, not five megabytes of page."""
    data = b"a line of text\n" * 350_000
    read = decode(data)
    assert [fault.rule for fault in read.faults] == ["size"]
    assert len(read.text) <= LIMIT
    assert read.text.endswith("text\n")


@pytest.mark.parametrize(
    "pattern",
    [
        *("> ", "- ", "[", "![[", "[a](", "**a ", "*a_ ", "`", "<a ", "&", "```\n", "  - a\n"),
        *("# a\n", "## a\n```\n```\n", "|a|b|\n", "[a][b]"),
        *("### 1. a\n", "### Cause 1: a\n**Check**: b\n"),
    ],
)
def test_repeated_markup_is_parsed(pattern: str) -> None:
    """No repetition in a text makes the parser fail."""
    text = ("# Runbook: T\n\n## Common Causes & Solutions\n\n" + pattern * 4000).encode()
    for kind in ("runbook", "adr", "guide"):
        assert document_parser.parse(kind, "t", "t/t.md", source.decode(text)).kind == kind
