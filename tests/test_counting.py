"""The scheduled count: the same as counting by hand, whatever happens between two runs of it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.rates import Ending, Tally
from chalicelib.store import bucket
from tests.engine_fixture import Engine
from tests.in_process import NOON, Bench, on
from tests.stage import at_once
from tests.units import Counting

HOUR = timedelta(hours=1)
serial = count()


@pytest.fixture
def bench(engine: Engine) -> Bench:
    """The service on an empty table, counted for the first time."""
    engine.empty()
    fresh = on(engine.dynamodb, engine.table)
    refresh(fresh)
    return fresh


def caller() -> str:
    return f"+4477009{next(serial):05}"


def refresh(bench: Bench) -> int:
    """As a process that remembers nothing."""
    return bench.another().clockwork.counting.refresh()


def counted(bench: Bench) -> Tally:
    """What the pages would show, of everything."""
    days = bench.store.counts.days(date(2020, 1, 1), date(2099, 1, 1))
    return sum((tally for _, tally, _ in days), Counter())


def by_hand(bench: Bench, table: str) -> Tally:
    """Every record of the table, read one by one."""
    client = bench.store._table._client
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"] if item["sk"]["S"] == "survey"]
    return Counter(item["outcome"]["S"] for item in items)


def ends(tally: Tally) -> dict[str, int]:
    told: Counter[str] = Counter()
    for code, calls in tally.items():
        told[Ending.decode(code).end] += calls
    return dict(told)


def test_what_is_counted_is_what_is_there_after_weeks_of_everything(bench: Bench, engine: Engine) -> None:
    """Callers of all kinds over three weeks, counted now and then, at odd moments, sometimes not for a day."""
    dice, surveys = Random(7), dict[str, str]()
    for _ in range(60):
        bench.ahead(minutes=dice.choice([1, 7, 45, 119, 121, 600]))
        who = caller()
        ended = bench.now - dice.choice([timedelta(), timedelta(minutes=50), 3 * HOUR, 30 * HOUR])
        call = bench.call(
            who, ended_at=ended, team=dice.choice(["north", "south"]), answered=dice.random() > 0.1
        )
        if survey_id := bench.service.intake.call_ended(call).survey_id:
            surveys[who] = survey_id
        for known in dice.sample(sorted(surveys), min(3, len(surveys))):
            bench.service.clockwork.look("survey", surveys[known])
            bench.text(known, dice.choice(["1", "1", "1", "2", "2", "vet inte", "stopp", "hm"]))
        if dice.random() < 0.3:
            refresh(bench)
    refresh(bench)
    assert counted(bench) == by_hand(bench, engine.table)
    assert set(ends(counted(bench))) >= {"open", "complete", "opted_out", "not_invited:too_late"}


def test_counting_again_changes_nothing_and_writes_only_that_it_counted(engine: Engine, bench: Bench) -> None:
    bench.invited(caller())
    refresh(bench)
    client = Counting(engine.dynamodb, engine.table)
    again = on(client, engine.table, now=bench.now)
    assert refresh(again) == 0
    assert client.bill.write <= 1
    assert client.bill.read <= 20


def test_what_it_costs_does_not_grow_with_what_is_stored(engine: Engine, bench: Bench) -> None:
    costs = []
    for _ in range(3):
        for _ in range(20):
            bench.invited(caller())
        bench.ahead(days=3)
        refresh(bench)
        bench.invited(caller())
        client = Counting(engine.dynamodb, engine.table)
        refresh(on(client, engine.table, now=bench.now))
        costs.append((client.bill.write, client.bill.read))
    write, read = max(costs)
    assert write <= 4
    assert read <= 8
    assert max(read for _, read in costs) - min(read for _, read in costs) <= 1  # a day more or less


@pytest.mark.parametrize("hours", [1, 2, 3, 5, 30, 24 * 20])
def test_an_answer_that_comes_late_is_counted_in_the_hour_of_its_call(
    bench: Bench, engine: Engine, hours: int
) -> None:
    who = caller()
    bench.invited(who)
    bench.ahead(hours=hours)
    bench.text(who, "1 2 1")
    bench.text(who, "2")
    refresh(bench)
    assert counted(bench) == by_hand(bench, engine.table)


@pytest.mark.parametrize("minutes", [118, 119, 120, 121])
@pytest.mark.parametrize("pause", [1, 5, 90, 60 * 30])
def test_a_change_just_before_its_hour_falls_out_of_the_recent_ones_is_not_missed(
    bench: Bench, engine: Engine, minutes: int, pause: int
) -> None:
    """Counted, changed, and then nobody counts for a while."""
    who = caller()
    bench.now = NOON + timedelta(minutes=59, seconds=55)
    survey_id = bench.invited(who)
    for answer in ("1", "2"):
        bench.text(who, answer)
    refresh(bench)
    bench.now = NOON + timedelta(minutes=59 + minutes)
    bench.text(who, "1")
    bench.ahead(minutes=pause)
    refresh(bench)
    found = bench.store.survey(survey_id)
    assert found
    assert found.answered == 3
    assert counted(bench) == by_hand(bench, engine.table)


def test_a_call_reported_days_after_it_ended_is_counted_in_its_own_day(bench: Bench, engine: Engine) -> None:
    ended = bench.now - timedelta(days=5)
    bench.service.intake.call_ended(bench.call(caller(), ended_at=ended))
    refresh(bench)
    ((day, tally, _),) = bench.store.counts.days(ended.date(), ended.date())
    assert (day, ends(tally)) == (ended.date().isoformat(), {"not_invited:too_late": 1})


def test_a_process_killed_between_mark_and_write_costs_a_recount_and_no_more(
    bench: Bench, engine: Engine
) -> None:
    who = caller()
    survey_id = bench.invited(who)
    refresh(bench)
    bench.ahead(hours=10)
    survey = bench.store.survey(survey_id)
    assert survey
    bench.store.counts.mark_changed(survey, bench.now)  # and there it was killed
    refresh(bench)
    assert counted(bench) == by_hand(bench, engine.table)
    assert bench.store.counts.changed_hours()  # a write may yet be on its way
    bench.text(who, "1")
    bench.ahead(minutes=10)
    refresh(bench)
    assert bench.store.counts.changed_hours() == {}
    assert counted(bench) == by_hand(bench, engine.table)


def test_a_count_killed_between_the_hours_and_the_day_is_put_right_by_the_next(
    bench: Bench, engine: Engine
) -> None:
    bench.invited(caller())
    refresh(bench)
    who = caller()
    bench.invited(who)
    bench.text(who, "1")
    hour = bucket(bench.now.date(), bench.now)
    bench.store.counts.save_hour(
        hour, Counter(code for _, code in bench.store.counts.calls_of(hour))
    )  # killed here
    refresh(bench)
    assert counted(bench) == by_hand(bench, engine.table)


def test_eight_counts_at_once_agree(bench: Bench, engine: Engine) -> None:
    for _ in range(12):
        bench.invited(caller())
    at_once([lambda: refresh(bench)] * 8)
    refresh(bench)
    assert counted(bench) == by_hand(bench, engine.table)


def test_a_day_older_than_ninety_days_keeps_its_count(bench: Bench) -> None:
    who = caller()
    bench.invited(who)
    refresh(bench)
    before = counted(bench)
    bench.ahead(days=91)
    bench.store.counts.save_counted_until(bench.now)  # every five minutes since
    bench.service.clockwork.tick()
    assert ends(before) == {"open": 1}
    assert counted(bench) == before
    refresh(bench)
    bench.ahead(hours=1)
    refresh(bench)
    assert bench.store.counts.changed_hours() == {}


@pytest.mark.parametrize(
    "zone, at",
    [
        ("Europe/Stockholm", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # half past two, twice
        ("Europe/Stockholm", datetime(2026, 10, 24, 22, 5, tzinfo=UTC)),  # just after midnight
        ("Europe/Stockholm", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),  # the hour that is left out
        ("Europe/Stockholm", datetime(2026, 12, 31, 22, 59, tzinfo=UTC)),  # new year
        ("Asia/Kathmandu", datetime(2026, 11, 24, 18, 10, tzinfo=UTC)),  # +05:45: a day begins at 18:15
        ("America/St_Johns", datetime(2026, 11, 24, 3, 20, tzinfo=UTC)),  # -03:30
        ("Pacific/Kiritimati", datetime(2026, 11, 30, 9, 50, tzinfo=UTC)),  # +14
    ],
)
def test_local_days_are_right_in_every_zone_and_at_every_change_of_the_clock(
    bench: Bench, engine: Engine, zone: str, at: datetime
) -> None:
    bench.now = at
    bench.store.counts.save_counted_until(at)
    settings = replace(bench.service.office.settings, zone=ZoneInfo(zone))
    bench.service.office.settings = settings
    ended = [at + timedelta(minutes=15 * n) for n in range(12)]
    for moment in ended:
        bench.now = moment
        bench.service.intake.call_ended(bench.call(caller()))
        bench.service.clockwork.counting.refresh()
    days = Counter(moment.astimezone(ZoneInfo(zone)).date().isoformat() for moment in ended)
    found = bench.store.counts.days(at.date() - timedelta(days=3), at.date() + timedelta(days=3))
    assert {day: sum(tally.values()) for day, tally, _ in found} == days
    listed = bench.service.api.calls(
        {"from": min(days), "to": (datetime.fromisoformat(max(days)) + timedelta(days=1)).date().isoformat()}
    )
    assert len(listed["calls"]) == len(ended)


def test_a_list_of_pages_has_every_call_once_over_the_turn_of_a_month(bench: Bench, monkeypatch: Any) -> None:
    monkeypatch.setattr("chalicelib.api.PAGE", 3)
    bench.now = datetime(2026, 11, 30, 21, 30, tzinfo=UTC)  # local midnight is at 23:00
    bench.store.counts.save_counted_until(bench.now)
    wanted = []
    for _ in range(16):
        wanted.append(bench.service.intake.call_ended(bench.call(None)).call_id)
        bench.ahead(minutes=17)
    for since in (timedelta(), timedelta(days=4)):  # listed as they come, and from the count
        bench.ahead(seconds=since.total_seconds())
        refresh(bench)
        found: list[str] = []
        query = {"from": "2026-11-30", "to": "2026-12-02"}
        cursor = None
        while True:
            page = bench.service.api.calls(query | ({"cursor": cursor} if cursor else {}))
            found += [call["call_id"] for call in page["calls"]]
            if not (cursor := page["next"]):
                break
        assert sorted(found) == sorted(wanted)
