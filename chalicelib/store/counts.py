"""How many calls ended how: by hour, by day, and which old hours must be counted again."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from chalicelib.dataclass import dataclass
from chalicelib.rates import Tally, pack, unpack
from chalicelib.store.dynamo import Table
from chalicelib.store.records import hour_of, id_of, instant, moment
from chalicelib.survey import Survey

UNMARKED_HOURS = 2  # calls that ended since are counted again anyway; a change to an older one leaves a mark


@dataclass(frozen=True, slots=True)
class Counts:
    table: Table

    def mark_changed(self, survey: Survey, now: datetime) -> None:
        """Before the write, so that a crash between costs a recount and never a miss."""
        if survey.ended_at < now - timedelta(hours=UNMARKED_HOURS):
            self.table.put({"pk": "changed", "sk": hour_of(survey), "marked_at": instant(now)})

    def changed_hours(self) -> dict[str, datetime]:
        return {item["sk"]: moment(item["marked_at"]) for item in self.table.query("pk = :p", p="changed")}

    def unmark(self, hour: str, marked_at: datetime) -> None:
        self.table.delete({"pk": "changed", "sk": hour}, "marked_at = :at", at=instant(marked_at))

    def calls_of(self, hour: str) -> Iterator[tuple[str, str]]:
        """Survey id and encoded ending of every call of the hour."""
        for item in self.table.query("in_hour = :h", "hours", h=hour):
            yield id_of(item), item["outcome"]

    def save_hour(self, hour: str, tally: Tally) -> None:
        day, _, part = hour.partition("/")
        self.table.put({"pk": f"counts#{day}", "sk": part, "cells": pack(tally)})

    def hours_of(self, day: date) -> dict[str, Tally]:
        found = self.table.query("pk = :p", p=f"counts#{day.isoformat()}")
        return {f"{day.isoformat()}/{item['sk']}": unpack(bytes(item["cells"])) for item in found}

    def save_day(self, day: date, tally: Tally, computed_at: datetime) -> None:
        self.table.put(
            {"pk": "counts", "sk": day.isoformat(), "cells": pack(tally), "computed_at": instant(computed_at)}
        )

    def days(self, first: date, last: date) -> list[tuple[str, Tally, datetime]]:
        """Each day from `first` to `last`, both included, that has a count."""
        found = self.table.query(
            "pk = :p AND sk BETWEEN :a AND :b", p="counts", a=first.isoformat(), b=last.isoformat()
        )
        return [(item["sk"], unpack(bytes(item["cells"])), moment(item["computed_at"])) for item in found]

    def counted_until(self) -> datetime | None:
        """When the last refresh began that came to its end."""
        item = self.table.get({"pk": "counts", "sk": "until"})
        return moment(item["at"]) if item else None

    def save_counted_until(self, at: datetime) -> None:
        self.table.put({"pk": "counts", "sk": "until", "at": instant(at)})
