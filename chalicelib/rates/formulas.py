"""Response rates after AAPOR's Standard Definitions, and the interval around a share."""

from collections.abc import Mapping
from fractions import Fraction
from math import sqrt

Z = 1.959963984540054  # 97.5 % point of the normal distribution: a two-sided interval of 95 %
UNKNOWN = ("UH", "UR", "UO")  # unknown eligibility: household, respondent, other


def aapor(counts: Mapping[str, int], e: float | Fraction = 1) -> dict[str, float | None]:
    """RR1-6, COOP1-4, REF1-3 and CON1-3 of `counts`; None where there is nothing to divide by.

    `counts` holds cases by class, I P R NC O UH UR UO NE; a class left out is 0. `e` is the share of the
    cases of unknown eligibility held to be eligible.
    """
    i, p, r, nc, o = (counts.get(name, 0) for name in ("I", "P", "R", "NC", "O"))
    known = i + p + r + nc + o
    unknown = sum(counts.get(name, 0) for name in UNKNOWN)
    every, likely, reached = known + unknown, known + e * unknown, i + p + r + o
    return {
        "RR1": _over(i, every),
        "RR2": _over(i + p, every),
        "RR3": _over(i, likely),
        "RR4": _over(i + p, likely),
        "RR5": _over(i, known),
        "RR6": _over(i + p, known),
        "COOP1": _over(i, reached),
        "COOP2": _over(i + p, reached),
        "COOP3": _over(i, i + p + r),
        "COOP4": _over(i + p, i + p + r),
        "REF1": _over(r, every),
        "REF2": _over(r, likely),
        "REF3": _over(r, known),
        "CON1": _over(reached, every),
        "CON2": _over(reached, likely),
        "CON3": _over(reached, known),
    }


def response_rate(counts: Mapping[str, int]) -> dict[str, float | None]:
    """What we publish: `aapor` with e = 1, since whoever rang us is eligible, and RR1's interval.

    AAPOR allows the rates over known cases only where no case is of unknown eligibility. Without delivery
    receipts they would flatter without limit, so there they are None.
    """
    rates = aapor(counts)
    if any(counts.get(name, 0) for name in UNKNOWN):
        rates |= dict.fromkeys(("RR5", "RR6", "REF3", "CON3"))
    eligible = sum(counts.values()) - counts.get("NE", 0)
    rates["low"], rates["high"] = wilson(counts.get("I", 0), eligible)
    return rates


def wilson(yes: int, n: int) -> tuple[float | None, float | None]:
    """The 95 % score interval of `yes` in `n` (Wilson 1927); no interval when nobody was asked."""
    if not 0 <= yes <= n:
        raise ValueError(f"{yes} of {n} is no share")
    if n == 0:
        return None, None
    share, spread = yes / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # Exact at both ends, where rounding could put the bound on the wrong side of the share.
    return (0.0 if yes == 0 else centre - half), (1.0 if yes == n else centre + half)


def _over(cases: int, base: float | Fraction) -> float | None:
    return float(cases / base) if base else None
