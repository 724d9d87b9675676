"""What was measured of a contender, round by round."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Measurement:
    """The measurements of one contender; lists have one figure for each round."""

    start: list[float] = field(default_factory=list)  # seconds to the first answer
    memory: list[float] = field(default_factory=list)  # MB of the largest process
    pss: list[float] = field(default_factory=list)  # MB of all processes, what they share once
    rate: list[float] = field(default_factory=list)  # requests a second
    p50: list[float] = field(default_factory=list)  # milliseconds
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # microseconds of processor time a request

    def __getitem__(self, name: str) -> float:
        return median(getattr(self, name))

    def times(self, other: Measurement, name: str) -> float:
        """Return a figure as a multiple of another contender's.

        The rounds are compared, each with itself: a machine that is slow for a while slows both.
        """
        pairs = zip(getattr(self, name), getattr(other, name), strict=True)
        return median(own / others for own, others in pairs)
