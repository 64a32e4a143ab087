"""What team leads see: HTML made on the server from the API's own answers. Pure: no I/O but its own templates.

Every page works without script; nothing is asked of any other host. The words stand in `words/`, the look in `static/`.
"""

from chalicelib.pages import desk, frame, ledger
from chalicelib.pages import results as report
from chalicelib.pages.filters import Filters, read_filters
from chalicelib.pages.frame import CSP, HEADERS, stylesheet
from chalicelib.pages.views import (
    CallbackRow,
    CallbacksView,
    CallRow,
    CallsView,
    CallView,
    Owed,
    Page,
    RatesAnswer,
    Remark,
    RemarksView,
    ResultsView,
    SettingsView,
)

__all__ = [
    "CSP",
    "HEADERS",
    "CallRow",
    "CallView",
    "CallbackRow",
    "CallbacksView",
    "CallsView",
    "Filters",
    "Owed",
    "Page",
    "RatesAnswer",
    "Remark",
    "RemarksView",
    "ResultsView",
    "SettingsView",
    "call",
    "callbacks",
    "calls",
    "is_late",
    "may_be_next",
    "message",
    "read_filters",
    "remarks",
    "results",
    "settings",
    "sign_in",
    "stylesheet",
]

results = report.render
callbacks, may_be_next, is_late = desk.render, desk.may_be_next, desk.is_late
calls, call, remarks, settings = ledger.calls, ledger.call, ledger.remarks, ledger.settings


def sign_in(base: str, error: str | None = None, next: str = "/", local: bool = False) -> str:
    """The form. `error` is None or "wrong"; `next` the path to go on to, sent back as it came."""
    return frame.fragment("sign_in.html", base, error=error, next=next, local=local)


def message(base: str, title: str, text: str) -> str:
    """A page that says one thing: an error, or that something is not for this reader."""
    return frame.fragment("message.html", base, title=title, text=text)
