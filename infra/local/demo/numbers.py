"""Phone numbers that regulators keep free for fiction; each caller gets one that nobody has used here."""

from collections.abc import Iterator
from itertools import chain

# /start hands out the same ranges from their lower ends: these are taken from the upper ones.
SWEDISH = tuple(f"+4670174{n:04}" for n in range(698, 649, -1))
BRITISH = tuple(f"+44770090{n:04}" for n in range(999, 399, -1))
AREAS = (202, 212, 213, 214, 305, 312, 313, 404, 412, 415, 503, 504, 512, 602, 617, 702, 713, 801, 808, 907)
AMERICAN = tuple(f"+1{area}55501{n:02}" for area in AREAS for n in range(100))
STOCKHOLM = tuple(f"+468465004{n:02}" for n in range(100))


class UsedUp(Exception):
    """Every fictitious number has been used."""


class Numbers:
    """Hands them out: a landline, or a mobile that suits the language as long as there is one."""

    def __init__(self, used: set[str]) -> None:
        rest = iter([number for number in (*BRITISH, *AMERICAN) if number not in used])
        self._mobiles = {"sv": chain((number for number in SWEDISH if number not in used), rest)}
        self._rest = rest
        self._landlines = iter([number for number in STOCKHOLM if number not in used])

    def mobile(self, language: str) -> str:
        return _next(self._mobiles.get(language, self._rest))

    def landline(self) -> str | None:
        """None when they are used up: there are only a hundred."""
        return next(self._landlines, None)


def _next(numbers: Iterator[str]) -> str:
    try:
        return next(numbers)
    except StopIteration as error:
        raise UsedUp(
            "every number kept free for fiction has been used; start afresh: make clean-local"
        ) from error
