"""A finding: a place where a document breaks the standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """A place where a document breaks the standard; the message says what to write."""

    path: str
    line: int
    rule: str
    message: str
    level: str = ERROR

    def __post_init__(self) -> None:
        """Remove control characters: quoted text must not control the terminal."""
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.message)
        object.__setattr__(self, "message", shown)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return {
            "level": self.level,
            "rule": self.rule,
            "path": self.path,
            "line": self.line,
            "message": self.message,
        }
