"""Corrects mistyped words, from the words of the index."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import islice, takewhile

from rapidfuzz import process
from rapidfuzz.distance import OSA

_CORRECTIONS = 4
_SHORTEST = 4


class Vocabulary:
    """The words of an index.

    Args:
        words: every word with the number of entries that contain it.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = sorted(words)
        self._uses = words
        self._beginnings: dict[int, dict[str, str]] = {}

    def uses(self, start: str) -> int:
        """Count the entries with words that begin like this, once for each word."""
        following = islice(self._words, bisect_left(self._words, start), None)
        return sum(self._uses[w] for w in takewhile(lambda w: w.startswith(start), following))

    def near(self, typed: str) -> list[str]:
        """Return the words that may have been meant, the nearest and commonest first.

        None if a word begins like this, or if too few letters were typed. Letters may be added,
        dropped, changed or swapped with their neighbour (optimal string alignment), one in short
        words and two in long ones. What was typed may be the beginning of a longer word.
        """
        if len(typed) < _SHORTEST or typed.isdigit() or self.uses(typed):
            return []
        allowed = 1 if len(typed) < 8 else 2
        slips = {word: 0 for word in self._words if typed in word}
        for length in range(len(typed) - allowed, len(typed) + allowed + 1):
            close = process.extract(
                typed, self._cut(length), scorer=OSA.distance, score_cutoff=allowed, limit=None
            )
            for _, distance, word in close:
                slips[word] = min(distance, slips.get(word, allowed))
        return sorted(slips, key=lambda w: (slips[w], -self._uses[w], w))[:_CORRECTIONS]

    def _cut(self, length: int) -> dict[str, str]:
        """Return the first letters of each word that has so many, by word."""
        if length not in self._beginnings:
            words = (word for word in self._words if len(word) >= length and not word.isdigit())
            self._beginnings[length] = {word: word[:length] for word in words}
        return self._beginnings[length]
