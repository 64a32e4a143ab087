"""The callback page: who must be rung, by whom, and the number for whoever holds the row."""

from datetime import datetime

from chalicelib.callbacks import State
from chalicelib.pages import frame
from chalicelib.pages.views import CallbackRow, CallbacksView


def render(view: CallbacksView) -> str:
    """Mine first; then what is free, due soonest; then what colleagues hold; then what was passed on."""
    now, places = view.page.now, [(place(row, view.page.who, view.page.now), row) for row in view.rows]

    def late(row: CallbackRow) -> bool:
        return datetime.fromisoformat(row["due_at"]) <= now

    lists = {
        name: [row for here, row in places if here == name]
        for name in ("mine", "waiting", "held", "passed_on")
    }
    return frame.render("callbacks.html", view.page, active="callbacks", view=view, late=late, **lists)


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
