"""Two ways of doing something, in turn, so that a machine that slows down slows both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    name: str
    ours: str  # with its unit
    beside: str  # what it is compared with
    ratio: float
    most: float  # the promise

    @property
    def kept(self) -> bool:
        return self.ratio <= self.most


def in_turn(ours: Act, beside: Act, rounds: int) -> tuple[float, float, float]:
    """Median seconds of each, and the median of the ratios pair by pair; one unmeasured round goes first."""
    ours(), beside()
    pairs = [(seconds(ours), seconds(beside)) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def seconds(act: Act) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
