"""The errors of a part that is unavailable, or busy."""

from __future__ import annotations


class DependencyUnavailable(Exception):  # noqa: N818 - a state of a part
    """A part is unavailable; the message names it and says why."""


class DependencyBusy(DependencyUnavailable):
    """As many calls to a part are in progress as there may be, so it wasn't asked.

    That says nothing about the part, so it doesn't count as its failure.
    """
