"""Rule: the tests run every block of commands, or the block says why not."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents import command_blocks
from app.handbook.documents.document_types import DATED, Document
from app.handbook.rules.finding import WARNING, Finding


def check(document: Document) -> Iterator[Finding]:
    """Yield findings of the commands in one runbook or guide."""
    if document.kind in DATED:
        return
    for example in command_blocks.find(document.text):
        if example.runs and example.reason:
            message = "marked `run`, but also `not run by the tests`: keep one"
        elif not example.runs and not example.reason:
            message = (
                "are these commands run? Write `run` after the language, or a first line "
                "`# not run by the tests: <reason>`"
            )
        else:
            continue
        yield Finding(document.path, example.line, "example", message, WARNING)
