"""Reads the YAML between `---` at the top of a document, which other tools put there."""

from __future__ import annotations

import re
from typing import Any

import yaml

_BLOCK = re.compile(r"---[ \t]*\n((?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FIRST = re.compile(r"(?:[ \t]*(?:#.*)?\n)*[\w][\w .-]*:(?:[ \t\n]|\Z)")
"""A key; else the text between two rules is text."""


def read(text: str) -> tuple[int, dict[str, str]]:
    """Find the front matter of a document.

    Returns:
        Its number of lines, 0 if there is none, and its plain values as text by key.
    """
    match = _BLOCK.match(text)
    if match is None or not _FIRST.match(match[1]):
        return 0, {}
    try:
        values = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        values = None
    pairs = values.items() if isinstance(values, dict) else ()
    facts = {str(key): words for key, value in pairs if (words := _words(value))}
    return match[0].rstrip("\n").count("\n") + 1, facts


def _words(value: Any) -> str:
    """Return a plain value, or a list of them, as words; empty for anything else."""
    if isinstance(value, list):
        parts = [_words(part) for part in value if not isinstance(part, list)]
        return ", ".join(filter(None, parts))
    return "" if value is None or isinstance(value, dict) else " ".join(str(value).split())
