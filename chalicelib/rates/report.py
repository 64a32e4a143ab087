"""Tallies of days into the groups of `GET /api/rates`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import TypedDict

from chalicelib.rates.ending import DIMENSIONS, Counted, Ending
from chalicelib.rates.formulas import response_rate
from chalicelib.rates.funnel import Funnel, check_sums, classes, funnel_of
from chalicelib.rates.questions import Answers, Hidden, Share, answers_of, shown
from chalicelib.rates.tally import Tally

BREAKDOWNS = ("day", "week", *DIMENSIONS)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)  # a day asked for outside them is a slip of the finger


class Group(TypedDict):
    """One group of a breakdown.

    {"by": {"team": "north"}, "funnel": {"calls": 1204, …}, "response_rate": {"RR1": 0.3133, …},
     "questions": {"service": {"yes": 290, "n": 352, "share": 0.8239, "low": 0.78, "high": 0.86}, …},
     "provisional": false}
    """

    by: dict[str, str]
    funnel: Funnel
    response_rate: dict[str, float | None]
    questions: dict[str, Share | Hidden]
    provisional: bool  # surveys are still open: every figure may yet change


def report(days: Iterable[tuple[str, Tally]], by: str | None, where: Mapping[str, str]) -> list[Group]:
    """The groups of one breakdown, sorted; a single one, of everything, when `by` is None.

    `days` are local dates, "2026-11-21", with their tallies; `where` keeps calls with all its values.
    ValueError for an unknown breakdown or filter, or when the counts do not add up: no rate is better
    than a wrong one.
    """
    if by is not None and by not in BREAKDOWNS:
        raise ValueError(f"by: not one of {', '.join(BREAKDOWNS)}: {by!r}")
    if unknown := set(where) - set(DIMENSIONS):
        raise ValueError(f"no such filter: {', '.join(sorted(unknown))}")
    groups = _grouped(days, by, where)
    answers = {label: answers_of(endings) for label, endings in groups.items()}
    questions = shown(answers)
    return [_group(by, label, groups[label], answers[label], questions[label]) for label in sorted(groups)]


def _grouped(
    days: Iterable[tuple[str, Tally]], by: str | None, where: Mapping[str, str]
) -> dict[str, list[Counted]]:
    groups: defaultdict[str, Tally] = defaultdict(Counter, {} if by else {"": Counter()})
    read = cache(Ending.decode)  # the same endings come back day after day

    @cache
    def kept(code: str) -> bool:
        return all(getattr(read(code), dimension) == value for dimension, value in where.items())

    for day, tally in days:
        label = _labels(by, day)
        for code in filter(kept, tally):
            groups[label(read(code))][code] += tally[code]
    return {label: [(read(code), calls) for code, calls in tally.items()] for label, tally in groups.items()}


def _labels(by: str | None, day: str) -> Callable[[Ending], str]:
    match by:
        case None:
            return lambda _: ""
        case "day":
            return lambda _: day
        case "week":
            year, week, _ = date.fromisoformat(day).isocalendar()
            return lambda _: f"{year}-W{week:02}"
        case _:
            return lambda ending: str(getattr(ending, by))


def _group(
    by: str | None,
    label: str,
    endings: list[Counted],
    answers: Answers,
    questions: dict[str, Share | Hidden],
) -> Group:
    funnel = funnel_of(endings)
    check_sums(funnel, {question: n for question, (_, n) in answers.items()})
    return Group(
        by={by: label} if by else {},
        funnel=funnel,
        response_rate=response_rate(classes(funnel)),
        questions=questions,
        provisional=funnel["open"] > 0,
    )
