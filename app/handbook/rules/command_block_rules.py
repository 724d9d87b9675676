"""Rule: every block of commands is proven: by the tests, by a drill, or by client and manifests."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents import command_blocks
from app.handbook.documents.command_blocks import CommandBlock
from app.handbook.documents.document_types import Document
from app.handbook.rules.finding import WARNING, Finding


def check(document: Document) -> Iterator[Finding]:
    """Yield findings of the commands in one runbook or guide."""
    if document.kind not in command_blocks.PROVEN_KINDS:
        return
    for block in command_blocks.find(document.text):
        for message in _faults(block, document.kind):
            yield Finding(document.path, block.line, "example", message, WARNING)


def _faults(block: CommandBlock, kind: str) -> Iterator[str]:
    words = block.marks.words
    for word in block.marks.unknown:
        yield f"what does {word!r} mean? After the language write run, drill, needs=NAME or output"
    if {"run", "drill"} <= words:
        yield "marked `run` and `drill`: keep one"
    if words & {"serves", "continues"} and "run" not in words:
        yield "`serves` and `continues` say how the tests run a block: add `run`"
    if "drill" in words and kind != "runbook":
        yield "drills follow runbooks: use `run` here"
    if not block.proof:
        yield (
            "who proves these commands? After the language write `run` if the tests run them, "
            "`drill` if a drill does, or `needs=cluster`"
        )
