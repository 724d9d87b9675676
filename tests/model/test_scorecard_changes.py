"""What changed between two scorecards: the largest difference, found and placed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from app.config import Settings
from model.bins import Bins
from model.scorecard import Scorecard, Term
from model.scorecard_changes import ADDED, BINS, POINTS, REMOVED, term_changes
from model.scorecard_file import load_scorecard

RELEASES = Settings().model_dir
WHOLE = {"tenure"}


def scorecard(*terms: Term) -> Scorecard:
    return replace(load_scorecard(RELEASES / "1.0.0" / "scorecard.json"), terms=terms)


def single(name: str, bins: Bins, *points: float) -> Term:
    return Term((name,), (bins,), [*points])


def values_of(terms: tuple[Term, ...]) -> list[Any]:
    """Values of every bin of one feature, at its edges and right below and above them."""
    bins = [term.bins[0] for term in terms]
    edges = chain.from_iterable((e - 1e-6, e, e + 1e-6) for each in bins for e in each.edges)
    return [*dict.fromkeys(value for each in bins for value in each.values), *edges]


def test_the_shipped_releases_differ_where_every_value_is_tried() -> None:
    """The change named is that of the place named, and nowhere is a larger one."""
    one, other = (load_scorecard(RELEASES / v / "scorecard.json") for v in ("1.0.0", "1.1.0"))
    found = term_changes(one, other)
    assert [abs(c.effect) for c in found] == sorted((abs(c.effect) for c in found), reverse=True)
    pairs = {a.features[0]: (a, b) for a, b in zip(one.terms, other.terms, strict=True)}
    for change in found:
        both = pairs.pop(change.name)
        points = [term.effect({change.name: change.place[0].example}.get) for term in both]
        assert points == [change.before, change.after]
        tried = [
            abs(both[1].effect({change.name: value}.get) - both[0].effect({change.name: value}.get))
            for value in values_of(both)
        ]
        assert abs(change.effect) == max(tried)
    assert all(a.points[:-1] == b.points[:-1] for a, b in pairs.values())


def test_a_scorecard_doesnt_differ_from_itself() -> None:
    one = load_scorecard(RELEASES / "1.1.0" / "scorecard.json")
    assert term_changes(one, one) == []


def test_new_and_missing_terms_other_bins_and_points_are_told_apart() -> None:
    values, edges = Bins(values=("a", "b")), Bins(edges=(1.5, 3.0))
    finer, other_values = Bins(edges=(1.5, 1.75, 3.0)), Bins(values=("b", "c"))
    before = scorecard(
        single("gone", values, -0.25, 0.125, 0.0),
        single("finer", edges, 0.0, 0.25, 0.0, 0.0),
        single("points", edges, 0.0, 0.0, 0.0, 0.0),
        single("same", edges, 0.0, 1.0, 0.0, 0.0),
        single("values", values, 0.0, 0.0, 0.0),
        single("number", edges, 0.0, 0.0, 0.0, 0.0),
    )
    after = scorecard(
        single("new", values, 0.125, -0.0625, 0.0),
        single("finer", finer, 0.0, 1.25, 0.25, 0.0, 0.0),
        single("points", edges, 0.0, 0.0, -2.0, 0.0),
        single("same", edges, 0.0, 1.0, 0.0, 0.0),
        single("values", other_values, 0.5, 0.0, 0.0),
        single("number", values, 0.0, 0.0, 0.0),
    )
    found = {
        change.name: (change.kind, change.place and change.place[0].example, change.effect)
        for change in term_changes(before, after)
    }
    assert found == {
        "points": (POINTS, 3.0, -2.0),
        "finer": (BINS, 1.5, 1.0),
        "values": (BINS, "b", 0.5),
        "gone": (REMOVED, "a", 0.25),
        "new": (ADDED, "a", 0.125),
        "number": (BINS, (), 0.0),
    }
    # Of whole numbers none lies between 1.5 and 1.75, nor below 2 but above 1.75.
    (change,) = (c for c in term_changes(before, after, {"finer"}) if c.name == "finer")
    assert change.effect == 0


def test_a_pair_is_compared_in_each_cell() -> None:
    bins = (Bins(edges=(2.0,)), Bins(values=(False, True)))
    before = scorecard(Term(("n", "b"), bins, [[0.0, 0.0, 0.0]] * 3))
    after = scorecard(Term(("n", "b"), bins, [[0.0, 0.0, 0.0], [0.0, -0.5, 0.0], [0.0] * 3]))
    (change,) = term_changes(before, after)
    assert (change.name, change.effect) == ("n x b", -0.5)
    assert [place.example for place in change.place] == [2.0, True]


@pytest.mark.parametrize(("versions", "seen"), [(("1.0.0", "1.1.0"), 0), (("1.0.0", "1.0.0"), 1)])
def test_points_of_the_unknown_count_only_where_they_mean_the_same(
    versions: tuple[str, str], seen: int
) -> None:
    """In format 2 an unknown feature is inferred; in format 1 it has points."""
    one, other = (load_scorecard(RELEASES / v / "scorecard.json") for v in versions)
    bins = Bins(edges=(1.0,))
    before = replace(one, terms=(single("n", bins, 0.0, 0.0, 0.0),))
    after = replace(other, terms=(single("n", bins, 0.0, 0.0, 1.0),))
    assert len(term_changes(before, after)) == seen
