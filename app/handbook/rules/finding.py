"""A finding: one place where a document departs from the standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """One departure from the standard; the message says what would be right."""

    path: str
    line: int
    rule: str
    message: str
    level: str = ERROR

    def __post_init__(self) -> None:
        """What it quotes of a document must not steer the terminal that it is printed on."""
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.message)
        object.__setattr__(self, "message", shown)

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return {
            "level": self.level,
            "rule": self.rule,
            "path": self.path,
            "line": self.line,
            "message": self.message,
        }
