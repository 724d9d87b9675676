"""Puts the differences of two releases into one screen of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp
from typing import Any

from app.http.effect_words import TIMES, odds
from model.features import Contract

TERMS, METRICS, NAMES = 6, 6, 6
"""Lines of terms and of metrics, and names in a line, before the rest is only counted."""


def diff_lines(diff: dict[str, Any], contract: Contract) -> Iterator[str]:
    """Write what cards and scorecards say differently.

    Args:
        diff: as `release_diff` returns it.
        contract: of the second release, for units.
    """
    yield f"{diff['before']} -> {diff['after']}"
    if contracts := diff["contract"]:
        told = "; ".join(f"{what} {_names(names)}" for what, names in contracts.items() if names)
        yield f"feature contracts differ: {told}"
    if found := diff["unknown_features"]:
        one, other = (_UNKNOWN[found[key]] for key in ("before", "after"))
        told = f"{one} -> {other}" if one != other else f"{one}, with other figures"
        yield f"unknown features: {told}"
    if found := diff["intercept"]:
        yield f"the average customer's odds: {_times(found['after'] - found['before'])}"
    yield from _terms(diff["terms"], contract)
    yield from _pairs("thresholds", diff["thresholds"], lambda v: f"{v:g}", NAMES)
    yield from _pairs("metrics", diff["metrics"], _metric, METRICS)
    if found := diff["economics"]:
        yield "economics"
        for key in ("before", "after"):
            yield f"  {diff[key]:<10}{_economics(found[key])}"


def flip_lines(found: dict[str, Any], before: str, after: str) -> Iterator[str]:
    """Write which customers are decided otherwise.

    Args:
        found: as `flips_found` returns it.
        before: the first version.
        after: the second.
    """
    yield f"customers: {found['customers']}, {found['changed']} of them decided otherwise"
    if found["left_out"]:
        yield f"  {found['left_out']} left out; the first: {_cut(found['first_left_out'], 200)}"
    for name, counts in [*found["policies"].items()][:NAMES]:
        if counts["after"] is None:
            told = f"only {before} has it: flags {counts['before']}"
        elif counts["before"] is None:
            told = f"only {after} has it: flags {counts['after']}"
        else:
            told = (
                f"flags {counts['before']} -> {counts['after']}: "
                f"{counts['to_churn']} new, {counts['to_no_churn']} no longer"
            )
        yield f"  {_cut(name, 40):<26}{told}"
    for flip in found["first"]:
        chances = f"{flip['before']:.4f} -> {flip['after']:.4f}"
        moved = f"{_cut(flip['moved'], 40)} {_times(flip['effect'])}" if flip["moved"] else ""
        yield f"  {_cut(flip['id'], 24):<12}{chances}  {moved:<26} {_decided(flip)}"
    if (more := found["changed"] - len(found["first"])) > 0:
        yield f"  and {more} more"


def _decided(flip: dict[str, Any]) -> str:
    """Name the policies that flag a customer now, and those that no longer do."""
    told = []
    for words, flag in (("churn by", True), ("no churn by", False)):
        if names := [name for name, now in flip["policies"].items() if now is flag]:
            told.append(f"{words} {_names(names)}")
    return "; ".join(told)


def _terms(terms: list[dict[str, Any]], contract: Contract) -> Iterator[str]:
    if not terms:
        return
    yield f"terms: {len(terms)} changed; the odds that each gives where it changed most"
    for term in terms[:TERMS]:
        kind = "" if term["change"] == "points" else f"  ({_KINDS[term['change']]})"
        if term["where"]:
            where = ", ".join(_place(place, contract) for place in term["where"])
            points = f"{_times(term['before'])} -> {_times(term['after'])}"
        else:
            where, points = "sorted in another way", ""
        yield f"  {_cut(term['term'], 40):<26}{_cut(where, 40):<32} {points}{kind}".rstrip()
    if rest := terms[TERMS:]:
        yield f"  and {len(rest)} more: {_names([term['term'] for term in rest])}"


_UNKNOWN = {"points": "points of their own", "inferred": "inferred from the known ones"}
_KINDS = {"added": "new", "removed": "gone", "bins": "other bins"}


def _place(place: dict[str, Any], contract: Contract) -> str:
    feature = contract.by_name.get(place["feature"])
    unit = f" {feature.unit}" if feature and feature.unit else ""
    low, below = place["low"], place["below"]
    if not place["is_range"]:
        value = place["value"]
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "not known" if value is None else str(value)
    if low is None:
        return "any number" if below is None else f"under {below:g}{unit}"
    return f"{low:g}{unit} or more" if below is None else f"{low:g} to under {below:g}{unit}"


def _pairs(title: str, pairs: dict[str, Any], words: Any, most: int) -> Iterator[str]:
    """Write both values of each name, and count those beyond `most`."""
    if not pairs:
        return
    yield title
    for name, pair in [*pairs.items()][:most]:
        one, other = ("none" if v is None else words(v) for v in (pair["before"], pair["after"]))
        yield f"  {_cut(name, 40):<26}{one:<26} -> {other}"
    if rest := [*pairs][most:]:
        yield f"  and {len(rest)} more: {_names(rest)}"


def _metric(metric: dict[str, Any]) -> str:
    if not metric["interval"]:
        return f"{metric['value']:.4f}"
    low, high = metric["interval"]
    return f"{metric['value']:.4f} ({low:.4f} to {high:.4f})"


def _economics(found: dict[str, Any] | None) -> str:
    if found is None:
        return "none"
    return (
        f"contact {found['contact_cost']:g}, offer {found['offer_cost']:g}, customer kept "
        f"{found['customer_value']:g} {found['currency']}; chance {found['chance_kept']:.2g}; "
        f"break-even {found['break_even']:.4f}"
    )


def _times(effect: float) -> str:
    """Write a factor of the odds more finely than pages do: small changes flip decisions."""
    ratio = exp(min(effect, 700.0))
    return f"{TIMES}{ratio:.3g}" if 0.01 <= ratio <= 1000 else odds(effect)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(_cut(name, 40) for name in names[:NAMES]) + more


def _cut(text: str, most: int) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"
