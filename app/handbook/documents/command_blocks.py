"""Finds the commands in a document: which of them the tests run, and why not the others.

The tests run a block with `run` after its language as it is. The following block with `output` is
what it prints; `...` stands for what differs between runs. A command that can't be run says why
where its reader sees it: in a comment at its top, or once in the text of its section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.outline import Fence

LANGUAGES = frozenset(("bash", "sh", "shell", "zsh", "console", "shell-session"))
ELISION = "..."

_INFO = re.compile(r"[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*[`~]{3,}[ \t]*(.*)")
_REASON = re.compile(r"not run by the tests[^:.\n]*:\s*(\S.*)", re.I)
_NOT_BLANK = re.compile(r'"(?:[^"\\\n]|\\.)*"|\S')


@dataclass(frozen=True)
class CommandBlock:
    """A block of commands."""

    line: int
    commands: str
    runs: bool
    reason: str
    """Why the tests don't run it, in the document's words; empty if it doesn't say."""

    output: str | None
    """Its output as the document shows it, or None."""

    output_language: str


def find(text: DocumentText) -> list[CommandBlock]:
    """Return the blocks of commands in a document, in order."""
    fences = [(fence, _words(text, fence)) for fence in text.outline.fences]
    found = []
    for position, (fence, words) in enumerate(fences):
        if fence.language not in LANGUAGES or "output" in words:
            continue
        following = fences[position + 1] if position + 1 < len(fences) else None
        shown = following[0] if following and "output" in following[1] else None
        found.append(
            CommandBlock(
                line=fence.line,
                commands=fence.text,
                runs="run" in words,
                reason=_reason(text, fence),
                output=shown.text if shown else None,
                output_language=shown.language if shown else "",
            )
        )
    return found


def is_as_shown(printed: str, shown: str, language: str = "") -> bool:
    """Whether a command printed what its document shows.

    Blanks at the ends of lines don't count; in JSON, no blanks outside of texts count. `...` stands
    for any text, and on a line of its own for any number of lines.
    """
    if language == "json":
        printed, shown = ("".join(_NOT_BLANK.findall(text)) for text in (printed, shown))
    pattern = ".*?".join(re.escape(part) for part in _plain(shown).split(ELISION))
    return re.fullmatch(pattern, _plain(printed), re.DOTALL) is not None


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _words(text: DocumentText, fence: Fence) -> list[str]:
    """Return what follows the language of a block."""
    match = _INFO.match(text.lines[fence.line - 1])
    return match[1].split()[1:] if match else []


def _reason(text: DocumentText, fence: Fence) -> str:
    top = next(iter(fence.text.splitlines()), "")
    if top.lstrip().startswith("#") and (match := _REASON.search(top)):
        return match[1].strip()
    for start, end in _around(text, fence.line):
        for _, line in text.prose(start, end):
            if match := _REASON.search(line):
                return match[1].strip(" *_")
    return ""


def _around(text: DocumentText, line: int) -> Iterator[tuple[int, int]]:
    """Return first line and end of the text below each heading above a line."""
    level = 7
    for position in range(len(text.headings) - 1, -1, -1):
        heading = text.headings[position]
        if heading.line < line and heading.level < level:
            level = heading.level
            following = text.headings[position + 1 : position + 2]
            yield heading.line + 1, following[0].line if following else text.end
