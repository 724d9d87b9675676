"""Names of files and ids of headings, in any script."""

from __future__ import annotations

import re
import unicodedata

_ADR = re.compile(r"\d{3,}-(?!\d\d-\d\d(?:-|\Z))(.+)", re.ASCII)
"""A number and a name; a date is no number."""

_INCIDENT = re.compile(r"\d{4}-\d\d-\d\d-(.+)", re.ASCII)

_DROPPED = re.compile("['\u2019\u02bc]|(?<=[a-z])[\u0300-\u036f]+")
"""Apostrophes, because "don't" is one word, and accents that are signs of their own."""


def slug(title: str, longest: int) -> str:
    """Return a title's words with hyphens between them, as the name of a file or an address.

    Latin letters lose their accents; letters of other scripts stay.

    Args:
        title: in any script.
        longest: characters of the result, which ends with a whole word if it can.
    """
    plain = "".join(map(_plain, unicodedata.normalize("NFC", title.casefold().lower())))
    words = _DROPPED.sub("", plain)
    joined = "-".join("".join(c if _is_letter(c) else " " for c in words).split())[: longest + 1]
    return joined if len(joined) <= longest else joined.rpartition("-")[0] or joined[:longest]


def is_slug(name: str) -> bool:
    """Whether a name is made of small letters, digits and single hyphens."""
    parts = name.split("-")
    return name == name.lower() and all(part and all(map(_is_letter, part)) for part in parts)


def is_adr_slug(name: str) -> bool:
    """Whether a name is a decision's: `NNN-short-title`."""
    match = _ADR.fullmatch(name)
    return match is not None and is_slug(match[1])


def is_incident_slug(name: str) -> bool:
    """Whether a name is an incident's: `YYYY-MM-DD-short-title`."""
    match = _INCIDENT.fullmatch(name)
    return match is not None and is_slug(match[1])


class HeadingIds:
    """Makes ids of headings like GitHub, so that anchors work in both places."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def next(self, words: str) -> str:
        """Return a unique id for the next heading with these words."""
        low = words.strip().lower()
        kept = (c for c in low if c in " -" or _is_letter(c) or unicodedata.category(c) == "Pc")
        base = "".join(kept).replace(" ", "-") or "section"
        found = base
        while found in self._seen:
            self._seen[base] += 1
            found = f"{base}-{self._seen[base]}"
        self._seen[found] = 0
        return found


def _plain(letter: str) -> str:
    """Return a Latin letter without its accents, or the letter."""
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain if plain.isalnum() else letter


def _is_letter(sign: str) -> bool:
    """Whether a sign is a letter, a mark on one, or a digit."""
    category = unicodedata.category(sign)
    return category[0] in "LM" or category == "Nd"
