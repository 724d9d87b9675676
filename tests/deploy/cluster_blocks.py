"""The documents' blocks of commands for a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.handbook.documents import command_blocks
from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.source import decode
from tools.ports import free_port
from tools.servers import ROOT

PATTERNS = ("README.md", "CONTRIBUTING.md", "guides/*.md", "runbooks/*.md")


@dataclass(frozen=True)
class Block:
    """A block of commands for a cluster, where it is, and the section that it belongs to."""

    path: Path
    line: int
    section: str
    commands: str

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def _blocks(path: Path) -> Iterator[Block]:
    text = DocumentText(decode(path.read_bytes()))
    sections = [heading for heading in text.headings if heading.level == 2]
    for block in command_blocks.find(text):
        if "kubectl" in block.commands:
            before = [heading.text for heading in sections if heading.line < block.line]
            yield Block(path, block.line, before[-1] if before else "", block.commands)


def cluster_blocks() -> list[Block]:
    """All of them, in the documents' order."""
    paths = [path for pattern in PATTERNS for path in sorted(ROOT.glob(pattern))]
    return [block for path in paths for block in _blocks(path)]


def local(commands: str) -> str:
    """The commands with a free port of this machine in the place of the one in documents."""
    port = free_port()
    return commands.replace("8000:8000", f"{port}:8000").replace(
        "127.0.0.1:8000", f"127.0.0.1:{port}"
    )
