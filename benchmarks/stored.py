"""What the schedules and a results page read, with few and with many closed surveys in the table: it must not grow."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from tqdm import tqdm

from benchmarks.paired import Figure
from benchmarks.place import Place
from chalicelib.store.records import survey_item
from chalicelib.survey import Survey
from tests.in_process import NOON, on
from tests.units import Counting

FEW, MANY = 200, 10_000
SHOWN_DAYS = 28
BATCH = 25  # what one request may write


def figures(place: Place) -> Iterator[Figure]:
    few, many = (Stored(place.another(f"stored-{n}"), n) for n in (FEW, MANY))
    for name, act in (("sweep", Stored.swept), ("refresh", Stored.refreshed)):
        ours, beside = act(many), act(few)
        told = f"{beside:g} units with {FEW}"
        yield Figure(name, f"{ours:g} read units, {MANY:,} stored", told, ours / beside, 1.0)
    page = many.shown()
    told = f"{SHOWN_DAYS} days shown"
    yield Figure("results page", f"{page:g} read units", told, page / SHOWN_DAYS, 2.0)


class Stored:
    """A table with so many surveys, closed a month ago and counted."""

    def __init__(self, place: Place, surveys: int) -> None:
        self._client = Counting(place.client, place.table)
        self.bench = on(place.client, place.table, now=NOON - timedelta(days=SHOWN_DAYS))
        self._fill(place.client, place.table, surveys)
        self.bench.now = NOON
        self._as_new().clockwork.refresh()
        self.bench = on(self._client, place.table, now=NOON)

    def swept(self) -> float:
        return self._spent(lambda: self._as_new().clockwork.sweep())

    def refreshed(self) -> float:
        return self._spent(lambda: self._as_new().clockwork.refresh())

    def shown(self) -> float:
        first = (NOON - timedelta(days=SHOWN_DAYS)).date().isoformat()
        query = {"from": first, "to": NOON.date().isoformat()}
        return self._spent(lambda: self._as_new().api.rates(query))

    def _as_new(self) -> Any:
        """The service with nothing remembered."""
        return self.bench.another()

    def _spent(self, act: Callable[[], object]) -> float:
        before = self._client.bill.read
        act()
        return self._client.bill.read - before

    def _fill(self, client: Any, table: str, surveys: int) -> None:
        """Copies of one closed survey, on as many days, of twenty teams and five languages."""
        survey_id = self.bench.invited("+447700900500")
        for answer in "111":
            self.bench.text("+447700900500", answer)
        self.bench.ahead(days=2)
        self.bench.service.clockwork.look("survey", survey_id)
        closed = self.bench.store.survey(survey_id)
        assert closed
        for n in range(SHOWN_DAYS):
            self.bench.store.counts.mark_changed(copy(closed, n), NOON - timedelta(hours=1))
        for start in tqdm(range(0, surveys, BATCH), f"{surveys:,} surveys", leave=False, file=sys.stderr):
            puts = [{"PutRequest": {"Item": encoded(copy(closed, n))}} for n in range(start, start + BATCH)]
            client.batch_write_item(RequestItems={table: puts})


def copy(survey: Survey, n: int) -> Survey:
    ended_at = survey.ended_at + timedelta(days=n % SHOWN_DAYS)
    return replace(
        survey,
        id=f"copy{n}",
        call_id=f"copy-{n}",
        ended_at=ended_at,
        local_day=ended_at.date(),
        team=f"team {n % 20}",
        language=("sv", "en", "ar", "so", "fa")[n % 5],
    )


def encoded(survey: Survey) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in survey_item(survey).items()}
