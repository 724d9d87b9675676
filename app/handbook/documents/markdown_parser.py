"""The one reading of markdown: page, check and index take their parts from these tokens.

markdown-it-py reads CommonMark, with the line of every part. The plugins of mdit-py-plugins add
what GitHub adds: tables, strikethrough, bare addresses, footnotes and alerts. The rules below mend
the corners in which they differ from cmark-gfm, with which GitHub reads.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

BRACKETS_LIMIT = 300
"""Opening brackets of a paragraph or cell in which markup is looked for. Text with more is shown as
written, because the time grows with the square of this number."""

NESTING_LIMIT = 100
"""Levels of nested blocks that are read. Python's stack would end at about 300."""

_TASK = re.compile(r"\[([ xX])\][ \t\n]+(?=\S)")


def parse(text: str) -> tuple[list[Token], list[range]]:
    """Parse a text. Any text is markdown, so this never fails.

    Returns:
        The tokens, with the footnotes at the end, and the lines of each definition of a link.
    """
    env: dict[str, Any] = {}
    tokens = _parser().parse(text, env)
    definitions = [*env.get("references", {}).values(), *env.get("duplicate_refs", ())]
    return tokens, [range(first + 1, end + 1) for first, end in (d["map"] for d in definitions)]


@cache
def _parser() -> MarkdownIt:
    """Make the parser; importing it takes 40 ms, which no start of the service needs."""
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from mdit_py_plugins.footnote.index import footnote_def  # noqa: PLC0415
    from mdit_py_plugins.gfm import gfm_plugin  # noqa: PLC0415

    markdown = MarkdownIt("commonmark", {"maxNesting": NESTING_LIMIT}).use(gfm_plugin)
    markdown.options["tasklists"] = False  # it reads the words behind a box as blocks
    markdown.validateLink = lambda _url: True  # type: ignore[assignment]  # findings name them
    markdown.normalizeLinkText = lambda url: url  # type: ignore[assignment]
    blocks = markdown.block.ruler
    blocks.disable("table")  # it takes the first line of a heading, list or quotation for a row
    blocks.before("lheading", "table_of_text", _table, {"alt": ["paragraph", "reference"]})
    ended = ["paragraph", "reference", "blockquote", "list"]
    blocks.at("footnote_def", footnote_def, {"alt": ended})
    blocks.at("reference", _definitions)
    markdown.core.ruler.at("inline", _inline)
    return markdown


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table; a line of hyphens alone makes a heading of the line above, though."""
    from markdown_it.rules_block import table  # noqa: PLC0415

    below = state.getLines(start + 1, min(start + 2, end), 0, False).strip()
    return below.strip("-") != "" and table(state, start, end, silent)


def _definitions(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read definitions of links as the beginning of a paragraph, whose other lines remain one."""
    from markdown_it.rules_block import lheading, paragraph, reference  # noqa: PLC0415

    found = False
    while reference(state, start, end, silent):
        found, start = True, state.line
        if not _continues(state, start):
            return True
    return found and (lheading(state, start, end, silent) or paragraph(state, start, end, silent))


def _continues(state: StateBlock, line: int) -> bool:
    """Whether a line belongs to the paragraph above it, as markdown-it's paragraph has it."""
    if line >= state.lineMax or state.isEmpty(line):
        return False
    if state.is_code_block(line) or state.sCount[line] < 0:
        return True
    before, state.parentType = state.parentType, "paragraph"
    rules = state.md.block.ruler.getRules("paragraph")
    ended = any(rule(state, line, state.lineMax, True) for rule in rules)
    state.parentType = before
    return not ended


def _inline(state: StateCore) -> None:
    """Read the markup in paragraphs, headings and cells, and the boxes of tasks."""
    from markdown_it.token import Token  # noqa: PLC0415

    footnotes: set[str] = set()
    for position, token in enumerate(state.tokens):
        if token.type == "footnote_reference_open":
            if token.meta["label"] in footnotes:  # the first one counts
                token.meta["label"] += f" {position}"
            footnotes.add(token.meta["label"])
        if token.type != "inline" or token.children is None:
            continue
        item = state.tokens[max(0, position - 2)]
        if item.type == "list_item_open" and (box := _TASK.match(token.content)):
            item.meta["done"] = box[1] != " "
            token.content = token.content[box.end() :]
        if token.content.count("[") > BRACKETS_LIMIT:
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
