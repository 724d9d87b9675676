"""Every block of commands is run by the tests, or says to its reader why not."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents import command_blocks
from app.handbook.documents.document_types import Document
from app.handbook.rules.finding import WARNING, Finding


def check(document: Document) -> Iterator[Finding]:
    """Findings of the commands that one runbook or guide shows."""
    if document.kind == "adr":
        return
    for example in command_blocks.find(document.text):
        if example.runs and example.reason:
            message = "marked `run`, and said not to be run: decide on one"
        elif not example.runs and not example.reason:
            message = (
                "are these commands run? Write `run` after the language, or a first line "
                "`# not run by the tests: <reason>`"
            )
        else:
            continue
        yield Finding(document.path, example.line, "example", message, WARNING)
