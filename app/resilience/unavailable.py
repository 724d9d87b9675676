"""The state of a part that did not answer."""

from __future__ import annotations


class DependencyUnavailable(Exception):  # noqa: N818 - a state of a part
    """A part didn't answer; the message names it and says why."""
