"""What team leads and ops may change while the service runs. Kept in the table, read at most once a minute."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.errors import BadRequest

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """The live rules, with the defaults of a new stage. Hours are local, half-open: "08:00-16:00"."""

    mode: str = "trial"  # "trial": only numbers on the allow-list are texted or rung; "live": everybody
    allow_list: tuple[str, ...] = ()  # caller keys: no number is stored
    killed: tuple[str, ...] = ()  # "all", "queue:permits", "language:sv"
    quarantine_days: int = 30
    invite_delay_seconds: int = 60
    min_talk_seconds: int = 20
    quiet_hours: str = "20:00-08:00"
    quiet_days: tuple[int, ...] = ()  # ISO weekdays on which nothing is sent
    opening_hours: Mapping[str, str] = field(
        default_factory=lambda: {"": "08:00-16:00"}
    )  # by queue; "" the rest
    opening_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    holidays: tuple[str, ...] = ()  # ISO dates on which the office is closed
    public_phone: Mapping[str, str] = field(default_factory=lambda: {"": "0770-000 000"})  # by queue
    excluded_queues: tuple[str, ...] = ()
    outbound_voice: Mapping[str, bool] = field(default_factory=lambda: {"": False})  # by queue
    reminder_hours: int = 4  # 0: no reminder
    expiry_hours: int = 24
    sampling: Mapping[str, float] = field(
        default_factory=lambda: {"": 1.0}
    )  # "permits", "permits/ar", "/ar", ""
    languages: tuple[str, ...] = ("sv", "en")
    default_language: str = "sv"
    queue_languages: Mapping[str, str] = field(default_factory=dict)
    style: str = "one_by_one"
    max_texts: int = 12  # to one number, in one survey
    max_per_day: int = 5000  # invitations
    countries: tuple[str, ...] = ()  # ISO regions invited; empty: every one
    callback_consent: str = "ask"  # or "from_call"
    callback_capacity: int = 20  # calls a working day
    callback_due_hours: int = 24
    callback_expiry_hours: int = 72
    callback_attempts: int = 3

    def with_changes(self, changes: Mapping[str, Any]) -> "Policy":
        """`changes` laid over this one. Raises BadRequest naming the first that does not fit."""
        known = {entry.name for entry in fields(Policy)}
        plain = asdict(self)
        for name, value in changes.items():
            if name not in known:
                raise BadRequest(name, "there is no such setting")
            _check(name, value, plain[name])
        policy = replace(self, **_frozen(changes))
        policy.check()
        return policy

    def check(self) -> None:
        """What a type cannot say. Raises BadRequest."""
        if self.mode not in ("trial", "live"):
            raise BadRequest("mode", "must be trial or live")
        if self.style not in ("one_by_one", "all_in_one"):
            raise BadRequest("style", "must be one_by_one or all_in_one")
        if self.callback_consent not in ("ask", "from_call"):
            raise BadRequest("callback_consent", "must be ask or from_call")
        for name, spans in (
            ("quiet_hours", [self.quiet_hours]),
            ("opening_hours", self.opening_hours.values()),
        ):
            for span in spans:
                hours(name, span)
        if not all(0 <= rate <= 1 for rate in self.sampling.values()):
            raise BadRequest("sampling", "rates are between 0 and 1")
        for day in self.holidays:
            _date("holidays", day)

    def for_queue(self, setting: str, queue: str) -> Any:
        """The queue's own value of a setting kept by queue, else the one for all."""
        values = getattr(self, setting)
        return values.get(queue, values.get(""))

    def sampling_rate(self, queue: str, language: str) -> float:
        """The most particular rate: queue and language, queue, language, all."""
        keys = (f"{queue}/{language}", queue, f"/{language}", "")
        return float(next((self.sampling[key] for key in keys if key in self.sampling), 1.0))

    def killed_for(self, queue: str, language: str) -> bool:
        """The kill switch, for everything, one queue or one language."""
        return bool({"all", f"queue:{queue}", f"language:{language}"} & set(self.killed))

    def quiet_until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """None when a text may go out now; else the first moment it may. Looks at most a fortnight ahead."""
        start, end = hours("quiet_hours", self.quiet_hours)
        local = now.astimezone(zone)
        for ahead in range(15):
            day = local.date() + DAY * ahead
            if day.isoweekday() in self.quiet_days:
                continue
            for opens, closes in _allowed(start, end):
                opening = datetime.combine(day, opens, zone)
                closing = (
                    datetime.combine(day, closes, zone)
                    if closes
                    else datetime.combine(day + DAY, time(), zone)
                )
                if local < closing:
                    return None if local >= opening else opening.astimezone(now.tzinfo)
        return local + DAY * 15

    def office_open(self, day: date) -> bool:
        return day.isoweekday() in self.opening_days and day.isoformat() not in self.holidays

    def office_hours_after(self, start: datetime, span: timedelta, queue: str, zone: ZoneInfo) -> datetime:
        """When `span` has passed, a working day counting as 24 hours: 24 h after Friday 15:00 is Monday 15:00."""
        local, left = start.astimezone(zone), span
        opens, closes = hours("opening_hours", self.for_queue("opening_hours", queue) or "08:00-16:00")
        if not self.office_open(local.date()) or local.time() >= closes:
            local = self._next_opening(local.date() + DAY, opens, zone)
        elif local.time() < opens:
            local = datetime.combine(local.date(), opens, zone)
        while left >= DAY:
            local, left = self._next_opening(local.date() + DAY, local.time(), zone), left - DAY
        end = local + left
        closing = datetime.combine(end.date(), closes, zone)
        return (
            min(end, closing).astimezone(start.tzinfo)
            if self.office_open(end.date())
            else end.astimezone(start.tzinfo)
        )

    def _next_opening(self, day: date, at: time, zone: ZoneInfo) -> datetime:
        ahead = next((day + DAY * n for n in range(60) if self.office_open(day + DAY * n)), day)
        return datetime.combine(ahead, at, zone)


def _frozen(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}


def hours(field_name: str, span: str) -> tuple[time, time]:
    """`"20:00-08:00"` as two times. Raises BadRequest."""
    try:
        start, end = span.split("-")
        return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise BadRequest(field_name, 'must look like "20:00-08:00"') from error


def _allowed(start: time, end: time) -> list[tuple[time, time | None]]:
    """The stretches of a day outside quiet hours; None is midnight."""
    if start == end:
        return [(time(), None)]
    if start > end:
        return [(end, start)]
    return [(time(), start), (end, None)]


def _date(field_name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(field_name, "must hold dates such as 2026-12-24") from error


def _check(name: str, value: object, default: object) -> None:
    """The same kind of JSON value as the default, and sane."""
    if isinstance(default, tuple):
        fits = isinstance(value, list | tuple) and len(value) <= 1000
    elif isinstance(default, bool) or isinstance(value, bool):
        fits = isinstance(value, bool) and isinstance(default, bool)
    elif isinstance(default, int):
        fits = isinstance(value, int) and 0 <= value <= 10_000_000
    else:
        fits = isinstance(value, type(default))
    if not fits:
        raise BadRequest(name, f"must be of the same kind as {default!r}")
