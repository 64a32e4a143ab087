"""The scheduled refresh: count the hours that may have changed, add them up to days. Nothing is ever incremented."""

from collections import Counter
from datetime import date, datetime, timedelta
from math import ceil

from chalicelib import log
from chalicelib.dataclass import dataclass
from chalicelib.ports import Office
from chalicelib.rates import Tally, pack
from chalicelib.store import bucket
from chalicelib.store.counts import UNMARKED_HOURS

SETTLED = timedelta(
    minutes=3
)  # twice a function's time-out and the index's lag: by then the marked write is visible
FROZEN = timedelta(days=90)  # older days keep their count: their records are going


@dataclass(frozen=True, slots=True)
class Counting:
    office: Office

    def refresh(self) -> int:
        """Days written anew. Costs by what changed, not by what is stored; may run twice at once."""
        counts, now = self.office.store.counts, self.office.now()
        marks, since = counts.changed_hours(), counts.counted_until() or now
        oldest = (now.astimezone(self.office.settings.zone).date() - FROZEN).isoformat()
        hours = {hour for hour in marks if hour >= oldest} | self._recent(max(since, now - FROZEN), now)
        written = sum(
            self._day(day, [hour for hour in hours if hour.startswith(day)]) for day in _days(hours)
        )
        for hour, marked_at in marks.items():
            if hour < oldest:
                log.info("a frozen day changed", hour=hour)
            if hour < oldest or marked_at + SETTLED < now:
                counts.unmark(hour, marked_at)
        counts.save_counted_until(now)
        return written

    def _recent(self, since: datetime, now: datetime) -> set[str]:
        """The hours whose calls may have changed unmarked since the last count; one ahead for clocks that run fast."""
        zone = self.office.settings.zone
        first = min(since, now) - timedelta(hours=UNMARKED_HOURS) - SETTLED
        hours = ceil((now - first) / timedelta(hours=1))
        ends = [now + timedelta(hours=1 - ago) for ago in range(hours + 2)]
        spread = [
            at + timedelta(minutes=minutes) for at in ends for minutes in (0, 15, 30, 45)
        ]  # zones at :30, :45
        return {bucket(at.astimezone(zone).date(), at) for at in spread}

    def _day(self, day: str, hours: list[str]) -> bool:
        counts = self.office.store.counts
        on = date.fromisoformat(day)
        known = counts.hours_of(on)
        fresh: dict[str, Tally] = {
            hour: Counter(ending for _, ending in counts.calls_of(hour)) for hour in hours
        }
        changed = {hour: tally for hour, tally in fresh.items() if tally != known.get(hour, Counter())}
        for hour, tally in changed.items():
            counts.save_hour(hour, tally)
        total: Tally = sum((known | fresh).values(), Counter())
        before = next((tally for _, tally, _ in counts.days(on, on)), Counter())
        if pack(total) == pack(before):
            return False
        counts.save_day(on, total, self.office.now())
        return True


def _days(hours: set[str]) -> list[str]:
    return sorted({hour.partition("/")[0] for hour in hours})
