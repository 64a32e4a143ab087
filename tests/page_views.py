"""Views to make pages of: a small authority's four weeks, computed by the real rates; and the same before any call."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.pages import (
    CallbackRow,
    CallbacksView,
    CallRow,
    CallsView,
    CallView,
    Filters,
    Owed,
    Page,
    RatesAnswer,
    Remark,
    RemarksView,
    ResultsView,
    SettingsView,
)
from chalicelib.policy import Policy
from chalicelib.rates import Ending, Tally, report

NOW = datetime(2026, 11, 23, 7, 2, tzinfo=UTC)  # a Monday, 08:02 in Stockholm
PAGE = Page(
    base="http://127.0.0.1:8301",
    who="Sahra Ali",
    csrf="c5rf",
    now=NOW,
    zone=ZoneInfo("Europe/Stockholm"),
    open_callbacks=6,
)
FILTERS = Filters(date(2026, 10, 27), date(2026, 11, 24))
QUEUES = {"residence-permits": 0.78, "citizenship": 0.66, "work-permits": 0.9}
LEFT_OUT = ("not_invited:quarantined", "not_invited:no_number", "not_invited:too_short", "not_sent:too_late")
SILENT = (
    "non_contact",
    "non_contact",
    "non_contact",
    "break_off",
    "refused",
    "opted_out",
    "unknown",
    "not_eligible",
)


def days(calls_a_day: int = 24, last_open: bool = True) -> list[tuple[str, Tally]]:
    """Four weeks of calls; none at weekends, a bad Tuesday, some surveys of the last day still open."""
    dice = Random(7)
    span = [FILTERS.start + timedelta(days=n) for n in range((FILTERS.end - FILTERS.start).days)]
    working = [day for day in span if day.isoweekday() <= 5]
    return [
        (
            day.isoformat(),
            Counter(
                ending(dice, day, last_open).encode()
                for _ in range(dice.randint(calls_a_day // 2, calls_a_day * 3 // 2))
            ),
        )
        for day in working
    ]


def ending(dice: Random, day: date, last_open: bool) -> Ending:
    queue = dice.choice(list(QUEUES))
    language = dice.choices(["sv", "en", "ar", "so"], [8, 3, 2, 1])[0]
    where = ("north" if dice.random() < 0.7 else "south", queue, language)
    if dice.random() < 0.17:
        return Ending(*where, "", "", dice.choice(LEFT_OUT))
    channel = "voice" if dice.random() < 0.12 else "sms"
    if last_open and day == FILTERS.end - timedelta(days=1) and dice.random() < 0.4:
        return Ending(*where, channel, "0f1e2d3c", "open", delivered=True)
    if dice.random() > 0.42:
        end = dice.choice(SILENT)
        return Ending(*where, channel, "0f1e2d3c", end, delivered=end != "unknown", started=False)
    good = 0.3 if day == date(2026, 11, 17) else QUEUES[queue]
    answers = "".join("y" if dice.random() < good - shift else "n" for shift in (0.0, 0.2, 0.1))
    if dice.random() < 0.1:
        return Ending(*where, channel, "0f1e2d3c", "partial", f"{answers[:2]}u", delivered=True, started=True)
    return Ending(*where, channel, "0f1e2d3c", "complete", answers, delivered=True, started=True)


def rates(
    tallies: list[tuple[str, Tally]], by: str | None, where: Mapping[str, str] | None = None
) -> RatesAnswer:
    """As GET /api/rates answers."""
    period: Any = {"from": FILTERS.start.isoformat(), "to": FILTERS.end.isoformat()}
    answer: RatesAnswer = {
        **period,
        "computed_at": "2026-11-23T05:02:00+00:00",
        "groups": report(tallies, by, where or {}),
    }
    return answer


def results(tallies: list[tuple[str, Tally]] | None = None, **changes: Any) -> ResultsView:
    known = days() if tallies is None else tallies
    view = ResultsView(
        page=PAGE,
        filters=FILTERS,
        total=rates(known, None),
        trend=rates(known, "day"),
        queues=rates(known, "queue"),
        teams=rates(known, "team"),
        languages=rates(known, "language"),
        channels=rates(known, "channel"),
        owed=Owed(6, 0, "2026-11-23T09:40:00+00:00"),
    )
    return replace(view, **changes)


def row(n: int, state: str = "open", hours: float = 3, **changes: Any) -> CallbackRow:
    made: CallbackRow = {
        "id": f"s{n}",
        "call_id": f"c-{n:04}",
        "state": state,
        "due_at": (NOW + timedelta(hours=hours)).isoformat(),
        "team": "north",
        "queue": list(QUEUES)[n % 3],
        "language": ("sv", "so", "ar")[n % 3],
        "attempts": 0,
        "owner": None,
        "answers": {"service": "yes", "time": "no", "resolved": "no"},
        **changes,
    }
    return made


def callbacks(**changes: Any) -> CallbacksView:
    held = {"owner": "Sahra Ali", "held_until": (NOW + timedelta(minutes=22)).isoformat()}
    rows = [
        row(
            1, "claimed", 1.6, number="+46701740619", ended_at="2026-11-20T13:31:00+00:00", attempts=1, **held
        ),
        row(2, "open", -0.6),
        row(3, "open", 2),
        row(4, "attempted", 4, attempts=2),
        row(5, "claimed", 5, owner="Johan", held_until=(NOW + timedelta(minutes=5)).isoformat()),
        row(6, "escalated", 50, owner="Johan"),
    ]
    done = [row(7, "resolved", -20, owner="Sahra Ali", attempts=1), row(8, "expired", -30)]
    return replace(CallbacksView(PAGE, rows, done, Owed(6, 1, rows[1]["due_at"])), **changes)


INVITE = {
    "attempt": 1,
    "kind": "invite",
    "channel": "sms",
    "at": "2026-11-20T13:32:00+00:00",
    "status": "delivered",
}


def call(n: int, decision: str = "invited", **changes: Any) -> CallRow:
    made: CallRow = {
        "call_id": f"c-{n:04}",
        "decision": decision,
        "reason": None,
        "survey_id": f"s{n}",
        "channel": "sms",
        "language": "sv",
        "language_from": "call",
        "disposition": "complete",
        "not_sent": None,
        "day": "2026-11-20",
        "queue": "citizenship",
        "team": "north",
        "answers": {"service": "yes", "time": "no", "resolved": None},
        "attempts": [INVITE],
        **changes,
    }
    return made


def calls(**changes: Any) -> CallsView:
    rows = [
        call(1),
        call(2, "not_invited", reason="quarantined", channel=None, disposition=None, attempts=[]),
        call(3, not_sent="too_late", disposition="not_sent", attempts=[]),
        call(4, disposition="open", language=None),
    ]
    return replace(CallsView(PAGE, FILTERS, rates(days(), None), rows), **changes)


def one_call(**changes: Any) -> CallView:
    return CallView(PAGE, call(1, **changes))


def remarks() -> RemarksView:
    said = [
        Remark("Jag väntade i två timmar. Tack ändå!", date(2026, 11, 20), "sv", "citizenship"),
        Remark("أنتظر الرد منذ شهرين", date(2026, 11, 19), "ar", "residence-permits"),
        Remark("<script>alert(1)</script> \u202egnol \u2068", date(2026, 11, 18), "en"),
    ]
    return RemarksView(PAGE, said)


def settings() -> SettingsView:
    changed = {
        "at": "2026-11-20T13:32:00+00:00",
        "who": "Johan",
        "rules": {"mode": "live", "quarantine_days": 14},
    }
    return SettingsView(PAGE, asdict(Policy()), [changed])
