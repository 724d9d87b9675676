"""Rewrites GitHub's markdown so that Python-Markdown reads it the same way.

Each heading and fenced block is replaced by a mark in a paragraph of its own, so that page and
outline always agree on them. The text of list items is indented by four blanks for each level, and
blank lines are added around lists and tables; GitHub needs neither.
"""

from __future__ import annotations

import re

from app.handbook.documents.outline import Fence, Heading, ListItem, Outline

OPEN, CLOSE = "\ue000", "\ue001"
"""Marks around the number of a piece; in the text they are replaced."""

DEEPEST = 12
"""Levels of nested lists that are kept."""

Piece = Heading | Fence

_BEFORE = re.compile(r"(?:[ >]|(?:[-*+]|\d{1,9}[.)])[ ])*")
_QUOTES = re.compile(r"(?:[ ]{0,3}>[ ]?){1,8}")
_ITEM = re.compile(r"([ ]*)([-*+]|\d{1,9}[.)])([ ]*)")


def rewrite(text: str, outline: Outline) -> tuple[str, list[Piece]]:
    """Return the text with marks instead of headings and fences, and the marked pieces.

    Args:
        text: of a document, or of its beginning.
        outline: of the whole document.
    """
    pieces: list[Piece] = [*outline.headings, *outline.fences]
    starts = {piece.line: number for number, piece in enumerate(pieces)}
    lists = _Lists(outline.items)
    skip = 0
    for number, written in enumerate(text.split("\n"), 1):
        if number <= skip:
            continue
        line = written.replace(OPEN, "\ufffd").replace(CLOSE, "\ufffd").expandtabs(4)
        if number in starts:
            piece = pieces[starts[number]]
            before = _before(line) if isinstance(piece, Fence) else ""
            mark = f"{before}{OPEN}{starts[number]}{CLOSE}"
            lists.add(number, mark, before=True, after=True)
            skip = piece.end
        else:
            lists.add(number, line, before=number in outline.tables)
    return "\n".join(lists.made), pieces


def _before(line: str) -> str:
    match = _BEFORE.match(line)
    return match[0] if match else ""


class _Lists:
    """Indents the lines of list items.

    Args:
        items: every item of the document, by line.
    """

    def __init__(self, items: tuple[ListItem, ...]) -> None:
        self.made: list[str] = []
        self._coming = list(reversed(items))
        self._open: list[tuple[ListItem, int]] = []
        """The items around the line, with the columns to remove from the lines of each."""

        self._quoted = False
        self._block: tuple[bool, int] | None = None
        """Whether the lines since the last blank line begin with an item, and its depth."""

    def add(self, number: int, line: str, *, before: bool = False, after: bool = False) -> None:
        """Add the next line, with a blank line before or after it if needed."""
        while self._open and self._open[-1][0].end < number:
            self._open.pop()
        inside = bool(self._open) and not self._quoted  # a quotation in an item, not around it
        quote = None if inside else _QUOTES.match(line)
        rest = line[quote.end() :] if quote else line
        quoted = "> " * quote[0].count(">") if quote else ""
        self._quoted = bool(quote)
        for _, width in self._open:
            rest = rest[min(width, len(rest) - len(rest.lstrip(" "))) :]
        depth = len(self._open)
        item, rest = self._item(number, rest)
        if not rest.strip():
            self._blank(quoted)
            return
        if OPEN in rest:
            rest = rest.lstrip(" ")
        if item:
            before = not self._follows(item, depth)
        elif depth and rest.startswith(">"):
            before = not self.made[-1].lstrip().startswith(">")
        above = self._above(quoted)
        changed = above.startswith(">") != bool(quoted) and (item or not self._block)
        if (before or changed) and above != quoted.rstrip():
            self._blank(quoted)
        elif self._block and rest.startswith("**") and not item:
            self.made[-1] += "  "  # a field on its own line stays on its own line
        self.made.append(quoted + " " * 4 * depth + rest)
        self._block = self._block or (item is not None, depth)
        if after:
            self._blank(quoted)

    def _item(self, number: int, rest: str) -> tuple[ListItem | None, str]:
        """Return the item that begins on this line, and the line with one blank after its sign."""
        begun = None
        while self._coming and self._coming[-1].line <= number:
            item = self._coming.pop()
            match = _ITEM.match(rest)
            if begun or not match or item.line < number or len(self._open) >= DEEPEST:
                continue
            begun = item
            words = rest[match.end() :] if len(match[3]) < 5 else match[3][1:] + rest[match.end() :]
            gap = len(match[3]) if 0 < len(match[3]) < 5 else 1
            self._open.append((item, len(match[1] + match[2]) + gap))
            rest = f"{match[2].replace(')', '.')} {words}"
        return begun, rest

    def _follows(self, item: ListItem, depth: int) -> bool:
        """Whether an item may follow the line above without a blank line."""
        if not self._block:
            return True
        begins, at = self._block
        return begins and at <= depth and not (item.first and depth == 0)

    def _above(self, quoted: str) -> str:
        """Return the line above; a new quotation ends what is above it."""
        above = self.made[-1] if self.made else ""
        if quoted and above and not above.startswith(">"):
            self._blank("")
            return ""
        return above

    def _blank(self, quoted: str) -> None:
        self.made.append(quoted.rstrip())
        self._block = None
