"""Tells a team's name from a person's, as far as possible, and whether it is in a list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

_TEAMS = re.compile(
    r"\b(team|squad|crew|group|guild|chapter|office|desk|department|platform|operations|ops|sre|"
    r"reliability|engineer\w*|support|success|marketing|analy\w+|security|data|science|\w*ops|ml|"
    r"model\w*|infrastructure|infra|services?|api|backend|frontend|database|on-call|incident\w*|"
    r"product|machine learning|architect\w*|compliance|legal|finance|sales|retention|network|"
    r"cloud|systems?|software|research|quality|delivery|it|leads?|owners?|managers?|experience|"
    r"growth|billing|payments?|revenue|business|insights?|intelligence|technology|responders?|"
    r"observability|identity|storage|core|web|mobile|developers?|administrat\w+|committee|board)\b",
    re.I,
)
_PERSON = re.compile(r"[^\W\d_a-z][^\W\d_]+( [^\W\d_]\.)?( [^\W\d_a-z][^\W\d_]+){1,2}\Z")
_COMMON = re.compile(r"\b(teams?|squad|group|department|engineers?|developers?|the)\b")
"""Words that many names share."""

_ALIKE = 90
"""Likeness, in percent, from which two names are one team's."""

_NEAR = 60
"""Likeness, in percent, from which a name may have been meant."""

_NOBODY = {"", "-", "?", "n/a", "none", "nobody", "tbd", "tba", "unknown", "me", "team", "<team>"}


def fault(words: str) -> str | None:
    """Say why these words don't name a team and what to write, or return None."""
    words = words.strip().strip("`*_")
    if words.lower() in _NOBODY:
        return f"{words!r} is not a team: name the team"
    if "@" in words or (_PERSON.match(words) and not _TEAMS.search(words)):
        return f"{words!r} looks like a person: name the team, such as `Platform team`"
    return None


def unknown(words: str, names: Sequence[str]) -> str | None:
    """Say that a list of teams lacks this name, and which to write; None if it has it."""
    name = words.strip().strip("`*_")
    if name in names:
        return None
    near = process.extractOne(name, names, processor=_core, score_cutoff=_NEAR)
    write = f"write {near[0]}" if near else "name one of its teams"
    return f"{name[:60]!r} is not in owners.yaml: {write}, or add the team there"


def same(name: str, others: Sequence[str]) -> bool:
    """Whether one of the other names is the same team's, such as `ML team` and `ML engineers`."""
    return any(fuzz.ratio(_core(name), _core(other)) >= _ALIKE for other in others)


def _core(name: str) -> str:
    """Return what tells a name from others, or all of it."""
    lower = name.lower()
    return " ".join(_COMMON.sub(" ", lower).split()) or lower
