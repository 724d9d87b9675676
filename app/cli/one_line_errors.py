"""Errors in one line."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Join the lines of a text with blanks."""
    return " ".join(text.split())
