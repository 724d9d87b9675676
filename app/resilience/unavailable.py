"""The error of a part that is unavailable."""

from __future__ import annotations


class DependencyUnavailable(Exception):  # noqa: N818 - a state of a part
    """A part is unavailable; the message names it and says why."""
