"""What team leads and ops may change while the service runs. Kept in the table, read at most once a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.dataclass import dataclass
from chalicelib.errors import BadRequest
from chalicelib.policy_values import problem

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
    draft_languages: tuple[
        str, ...
    ] = ()  # of these: what callers at large may meet though nobody reviewed it
    default_language: str = "sv"
    queue_languages: Mapping[str, str] = field(default_factory=dict)
    offered_languages: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # by queue: when the language is only assumed, the first two of these are offered as 5 and 6
    voice_first: tuple[str, ...] = ()  # languages whose speakers are rung rather than texted
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
        for name, value in changes.items():
            if told := problem(name, value):
                raise BadRequest(name, told)
        policy = replace(self, **_frozen(changes))
        if policy.default_language not in policy.languages:
            raise BadRequest("default_language", f"must be one of {', '.join(policy.languages)}")
        return policy

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
        start, end = hours(self.quiet_hours)
        today = now.astimezone(zone).date()
        for day in (today + DAY * ahead for ahead in range(15)):
            if day.isoweekday() in self.quiet_days:
                continue
            for opens, closes in _allowed(start, end):
                opening = _instant(day, opens, zone)
                closing = _instant(day, closes, zone) if closes else _instant(day + DAY, time(), zone)
                if now < closing:
                    return None if now >= opening else opening.astimezone(now.tzinfo)
        return now + DAY * 15

    def office_open(self, day: date) -> bool:
        return day.isoweekday() in self.opening_days and day.isoformat() not in self.holidays

    def office_hours_after(self, start: datetime, span: timedelta, queue: str, zone: ZoneInfo) -> datetime:
        """When `span` has passed, a working day counting as 24 hours: 24 h after Friday 15:00 is Monday 15:00.

        What is left of a day ends at closing time.
        """
        _, closes = self._opening(queue)
        local = self.open_from(start, queue, zone).astimezone(zone)
        for _ in range(span // DAY):
            local = self._next_opening(local.date() + DAY, local.time(), zone)
        closing = datetime.combine(local.date(), closes, zone)
        return min(local + span % DAY, closing).astimezone(start.tzinfo)

    def open_from(self, start: datetime, queue: str, zone: ZoneInfo) -> datetime:
        """The first moment within opening hours, from `start` on."""
        opens, closes = self._opening(queue)
        local = start.astimezone(zone)
        if not self.office_open(local.date()) or local.time() >= closes:
            local = self._next_opening(local.date() + DAY, opens, zone)
        elif local.time() < opens:
            local = datetime.combine(local.date(), opens, zone)
        return local.astimezone(start.tzinfo)

    def _opening(self, queue: str) -> tuple[time, time]:
        return hours(self.for_queue("opening_hours", queue) or "08:00-16:00")

    def _next_opening(self, day: date, at: time, zone: ZoneInfo) -> datetime:
        ahead = next((day + DAY * n for n in range(60) if self.office_open(day + DAY * n)), day)
        return datetime.combine(ahead, at, zone)


def _frozen(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}


def hours(span: str) -> tuple[time, time]:
    """`"20:00-08:00"` as two times."""
    start, end = span.split("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows, as one instant: twice a year a wall time comes twice, or never."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _allowed(start: time, end: time) -> list[tuple[time, time | None]]:
    """The stretches of a day outside quiet hours; None is midnight."""
    if start == end:
        return [(time(), None)]
    if start > end:
        return [(end, start)]
    return [(time(), start), (end, None)]
