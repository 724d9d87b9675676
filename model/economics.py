"""What it costs to call a customer, and what a call can bring.

A call costs its contact. A customer who'd stay anyway takes the offer, too: it costs and brings
nothing. A customer who'd leave takes it with some chance, and then brings the value of a customer
kept, less the offer (Verbraken, Verbeke and Baesens 2013, A novel profit maximizing metric for
measuring classification performance of customer churn prediction models).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

NAME = "economics.yaml"
"""Of the file, beside the feature contract and in each release."""

MOST = 1e9
"""Units of the currency beyond which an amount must be a mistake."""

GAP = "GAP:"
"""Begins a text that people have yet to replace; `churn model init` drafts files with such gaps."""

_SHOWN = 60
"""Characters of a wrong value that a message repeats."""

_AMOUNTS = ("contact_cost", "offer_cost", "customer_value")
_KEYS = ("currency", *_AMOUNTS, "chance_kept")


class EconomicsError(ValueError):
    """The file cannot be used; the message names it and every key at fault."""


class UnfilledError(EconomicsError):
    """The file is a draft in which nobody has filled in a figure."""


@dataclass(frozen=True)
class Economics:
    """Costs and values of one customer, in units of the currency.

    Attributes:
        currency: its three letters, as EUR.
        contact_cost: of one call.
        offer_cost: of the offer, for a customer who takes it.
        customer_value: of a customer kept.
        chance_kept: parameters alpha and beta of the Beta distribution of the chance that the offer
            keeps a customer who'd leave; or that chance itself.
        text: the file's bytes.
    """

    currency: str
    contact_cost: float
    offer_cost: float
    customer_value: float
    chance_kept: float | tuple[float, float]
    text: bytes = field(repr=False, compare=False)

    @property
    def mean_chance(self) -> float:
        """The chance that the offer keeps a leaver, on average."""
        if isinstance(self.chance_kept, tuple):
            alpha, beta = self.chance_kept
            return alpha / (alpha + beta)
        return self.chance_kept

    @property
    def leaver(self) -> float:
        """The expected profit of calling a customer who'd leave."""
        return self.mean_chance * (self.customer_value - self.offer_cost) - self.contact_cost

    @property
    def stayer(self) -> float:
        """The profit, never above 0, of calling a customer who'd stay."""
        return -self.contact_cost - self.offer_cost

    @property
    def break_even(self) -> float:
        """The probability of leaving from which a call is expected to bring more than it costs."""
        return -self.stayer / (self.leaver - self.stayer)

    def as_stated(self) -> dict[str, Any]:
        """Return what the file says, by key."""
        chance: Any = self.chance_kept
        if isinstance(chance, tuple):
            chance = dict(zip(("alpha", "beta"), map(_plain, chance), strict=True))
        return {
            "currency": self.currency,
            **{key: _plain(getattr(self, key)) for key in _AMOUNTS},
            "chance_kept": chance,
        }

    def cost(self, customers: float, leavers: float) -> float:
        """Return what calling so many customers is expected to cost, contacts and offers.

        Args:
            customers: how many are called.
            leavers: how many of them would leave: the sum of their probabilities.
        """
        taken = customers - leavers * (1 - self.mean_chance)
        return customers * self.contact_cost + taken * self.offer_cost

    def gain(self, leavers: float) -> float:
        """Return the expected value of the customers whom calls keep, before any cost."""
        return leavers * self.mean_chance * self.customer_value


def load_economics(path: Path) -> Economics:
    """Read and check a file.

    Raises:
        EconomicsError: naming the keys at fault.
        UnfilledError: the file is an untouched draft.
        OSError: the file cannot be read.
    """
    return parse_economics(path.read_bytes(), path.name)


def economics_in(folder: Path) -> Economics | None:
    """Read the file in a folder, or return None if it has none; raises as `load_economics`."""
    path = folder / NAME
    return load_economics(path) if path.exists() else None


def parse_economics(content: bytes, name: str = NAME) -> Economics:
    """Check the content of a file of that name.

    Raises:
        EconomicsError: as `load_economics` does.
    """
    try:
        data = yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # also a date that is none
        raise EconomicsError(f"{name}: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise EconomicsError(f"{name}: give a mapping with {', '.join(_KEYS)}")
    if data.keys() == set(_KEYS) and all(map(_is_gap, data.values())):
        raise UnfilledError(f"{name}: not filled in, so there is no policy value")
    if faults := _faults(data):
        raise EconomicsError(f"{name}: {'; '.join(faults)}")
    contact, offer, value = (float(data[key]) for key in _AMOUNTS)
    chance = cast(float | tuple[float, float], _chance(data["chance_kept"]))
    found = Economics(data["currency"], contact, offer, value, chance, content)
    if found.stayer == 0:
        faults.append(
            "contact_cost and offer_cost: 0: give what one costs, or all would always be called"
        )
    if found.leaver <= 0:
        faults.append(
            f"customer_value: {data['customer_value']!r}: a leaver kept brings no more than the "
            "calls and offers cost, so nobody would ever be called"
        )
    if faults:
        raise EconomicsError(f"{name}: {'; '.join(faults)}")
    return found


def _faults(data: dict[Any, Any]) -> list[str]:
    """Name each key whose value cannot be used."""
    faults = [f"{str(key)[:_SHOWN]}: there is no such key" for key in data if key not in _KEYS]
    currency = data.get("currency")
    if not (isinstance(currency, str) and re.fullmatch("[A-Z]{3}", currency)):
        faults.append(f"currency: {_shown(currency)}: give its three letters, as EUR")
    for key in _AMOUNTS:
        if not _number(data.get(key)) or not 0 <= data[key] <= MOST:
            faults.append(f"{key}: {_shown(data.get(key))}: give an amount from 0 to {MOST:,.0f}")
    if _chance(data.get("chance_kept")) is None:
        faults.append(
            f"chance_kept: {_shown(data.get('chance_kept'))}: give a number above 0 and up to 1, "
            "or alpha and beta, both above 0, of a Beta distribution"
        )
    return faults


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:_SHOWN]


def _is_gap(given: Any) -> bool:
    return isinstance(given, str) and given.startswith(GAP)


def _chance(given: Any) -> float | tuple[float, float] | None:
    if isinstance(given, dict) and set(given) == {"alpha", "beta"}:
        alpha, beta = given["alpha"], given["beta"]
        sound = _number(alpha) and _number(beta) and 0 < alpha <= MOST and 0 < beta <= MOST
        return (float(alpha), float(beta)) if sound else None
    return float(given) if _number(given) and 0 < given <= 1 else None


def _plain(number: float) -> float:
    return int(number) if number.is_integer() else number


def _number(value: Any) -> bool:
    return type(value) in (int, float)
