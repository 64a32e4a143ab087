"""The results page: which figures stand where. The figures themselves come from the API's answers as they are."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.pages import figures, frame
from chalicelib.pages.accounts import GroupRow, ends, funnel, group_rows, label, left_out
from chalicelib.pages.charts import portion
from chalicelib.pages.filters import KEPT
from chalicelib.pages.text import fill, moment_words, percent, period_words, plural, words
from chalicelib.pages.trend import trend
from chalicelib.pages.views import Owed, Page, RatesAnswer, ResultsView
from chalicelib.script import QUESTIONS

PERIODS = {"week": 7, "month": 28, "quarter": 91}


def render(view: ResultsView) -> str:
    group = view.total["groups"][0]
    return frame.render(
        "results.html",
        view.page,
        active="results",
        view=view,
        period=period_words(view.filters.start, view.filters.end),
        periods=periods(view),
        choices=choices(view),
        todo=todo(view.owed, view.page),
        computed=computed(view.total, view.page),
        group=group,
        questions={name: figures.question(group["questions"][name]) for name in QUESTIONS},
        rate=figures.response_rate(group),
        rates=group["response_rate"],
        funnel=funnel(group),
        left_out=left_out(group),
        ends=ends(group),
        trend=trend(view.trend, view.filters.trend),
        portion=portion,
        target=percent(figures.TARGET),
        filter_label=label,
        tables=tables(view),
    )


def periods(view: ResultsView) -> list[tuple[str, dict[str, str], bool]]:
    """Label, address and whether it is the one shown: three usual periods, the one before, the one after."""
    say, shown = words()["results"]["period"], view.filters
    tomorrow = view.page.now.astimezone(view.page.zone).date() + timedelta(days=1)
    usual = [
        (say[name], replace(shown, start=tomorrow - timedelta(days=n), end=tomorrow))
        for name, n in PERIODS.items()
    ]
    length = shown.end - shown.start
    earlier = replace(shown, start=shown.start - length, end=shown.start)
    moves = [(say["earlier"], earlier)]
    if shown.end < tomorrow:
        moves.append((say["later"], replace(shown, start=shown.end, end=shown.end + length)))
    return [(label, each.query, each == shown) for label, each in (*usual, *moves)]


def choices(view: ResultsView) -> dict[str, list[tuple[str, str]]]:
    """For each filter the values to choose from: those in the answers, and the one that is set."""
    answers = zip(KEPT, (view.teams, view.queues, view.languages, view.channels), strict=True)
    found = {name: {group["by"][name] for group in answer["groups"]} - {""} for name, answer in answers}
    for name, value in view.filters.where.items():
        found[name].add(value)
    return {
        name: sorted(((value, label(name, value)) for value in values), key=lambda pair: pair[1])
        for name, values in found.items()
    }


def todo(owed: Owed, page: Page) -> list[str]:
    """What can be acted on at eight in the morning."""
    say = words()["results"]["todo"]
    if not owed.open:
        return []
    parts = [plural(say["call"], owed.open)]
    if owed.overdue:
        parts.append(plural(say["overdue"], owed.overdue))
    elif owed.first_due:
        when = moment_words(datetime.fromisoformat(owed.first_due), page.now, page.zone)
        parts.append(fill(say["first"], when=when))
    return [str(part) for part in parts]


def computed(answer: RatesAnswer, page: Page) -> str:
    say, at = words()["time"], answer["computed_at"]
    if not at:
        return str(say["never"])
    return str(fill(say["computed"], when=moment_words(datetime.fromisoformat(at), page.now, page.zone)))


def tables(view: ResultsView) -> list[tuple[str, list[GroupRow]]]:
    """A breakdown is shown when there is something to compare."""
    answers = {"queue": view.queues, "team": view.teams, "language": view.languages, "channel": view.channels}
    found = [(by, group_rows(by, answer)) for by, answer in answers.items()]
    return [(by, rows) for by, rows in found if len(rows) > 1 or (rows and by == "queue")]
