"""The callback page: who must be rung, by whom, and the number for whoever holds the row."""

from datetime import datetime

from chalicelib.callbacks import State
from chalicelib.pages import frame
from chalicelib.pages.views import CallbackRow, CallbacksView


def render(view: CallbacksView) -> str:
    """Mine first; then what is free, due soonest; then what colleagues hold; then what was passed on."""
    who, now = view.page.who, view.page.now
    places = [(place(row, who, now), row) for row in view.rows]

    def late(row: CallbackRow) -> bool:
        return _due(row, now)

    lists = {
        name: [row for here, row in places if here == name]
        for name in ("mine", "waiting", "held", "passed_on")
    }
    ready = any(may_be_next(row, who, now) for row in view.rows)
    return frame.render(
        "callbacks.html", view.page, active="callbacks", view=view, late=late, ready=ready, **lists
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
    """Whether "take next" gives it out: free, and not rung in vain a moment ago.

    `due_at` is a deadline, but of one to be rung again the time from which on.
    """
    again = row["state"] in (State.ATTEMPTED, State.SCHEDULED)
    return place(row, who, now) == "waiting" and (not again or _due(row, now))


def _due(row: CallbackRow, now: datetime) -> bool:
    return datetime.fromisoformat(row["due_at"]) <= now
