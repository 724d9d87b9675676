"""Errors in one line."""

from __future__ import annotations


def _line(text: str) -> str:
    return " ".join(text.split())
