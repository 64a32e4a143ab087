"""The pages that explain: what became of a call, what callers wrote, which rules are in force."""

import json
from typing import Any

from chalicelib.pages import frame
from chalicelib.pages.accounts import ends, left_out
from chalicelib.pages.text import day_words, fill, period_words, words
from chalicelib.pages.views import CallRow, CallsView, CallView, RemarksView, SettingsView


def calls(view: CallsView) -> str:
    group = view.total["groups"][0]
    return frame.render(
        "calls.html",
        view.page,
        active="calls",
        view=view,
        period=period_words(view.filters.start, view.filters.end),
        lists=[account for account in (*left_out(group), ends(group)) if account],
        outcome=outcome,
    )


def call(view: CallView) -> str:
    return frame.render("call.html", view.page, active="calls", view=view, outcome=outcome)


def outcome(row: CallRow) -> str:
    """What became of the call, with the reason in words."""
    say, reasons = words()["calls"], words()["reasons"]
    if row["decision"] == "not_invited":
        return str(fill(say["not_invited"], reason=reasons.get(row["reason"], row["reason"])))
    if row["not_sent"]:
        return str(fill(say["not_sent"], reason=reasons.get(row["not_sent"], row["not_sent"])))
    end = row["disposition"] or "open"
    return str(fill(say["ended"], end=words()["ends"].get(end, end)))


def remarks(view: RemarksView) -> str:
    return frame.render("remarks.html", view.page, active="remarks", view=view, day_words=day_words)


def settings(view: SettingsView) -> str:
    changes = [(entry["at"], entry["who"], _rules(entry["rules"])) for entry in view.history]
    return frame.render(
        "settings.html", view.page, active="settings", rules=dict(_rules(view.policy)), changes=changes
    )


def _rules(rules: Any) -> list[tuple[str, str]]:
    return [(name, _plain(value)) for name, value in rules.items()]


def _plain(value: object) -> str:
    """A setting as a person would write it down."""
    say = words()["settings"]
    if isinstance(value, bool):
        return str(say["on" if value else "off"])
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or str(say["empty"])
    if isinstance(value, dict):
        parts = (f"{name or say['any']}: {_plain(each)}" for name, each in value.items())
        return "; ".join(parts) or str(say["empty"])
    return value if isinstance(value, str) else json.dumps(value)
