"""What calling several customers is expected to cost and to bring, and how far it may differ.

Three things are uncertain: who'd leave, whom of them the offer keeps, and how well the offer works
at all, which is one chance for all customers. Given that chance, customers are independent, so the
totals are about normal. The chance itself has a Beta distribution, so the totals are a mixture of
normal ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import erf, exp, log, sqrt

from model.economics import Economics
from model.scorecard import probability

COVERAGE = 0.9
"""The share of outcomes that a range has, half of the others on each side."""

_INTERVALS = 20
"""Of the quadrature on each side of the most frequent chance; even, as Simpson's rule asks."""

_NEGLIGIBLE = 20.0
"""The logarithm of how much less frequent a chance is that is left out."""

_HALVINGS = 32
"""Of the interval that a quantile is searched in."""


@dataclass(frozen=True)
class Totals:
    """Sums over customers who are called.

    Attributes:
        customers: how many.
        leavers: the sum of their probabilities of leaving: how many are expected to leave.
        squares: the sum of the probabilities' squares.
    """

    customers: int = 0
    leavers: float = 0.0
    squares: float = 0.0

    def plus(self, churn: float) -> Totals:
        """Return the sums with one more customer, of this probability."""
        return Totals(self.customers + 1, self.leavers + churn, self.squares + churn * churn)


@dataclass(frozen=True)
class Limits:
    """How far a list of customers to call goes, by falling probability of leaving.

    No other order brings more for its cost. The probability raises what a call is expected to
    bring, and lowers what it is expected to cost: of those who'd leave, some decline the offer.

    Attributes:
        economics: of one call.
        budget: the most that the calls may be expected to cost, contacts and offers.
        threshold: the lowest probability worth a call.
    """

    economics: Economics
    budget: float
    threshold: float

    def end(self, totals: Totals, churn: float) -> str:
        """Say what ends the list before its last customer, or nothing if it may be called.

        Args:
            totals: of the list, the customer included.
            churn: the customer's probability.
        """
        if churn < self.threshold:
            return "threshold"
        cost = self.economics.cost(totals.customers, totals.leavers)
        return "budget" if cost > self.budget else ""


@dataclass(frozen=True)
class Amount:
    """An uncertain amount: its mean, and the ends of the range that COVERAGE of outcomes are in."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Campaign:
    """The outcome of calling customers, in the currency.

    Attributes:
        kept: how many customers the calls are expected to keep.
        cost: of contacts and offers.
        gain: the value of the customers kept.
        profit: the gain less the cost.
    """

    kept: float
    cost: Amount
    gain: Amount
    profit: Amount


def campaign(economics: Economics, totals: Totals) -> Campaign:
    """Return what calling these customers costs and brings."""
    offer, value = economics.offer_cost, economics.customer_value
    certain = totals.customers * (economics.contact_cost + offer)
    # Who'd leave saves the offer, unless it keeps them: then it is spent, and their value is won.
    cost = _amount(economics, totals, offer, -offer, certain)
    gain = _amount(economics, totals, value, 0.0, 0.0)
    profit = _amount(economics, totals, value - offer, offer, -certain)
    return Campaign(totals.leavers * economics.mean_chance, cost, gain, profit)


def _amount(
    economics: Economics, totals: Totals, kept: float, leaver: float, certain: float
) -> Amount:
    """Return a total that changes with customers.

    Args:
        economics: have the chance that an offer keeps a leaver.
        totals: of the customers.
        kept: what each leaver adds whom the offer keeps.
        leaver: what each leaver adds, kept or not.
        certain: what is added in any case.
    """
    normals = []
    for chance, weight in _chances(economics.chance_kept):
        mean = chance * kept + leaver
        square = chance * (kept + leaver) ** 2 + (1 - chance) * leaver**2
        variance = totals.leavers * square - totals.squares * mean**2
        normals.append((certain + totals.leavers * mean, sqrt(max(variance, 0.0)), weight))
    # Nobody leaves, or everybody does, and is kept or isn't: no outcome is beyond these.
    ends = [certain + totals.customers * each for each in (0.0, leaver, leaver + kept)]
    tail = (1 - COVERAGE) / 2
    low, high = (_quantile(normals, share, min(ends), max(ends)) for share in (tail, 1 - tail))
    expected = certain + totals.leavers * (economics.mean_chance * kept + leaver)
    return Amount(expected, low, high)


def _quantile(
    normals: list[tuple[float, float, float]], share: float, low: float, high: float
) -> float:
    """Return where a mixture of normal distributions (mean, deviation, weight) reaches a share."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = sum(
            weight * (0.5 + 0.5 * erf((middle - mean) / (deviation * sqrt(2))))
            if deviation
            else weight * (middle >= mean)
            for mean, deviation, weight in normals
        )
        low, high = (low, middle) if below >= share else (middle, high)
    return (low + high) / 2


@lru_cache(maxsize=16)
def _chances(chance: float | tuple[float, float]) -> list[tuple[float, float]]:
    """Return chances and their weights, which add up to 1, in place of a Beta distribution.

    In log-odds its density has one peak and no poles, whatever alpha and beta are.
    """
    if not isinstance(chance, tuple):
        return [(chance, 1.0)]
    alpha, beta = chance
    peak = log(alpha / beta)

    def density(at: float) -> float:
        """The logarithm of the density, less that of the peak."""
        return _log_density(alpha, beta, at) - _log_density(alpha, beta, peak)

    nodes: list[tuple[float, float]] = []
    for side in (-1, 1):
        reach = side * sqrt(1 / alpha + 1 / beta)
        while density(peak + reach) > -_NEGLIGIBLE:
            reach *= 1.25
        step = reach / _INTERVALS
        for number in range(_INTERVALS + 1):
            simpson = 1 if number in (0, _INTERVALS) else 4 if number % 2 else 2
            at = peak + number * step
            nodes.append((probability(at), abs(step) * simpson * exp(density(at))))
    whole = sum(weight for _, weight in nodes)
    return [(at, weight / whole) for at, weight in nodes]


def _log_density(alpha: float, beta: float, at: float) -> float:
    """Alpha * log(p) + beta * log(1 - p), for the p of these log-odds."""
    above = max(at, 0.0) + log(1 + exp(-abs(at)))  # log(1 + e^at)
    return alpha * (at - above) - beta * above
