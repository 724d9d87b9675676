"""Corrects words that were mistyped, against the words that there are."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from heapq import nlargest
from itertools import islice

_CANDIDATES = 40
_CORRECTIONS = 4
_SHORTEST = 4


class Vocabulary:
    """The words of an index, found by the groups of three letters that they share.

    Args:
        words: every word with the number of entries that have it.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = sorted(words)
        self._uses = words
        self._by_trigram: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            if not word.isdigit():
                for trigram in _trigrams(word):
                    self._by_trigram.setdefault(trigram, []).append(number)

    def begins(self, start: str) -> bool:
        """Whether any word begins like this."""
        place = bisect_left(self._words, start)
        return place < len(self._words) and self._words[place].startswith(start)

    def uses(self, start: str) -> int:
        """How often entries have words that begin like this."""
        count = 0
        for word in islice(self._words, bisect_left(self._words, start), None):
            if not word.startswith(start):
                break
            count += self._uses[word]
        return count

    def near(self, typed: str) -> list[str]:
        """The words that may have been meant, the nearest and commonest first.

        Nothing where a word begins like this, or where too few letters were typed to tell.
        """
        if len(typed) < _SHORTEST or typed.isdigit() or self.begins(typed):
            return []
        shared: Counter[int] = Counter()
        for trigram in _trigrams(typed):
            shared.update(self._by_trigram.get(trigram, ()))
        allowed = 1 if len(typed) < 8 else 2
        # A slip changes three groups, and a longer word has another end.
        least = max(len(typed) - 3 * allowed - 1, 1)
        near = [(count, number) for number, count in shared.items() if count >= least]
        found = []
        for _, number in nlargest(_CANDIDATES, near):
            word = self._words[number]
            away = 0 if typed in word else _away(typed, word, allowed)
            if away <= allowed:
                found.append((away, -self._uses[word], word))
        return [word for _, _, word in sorted(found)[:_CORRECTIONS]]


def _away(typed: str, word: str, allowed: int) -> int:
    """How many slips lie between what was typed and a word, or the beginning of a longer one."""
    row = distances(typed, word)
    return min(row[max(len(typed) - allowed, 0) :], default=len(typed))


def distances(one: str, other: str) -> list[int]:
    """How far a word is from each beginning of another, from none of it to the whole.

    Letters are added, dropped, changed or swapped with their neighbour (optimal string alignment).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, letter_ in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != letter_))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter_:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row


def _trigrams(word: str) -> set[str]:
    """Groups of three letters; the word's ends count as letters."""
    padded = f"^{word}$"
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
