"""Tells a team's name from a person's, as far as possible."""

from __future__ import annotations

import re

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
_NOBODY = {"", "-", "?", "n/a", "none", "nobody", "tbd", "tba", "unknown", "me", "team", "<team>"}


def fault(words: str) -> str | None:
    """Say why these words don't name a team and what to write, or return None."""
    words = words.strip().strip("`*_")
    if words.lower() in _NOBODY:
        return f"{words!r} is not a team: name the team"
    if "@" in words or (_PERSON.match(words) and not _TEAMS.search(words)):
        return f"{words!r} looks like a person: name the team, such as `Platform team`"
    return None
