"""The results day by day or week by week: four small charts on one scale of time, and the table under them."""

from datetime import date
from typing import Any

from markupsafe import Markup

from chalicelib.dataclass import dataclass
from chalicelib.pages import charts, figures
from chalicelib.pages.text import day_words, fill, words
from chalicelib.pages.views import RatesAnswer
from chalicelib.rates import Group
from chalicelib.script import QUESTIONS


@dataclass(frozen=True, slots=True)
class Trend:
    title: str
    unit: str  # of the first column
    charts: list[tuple[str, Markup]]
    empty: str  # said instead of the shares' charts when no day has enough answers
    rows: list[tuple[str, Group, dict[str, figures.Figure | None]]]


def trend(answer: RatesAnswer, by: str) -> Trend | None:
    """None when there are not two days, or weeks, to set side by side."""
    groups = answer["groups"]
    if len(groups) < 2:
        return None
    say = words()["results"]["trend"]
    labels = [short(by, group["by"][by]) for group in groups]
    drawn = [
        (_name(question), _chart(question, groups, labels))
        for question in QUESTIONS
        if _any(question, groups)
    ]
    return Trend(
        title=say[f"title_{by}"],
        unit=say[by],
        charts=[(say["answers"], _volumes(groups, labels)), *drawn],
        empty="" if drawn else say["nothing" if by == "day" else "nothing_week"],
        rows=[(long(by, group["by"][by]), group, _cells(group)) for group in groups],
    )


def short(by: str, value: str) -> str:
    """`17 Nov`, or the number of the week."""
    if by == "week":
        return value.partition("-W")[2].lstrip("0")
    day = date.fromisoformat(value)
    return f"{day.day} {words()['months'][day.month - 1]}"


def long(by: str, value: str) -> str:
    if by == "week":
        return str(fill(words()["time"]["week"], n=short(by, value)))
    return day_words(date.fromisoformat(value))


def _name(question: str) -> str:
    return str(words()["results"]["questions"][question])


def _any(question: str, groups: Any) -> bool:
    return any("suppressed" not in group["questions"][question] for group in groups)


def _cells(group: Group) -> dict[str, figures.Figure | None]:
    return {question: figures.question(group["questions"][question]) for question in QUESTIONS}


def _chart(question: str, groups: Any, labels: list[str]) -> Markup:
    points = [
        _point(label, group["questions"][question]) for label, group in zip(labels, groups, strict=True)
    ]
    shown = [point for point in points if point.share is not None]
    alt = fill(
        words()["results"]["trend"]["alt"],
        question=_name(question),
        n=len(shown),
        first=labels[0],
        last=labels[-1],
    )
    return charts.shares(points, figures.TARGET, alt)


def _point(label: str, cell: Any) -> charts.Point:
    if cell.get("suppressed"):
        return charts.Point(label)
    return charts.Point(
        label, cell["yes"] / cell["n"], cell["low"], cell["high"], firm=cell["share"] is not None
    )


def _volumes(groups: Any, labels: list[str]) -> Markup:
    alt = fill(words()["results"]["trend"]["alt_volume"], first=labels[0], last=labels[-1])
    invited = [group["funnel"]["invited"] for group in groups]
    return charts.volumes(labels, invited, [group["funnel"]["complete"] for group in groups], alt)
