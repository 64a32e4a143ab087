"""When the invented calls end: on working days of the past three weeks, never in the future."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 21
DAY = timedelta(days=1)
REPORTS = time(
    11
)  # the centre reports the calls of the last two hours, all at once: every report costs a tick
AFTERNOON = time(16, 30)  # when many find the time to answer
PILOT = 0.45  # the first week, compared with the others
LATEST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The three weeks before `now`, in the office's zone."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def days(self) -> list[date]:
        """Working days."""
        days = (self.today - DAY * ago for ago in range(DAYS, -1, -1))
        return [day for day in days if day.isoweekday() < 6]

    @property
    def reports(self) -> list[datetime]:
        """The moments at which calls are reported."""
        return self._past(REPORTS)

    @property
    def afternoons(self) -> list[datetime]:
        return self._past(AFTERNOON)

    @property
    def last_days(self) -> list[date]:
        """The leads have not got round to the callbacks of these yet."""
        return sorted({at.date() for at in self.reports})[-3:]

    @property
    def bad_tuesday(self) -> date:
        """A week ago or a little more."""
        return next(
            day for day in reversed(self.days) if day.isoweekday() == 2 and day <= self.today - DAY * 7
        )

    def weight(self, day: date) -> float:
        """How many calls there are: everybody rings on the bad Tuesday, and in the last days."""
        if day == self.bad_tuesday:
            return 1.8
        if day in self.last_days:
            return 1.8
        return PILOT if day < self.today - DAY * 14 else 1.0

    def _past(self, at: time) -> list[datetime]:
        moments = (datetime.combine(day, at, self.zone) for day in self.days)
        return [moment for moment in moments if moment <= self.now - LATEST]


def shared_out(calls: int, weights: list[float]) -> list[int]:
    """So many calls in proportion to the weights; what rounding leaves over goes to the largest remainders."""
    exact = [calls * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda n: whole[n] - exact[n])
    for n in by_remainder[: calls - sum(whole)]:
        whole[n] += 1
    return whole
