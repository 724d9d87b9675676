"""The documents' blocks of commands, and those for a cluster among them."""

from __future__ import annotations

import re
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
    """A block of commands, where it is, and the section that it belongs to."""

    path: Path
    line: int
    section: str
    commands: str

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def _blocks(path: Path) -> Iterator[tuple[str, Block]]:
    """The blocks of a document, each after how it is proven."""
    text = DocumentText(decode(path.read_bytes()))
    sections = [heading for heading in text.headings if heading.level == 2]
    for block in command_blocks.find(text):
        before = [heading.text for heading in sections if heading.line < block.line]
        section = before[-1] if before else ""
        yield block.proof, Block(path, block.line, section, block.commands)


def all_blocks() -> list[tuple[str, Block]]:
    """All blocks in the documents' order, each after how it is proven."""
    paths = [path for pattern in PATTERNS for path in sorted(ROOT.glob(pattern))]
    return [block for path in paths for block in _blocks(path)]


def local(commands: str) -> str:
    """The commands with what this machine needs changed.

    The reader's port 8000 becomes a free one. `churn diagnose` may have a finding: a loaded machine
    is slow.
    """
    commands = re.sub(r"-- (churn diagnose[^\n|]*)", r"-- sh -c '\1 || test $? -eq 1'", commands)
    if "port-forward" not in commands:
        return commands
    port = free_port()
    commands = commands.replace("8000:8000", f"{port}:8000")
    return commands.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
