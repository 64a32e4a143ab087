"""The callback page: who must be rung, by whom, and the number for whoever holds the row."""

from datetime import datetime
from functools import partial

from chalicelib.callbacks import State
from chalicelib.pages import frame
from chalicelib.pages.views import CallbackRow, CallbacksView


def render(view: CallbacksView) -> str:
    """Mine first; then what is free, due soonest; then what colleagues hold; then what was passed on."""
    who, now = view.page.who, view.page.now
    places = [(place(row, who, now), row) for row in view.rows]

    lists = {
        name: [row for here, row in places if here == name]
        for name in ("mine", "waiting", "held", "passed_on")
    }
    ready = any(may_be_next(row, who, now) for row in view.rows)
    return frame.render(
        "callbacks.html",
        view.page,
        active="callbacks",
        view=view,
        late=partial(is_late, now=now),
        ready=ready,
        **lists,
    )


def place(row: CallbackRow, who: str, now: datetime) -> str:
    """Which of the lists a row stands in. A lease that ran out holds nobody off, swept or not."""
    if row["state"] == State.ESCALATED:
        return "passed_on"
    if row["state"] not in (State.CLAIMED, State.REACHED):
        return "waiting"
    if row["owner"] == who:
        return "mine"
    until = row.get("held_until")
    return "waiting" if until and datetime.fromisoformat(until) <= now else "held"


def may_be_next(row: CallbackRow, who: str, now: datetime) -> bool:
    """Whether "take next" gives it out: free, and not rung in vain a moment ago."""
    return place(row, who, now) == "waiting" and (not _is_rung_again(row) or _due(row, now))


def is_late(row: CallbackRow, now: datetime) -> bool:
    return _due(row, now) and not _is_rung_again(row)


def _is_rung_again(row: CallbackRow) -> bool:
    """`due_at` is a deadline, but of one to be rung again the time from which on."""
    return row["attempts"] > 0 and row["state"] != State.ESCALATED


def _due(row: CallbackRow, now: datetime) -> bool:
    return datetime.fromisoformat(row["due_at"]) <= now
