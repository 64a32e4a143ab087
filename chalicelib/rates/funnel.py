"""From calls to completed surveys, stage by stage, and the proof that the stages add up."""

from collections import Counter
from collections.abc import Mapping
from typing import TypedDict

from chalicelib.rates.ending import STAGES, Counted, Stage

# The class each stage counts in (AAPOR disposition codes); an open survey may yet end in any of them.
CLASSES: dict[Stage, str] = {
    "open": "UO",
    "complete": "I",  # 1.1: all three answered yes or no
    "partial": "P",  # 1.2: two of three
    "break_off": "R",  # 2.12
    "refused": "R",  # 2.11
    "opted_out": "R",  # 2.11
    "non_contact": "NC",  # 2.2: silent, or a number nothing can reach: the caller exists, we failed
    "unknown": "UO",  # 3.9: nobody can tell whether it arrived
    "other": "O",  # 2.3
    "not_eligible": "NE",  # 4.x: never called us; the only case left out
}


class Funnel(TypedDict):
    """Calls by what became of them. `calls` = not invited + not sent + `invited`; `invited` = all stages."""

    calls: int
    not_invited: dict[str, int]  # by reason
    not_sent: dict[str, int]  # by reason: invited, but nothing was ever sent
    invited: int
    delivered: int
    open: int
    started: int
    complete: int
    partial: int
    break_off: int
    refused: int
    opted_out: int
    non_contact: int
    unknown: int
    other: int
    not_eligible: int


def funnel_of(endings: list[Counted]) -> Funnel:
    """The endings, counted by stage."""
    ends: Counter[str] = Counter()
    for ending, calls in endings:
        ends[ending.end] += calls
    return Funnel(
        calls=sum(calls for _, calls in endings),
        not_invited=_reasons(ends, "not_invited:"),
        not_sent=_reasons(ends, "not_sent:"),
        invited=sum(calls for ending, calls in endings if ending.invited),
        delivered=sum(calls for ending, calls in endings if ending.delivered),
        open=ends["open"],
        started=sum(calls for ending, calls in endings if ending.started),
        complete=ends["complete"],
        partial=ends["partial"],
        break_off=ends["break_off"],
        refused=ends["refused"],
        opted_out=ends["opted_out"],
        non_contact=ends["non_contact"],
        unknown=ends["unknown"],
        other=ends["other"],
        not_eligible=ends["not_eligible"],
    )


def classes(funnel: Funnel) -> Counter[str]:
    """The invited cases by AAPOR class."""
    counts: Counter[str] = Counter()
    for stage in STAGES:
        counts[CLASSES[stage]] += funnel[stage]
    return counts


def check_sums(funnel: Funnel, answered: Mapping[str, int]) -> None:
    """ValueError naming what does not add up; `answered` is the yes and no given, by question."""
    left_out = sum(funnel["not_invited"].values()) + sum(funnel["not_sent"].values())
    _equal("calls", funnel["calls"], "not invited + not sent + invited", left_out + funnel["invited"])
    _equal("invited", funnel["invited"], "all stages", sum(funnel[stage] for stage in STAGES))
    _within("delivered", funnel["delivered"], "invited", funnel["invited"])
    _within("started", funnel["started"], "delivered", funnel["delivered"])
    _within("complete + partial", funnel["complete"] + funnel["partial"], "started", funnel["started"])
    for question, answers in answered.items():
        _within("complete", funnel["complete"], f"answers to {question}", answers)
        _within(f"answers to {question}", answers, "started", funnel["started"])
    if any(calls < 0 for calls in _leaves(funnel)):
        raise ValueError("a count is below 0")


def _reasons(ends: Counter[str], prefix: str) -> dict[str, int]:
    return {end.removeprefix(prefix): ends[end] for end in sorted(ends) if end.startswith(prefix)}


def _leaves(funnel: Funnel) -> list[int]:
    reasons = [*funnel["not_invited"].values(), *funnel["not_sent"].values()]
    return [*(funnel[stage] for stage in STAGES), *reasons]


def _equal(name: str, count: int, parts: str, total: int) -> None:
    if count != total:
        raise ValueError(f"the stages do not add up: {name} is {count}, {parts} is {total}")


def _within(name: str, count: int, whole: str, limit: int) -> None:
    if count > limit:
        raise ValueError(f"the stages do not add up: {name} is {count}, {whole} only {limit}")
