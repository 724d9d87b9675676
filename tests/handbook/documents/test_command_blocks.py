"""How a document marks its commands, and how printed output is compared with what is shown."""

from __future__ import annotations

import pytest

from app.handbook.documents import document_parser
from app.handbook.documents.command_blocks import CommandBlock, find, is_as_shown
from app.handbook.documents.source import decode


def examples(text: str) -> list[CommandBlock]:
    document = document_parser.parse(
        "guide", "a", "guides/a.md", decode(f"# A\n\n{text}\n".encode())
    )
    return find(document.text)


def test_a_block_that_says_run_is_run_and_compared() -> None:
    found = examples("```bash run\necho a\n```\n\nIt prints:\n\n```text output\na\n```")
    assert [(e.runs, e.commands, e.output, e.output_language) for e in found] == [
        (True, "echo a\n", "a\n", "text")
    ]


def test_output_belongs_to_the_block_right_before_it() -> None:
    found = examples("```sh run\necho a\n```\n\n```sh run\necho b\n```\n\n```text output\nb\n```")
    assert [e.output for e in found] == [None, "b\n"]


def test_other_languages_are_no_commands() -> None:
    assert examples("```python run\nx\n```\n\n```json\n{}\n```\n\n```text\n$ ls\n```") == []


@pytest.mark.parametrize(
    "text",
    [
        "```bash\n# not run by the tests: it never ends\nx\n```",
        "1. One\n   ```bash\n   # Not run by the tests: it never ends\n   x\n   ```",
        "*Not run by the tests: it never ends*\n\n```bash\nx\n```",
        "## B\n\nNot run by the tests but by drills: it never ends\n\n### C\n\n```sh\nx\n```",
    ],
    ids=["comment", "in-a-list", "prose", "section-above"],
)
def test_a_reason_is_read_where_the_reader_sees_it(text: str) -> None:
    assert [(e.runs, e.reason) for e in examples(text)] == [(False, "it never ends")]


@pytest.mark.parametrize(
    "text",
    [
        "```bash\nx # not run by the tests: no\n```",
        "## B\n\nNot run by the tests: no\n\n## C\n\n```bash\nx\n```",
        "```bash\nx\n```\n\n```text\nnot run by the tests: no\n```",
    ],
    ids=["in-a-command", "another-section", "in-a-block"],
)
def test_a_reason_elsewhere_is_none(text: str) -> None:
    assert [e.reason for e in examples(text)] == [""]


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
