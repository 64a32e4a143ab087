"""When the invented calls end: on working days of the past three weeks, never in the future."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 21
DAY = timedelta(days=1)
REPORTS = time(
    11
)  # the centre reports the calls of the last two hours, all at once: every report costs a tick
AFTERNOON = time(16, 30)  # when many find the time to answer
LATEST = timedelta(minutes=30)  # before now
LAST_DAYS, UNRUNG_DAYS = 3, 2
PILOT, RUSH = 0.45, 1.9  # how much happens in the first week, and when everybody rings


@dataclass(frozen=True, slots=True)
class Calendar:
    """Moments and days in the office's zone."""

    reports: tuple[datetime, ...]
    afternoons: tuple[datetime, ...]
    bad_tuesday: date  # a week ago or a little more
    last_days: frozenset[date]  # something has broken down
    unrung: frozenset[date]  # the leads have not got round to the callbacks of these yet
    pilot: frozenset[date]  # the first week

    def weights(self) -> list[float]:
        """How many calls each report has, compared with the others."""
        return [self._weight(at.date()) for at in self.reports]

    def _weight(self, day: date) -> float:
        if day == self.bad_tuesday or day in self.last_days:
            return RUSH
        return PILOT if day in self.pilot else 1.0


def calendar(now: datetime, zone: ZoneInfo) -> Calendar:
    """The three weeks before `now`."""
    today = now.astimezone(zone).date()
    days = [day for day in (today - DAY * ago for ago in range(DAYS, -1, -1)) if day.isoweekday() < 6]
    week_ago = today - DAY * 7
    reports, afternoons = (
        [at for at in (datetime.combine(day, when, zone) for day in days) if at <= now - LATEST]
        for when in (REPORTS, AFTERNOON)
    )
    return Calendar(
        reports=tuple(reports),
        afternoons=tuple(afternoons),
        bad_tuesday=max(day for day in days if day.isoweekday() == 2 and day <= week_ago),
        last_days=frozenset(at.date() for at in reports[-LAST_DAYS:]),
        unrung=frozenset(at.date() for at in reports[-UNRUNG_DAYS:]),
        pilot=frozenset(day for day in days if day < today - DAY * 14),
    )


def shared_out(calls: int, weights: Sequence[float]) -> list[int]:
    """So many calls in proportion to the weights; what rounding leaves over goes to the largest remainders."""
    exact = [calls * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda n: whole[n] - exact[n])
    for n in by_remainder[: calls - sum(whole)]:
        whole[n] += 1
    return whole
