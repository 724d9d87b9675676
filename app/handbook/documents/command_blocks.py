"""Finds the commands in a document, what they need, and how each block is proven.

The words after a block's language say it:

- `run`: the tests run it as it is. The following block with `output` is what it prints; there `...`
  stands for what differs between runs.
- `run serves`: its last command serves until it is stopped.
- `run continues`: it runs where the block with `run` before it has run.
- `drill`: a drill runs it.
- `needs=NAME`: what it needs. A block that needs a cluster is checked against client and manifests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.document_types import Document

LANGUAGES = frozenset(("bash", "sh", "shell", "zsh", "console", "shell-session"))
ELISION = "..."
PROOFS = {
    "run": "Run by the tests",
    "drill": "Run by a drill",
    "client": "Checked against client and manifests",
    "": "Not proven",
}
"""The kinds of proof in words."""

PROVEN_KINDS = ("runbook", "guide")
"""The kinds of documents whose commands are proven."""

WORDS = frozenset(("run", "drill", "output", "serves", "continues"))
_NEED = re.compile(r"needs=([a-z][a-z0-9-]*)")
_NOT_BLANK = re.compile(r'"(?:[^"\\\n]|\\.)*"|\S')


@dataclass(frozen=True)
class Marks:
    """What the words of an info string say about a block of commands."""

    words: frozenset[str]
    needs: tuple[str, ...]
    unknown: tuple[str, ...]
    """Words that say nothing to us."""

    @property
    def proof(self) -> str:
        """How the block is proven: `run`, `drill`, `client`, or not at all: empty."""
        if "run" in self.words:
            return "run"
        if "drill" in self.words:
            return "drill"
        return "client" if "cluster" in self.needs else ""


@dataclass(frozen=True)
class CommandBlock:
    """A block of commands."""

    line: int
    commands: str
    marks: Marks
    output: str | None
    """Its output as the document shows it, or None."""

    output_language: str

    @property
    def proof(self) -> str:
        """How the block is proven; see `Marks.proof`."""
        return self.marks.proof


def marks(info: str) -> Marks:
    """Read the words after the language of an info string."""
    words = info.split()[1:]
    needs = tuple(found[1] for word in words if (found := _NEED.fullmatch(word)))
    unknown = tuple(w for w in words if w not in WORDS and not _NEED.fullmatch(w))
    return Marks(frozenset(words) & WORDS, needs, unknown)


def find(text: DocumentText) -> list[CommandBlock]:
    """Return the blocks of commands in a document, in order."""
    fences = [(fence, marks(fence.info)) for fence in text.outline.fences]
    found = []
    for position, (fence, marked) in enumerate(fences):
        if fence.language not in LANGUAGES or "output" in marked.words:
            continue
        following = fences[position + 1] if position + 1 < len(fences) else None
        shown = following[0] if following and "output" in following[1].words else None
        found.append(
            CommandBlock(
                line=fence.line,
                commands=fence.text,
                marks=marked,
                output=shown.text if shown else None,
                output_language=shown.language if shown else "",
            )
        )
    return found


def proofs(documents: Iterable[Document]) -> list[tuple[str, int]]:
    """Count the blocks of runbooks and guides by proof in words; unproven ones only if any."""
    counts = Counter(
        block.proof
        for document in documents
        if document.kind in PROVEN_KINDS
        for block in find(document.text)
    )
    return [(words, counts[proof]) for proof, words in PROOFS.items() if proof or counts[proof]]


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
