"""What an experiment can vary, and how its values are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Varied:
    """A number of the training.

    Attributes:
        least: allowed value.
        most: allowed value.
        unit: of which there is one; empty if the value follows the name.
        whole: whether only whole numbers are allowed.
    """

    least: float
    most: float
    unit: str = ""
    whole: bool = True


VARIED = {
    "bins": Varied(2, 255, "bin"),
    "pairs": Varied(0, 50, "pair"),
    "factors": Varied(0, 6, "factor"),
    "max_iter": Varied(1, 5000),
    "max_leaf_nodes": Varied(2, 31),
    "learning_rate": Varied(0.001, 1, whole=False),
}
"""By name. Of each, the smaller value makes the simpler model."""


def parse(written: str) -> tuple[str, list[float]]:
    """Read `NAME=VALUE,VALUE,...`.

    Returns:
        The name and the values, the smallest first.

    Raises:
        ValueError: saying everything that is wrong with it.
    """
    name, _, listed = written.partition("=")
    varied = VARIED.get(name.strip())
    if varied is None:
        raise ValueError(f"{name[:40]!r} can't be varied: give one of {', '.join(VARIED)}")
    faults, values = [], []
    for text in listed.split(","):
        try:
            value = int(text) if varied.whole else float(text)
        except ValueError:
            kind = "a whole number" if varied.whole else "a number"
            faults.append(f"{text.strip()[:20]!r} is not {kind}")
            continue
        if varied.least <= value <= varied.most:
            values.append(value)
        else:
            faults.append(f"{text.strip()[:20]} is not from {varied.least:g} to {varied.most:g}")
    if not faults and len(set(values)) != len(values):
        faults.append("a value is there twice")
    if not faults and len(values) < 2:
        faults.append("give two values or more, with commas between")
    if faults:
        raise ValueError(f"{name}: {'; '.join(faults)}")
    return name.strip(), sorted(values)


def names(varied: str, values: Sequence[float]) -> dict[str, float]:
    """Return the values by their variants' names, such as `8 bins` or `max_iter 100`."""
    unit = VARIED[varied].unit
    if not unit:
        return {f"{varied} {value:g}": value for value in values}
    return {f"{value:g} {unit if value == 1 else unit + 's'}": value for value in values}
