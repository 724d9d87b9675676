"""How a document marks its commands, and how printed output is compared with what is shown."""

from __future__ import annotations

import pytest

from app.handbook.documents import document_parser
from app.handbook.documents.command_blocks import CommandBlock, find, is_as_shown, proofs
from app.handbook.documents.document_types import Document
from app.handbook.documents.source import decode


def document(kind: str, text: str) -> Document:
    return document_parser.parse(kind, "a", f"{kind}s/a.md", decode(text.encode()))


def examples(text: str) -> list[CommandBlock]:
    return find(document("guide", f"# A\n\n{text}\n").text)


def test_a_block_that_says_run_is_run_and_compared() -> None:
    found = examples("```bash run\necho a\n```\n\nIt prints:\n\n```text output\na\n```")
    assert [(e.proof, e.commands, e.output, e.output_language) for e in found] == [
        ("run", "echo a\n", "a\n", "text")
    ]


def test_output_belongs_to_the_block_right_before_it() -> None:
    found = examples("```sh run\necho a\n```\n\n```sh run\necho b\n```\n\n```text output\nb\n```")
    assert [e.output for e in found] == [None, "b\n"]


def test_other_languages_are_no_commands() -> None:
    assert examples("```python run\nx\n```\n\n```json\n{}\n```\n\n```text\n$ ls\n```") == []


@pytest.mark.parametrize(
    ("info", "proof", "needs", "unknown"),
    [
        ("", "", (), ()),
        (" run", "run", (), ()),
        (" run serves continues", "run", (), ()),
        (" run needs=postgresql needs=redis", "run", ("postgresql", "redis"), ()),
        (" drill needs=systemd", "drill", ("systemd",), ()),
        (" needs=cluster", "client", ("cluster",), ()),
        (" needs=redis", "", ("redis",), ()),
        (" Run needs= needs=A title=x", "", (), ("Run", "needs=", "needs=A", "title=x")),
    ],
)
def test_the_words_after_the_language_say_how_a_block_is_proven(
    info: str, proof: str, needs: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    """In a list, too."""
    for indent in ("", "   "):
        [found] = examples(f"1. One\n\n{indent}```bash{info}\n{indent}x\n{indent}```")
        assert (found.proof, found.marks.needs, found.marks.unknown) == (proof, needs, unknown)


def test_a_comment_in_a_block_proves_nothing() -> None:
    [found] = examples("```bash\n# not run by the tests: it never ends\nx\n```")
    assert found.proof == ""


def test_blocks_of_runbooks_and_guides_are_counted_by_proof() -> None:
    text = (
        "# A\n\n```sh run\na\n```\n\n```sh drill\na\n```\n\n```sh run\nb\n```\n\n```json\n{}\n```\n"
    )
    counted = [("Run by the tests", 2), ("Run by a drill", 1)]
    counted.append(("Checked against client and manifests", 0))
    assert proofs([document("guide", text), document("adr", text)]) == counted
    more = document("runbook", "# B\n\n```sh\na\n```\n")
    assert proofs([document("guide", text), more]) == [*counted, ("Not proven", 1)]


@pytest.mark.parametrize(
    ("printed", "shown", "language", "same"),
    [
        ("a\nb\n", "a\nb", "text", True),
        ("a  \nb\n\n", "a\nb", "text", True),
        ("a b", "a  b", "text", False),
        ("took 12 ms", "took ... ms", "text", True),
        ("took 12 s", "took ... ms", "text", False),
        ("a\n1\n2\nz", "a\n...\nz", "text", True),
        ("a\nz", "a", "text", False),
        ("a.c", "abc", "text", False),
        ('{"a":1,"b":[1,2]}', '{\n  "a": 1,\n  "b": [1, 2]\n}', "json", True),
        ('{"a":1}', '{"a": 2}', "json", False),
        ('{"a":"x  y"}', '{"a": "x y"}', "json", False),
        ('{"a":{"x":1,"y":2},"b":0.5}', '{"a": {...}, "b": 0.5}', "json", True),
        ('{"a":0.123456,"b":1}', '{"a": 0.1..., "b": 1}', "json", True),
        ('{"a":1,"b":2}', '{"a": 1, ...}', "json", True),
    ],
)
def test_what_is_printed_is_compared_with_what_is_shown(
    printed: str, shown: str, language: str, same: bool
) -> None:
    assert is_as_shown(printed, shown, language) is same
