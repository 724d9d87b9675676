"""What calls cost and bring: the profit curve of a release, and its economics in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.handbook.card.chart_shapes import Chart, Line
from app.handbook.card.evaluation_plots import marks, place, sparse
from app.handbook.card.number_format import money, number, ticks
from app.handbook.card.plot_shapes import Tick
from app.handbook.card.threshold_outcomes import CUSTOMERS, Outcome
from model.economics import Economics


def profit_chart(
    found: Sequence[Outcome], policies: Mapping[str, float], economics: Mapping[str, Any]
) -> Chart:
    """Draw the expected profit of a thousand customers over the threshold.

    Args:
        found: what each threshold does, with its profit.
        policies: thresholds by name.
        economics: of the evaluation, with `currency` and `break_even`.
    """
    currency, break_even = economics["currency"], economics["break_even"]
    profits = [CUSTOMERS * (o.profit or 0.0) for o in found]
    low, high = min(0.0, *profits), max(0.0, *profits)
    span = (high - low) or 1.0
    best = max(found, key=lambda o: o.profit or 0.0)
    points = [
        place(o.threshold, (profit - low) / span) for o, profit in zip(found, profits, strict=True)
    ]
    return Chart(
        "profit",
        "Profit",
        f"A call is expected to pay from a probability of {break_even:.3f}, the break-even. On "
        f"these customers a threshold of {number(best.threshold)} brings most: about "
        f"{best.brings} {currency} per 1,000 customers.",
        "threshold (probability)",
        f"expected profit per 1,000 customers ({currency})",
        [Line("", "solid", points, explored=True)],
        ["Threshold", "Called", f"Profit ({currency})"],
        [[number(o.threshold), number(o.called), o.brings] for o in sparse(found)],
        marks=marks({**policies, "break_even": break_even}),
        levels=[
            Tick(place(0, (value - low) / span)[1], _short(value))
            for value in ticks(low, low + span)
        ],
    )


def costs(economics: Economics) -> str:
    """Write what a call costs and can bring in sentences."""
    amount = [number(a) for a in (economics.contact_cost, economics.offer_cost)]
    kept = f"{100 * economics.mean_chance:.3g} of 100 leavers who are called"
    if isinstance(economics.chance_kept, tuple):
        alpha, beta = map(number, economics.chance_kept)
        kept += f" (Beta distribution, {alpha} and {beta})"
    return (
        f"A call costs {amount[0]} {economics.currency}, and the offer {amount[1]} "
        f"{economics.currency} for each customer who takes it: all who would have stayed, and the "
        f"leavers whom it keeps. It keeps {kept}; a customer kept is worth "
        f"{number(economics.customer_value)} {economics.currency}."
    )


def value_chosen(economics: Mapping[str, Any]) -> str:
    """Say why the policy `value` has its threshold.

    Args:
        economics: of the evaluation.
    """
    gain = f"{economics['gain']:.4f} {economics['currency']} per customer"
    error = f"one standard error ({economics['standard_error']:.4f})"
    value, best = number(economics["value"]), number(economics["best"])
    said = f"The policy value has the threshold {value}"
    if value != best:
        return (
            f"{said}, the break-even. On held-out customers {best} brings {gain} more, no more "
            f"than {error}, so the break-even is kept."
        )
    if economics["gain"] <= economics["standard_error"]:
        return f"{said}, the break-even; no other brings more on held-out customers."
    return (
        f"{said}: on held-out customers it brings {gain} more than the break-even, beyond {error}."
    )


def _short(value: float) -> str:
    """Write an amount for an axis, which has room for five signs."""
    return money(value) if abs(value) < 10_000 else f"{money(value / 1000)}k"
