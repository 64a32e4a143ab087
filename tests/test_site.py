"""The pages behind their routes: what they read, and what of it they show."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib import front, site
from chalicelib.callbacks import Callback, State
from chalicelib.store import Store
from chalicelib.store.dynamo import Table
from tests.engine_fixture import Engine
from tests.in_process import Bench, asked, on
from tests.page_reader import said
from tests.units import Counting

CALLER = "+46701740612"


@pytest.fixture
def bench(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The service on an empty table, behind the routes."""
    engine.empty()
    bench = on(engine.dynamodb, engine.table)
    for module in (front, site):
        monkeypatch.setattr(module, "service", lambda: bench.service)
    front.door.cache_clear()
    yield bench
    front.door.cache_clear()


def seen(name: str, path: str, who: str = "Kim", **query: str) -> str:
    """The page of that name, as somebody signed in sees it."""
    cookie = front.door().cookie(who).partition(";")[0]
    answer = site.page(name, asked(path, cookie, **query))
    assert answer.status_code == 200
    return str(answer.body)


# --- callbacks --------------------------------------------------------------------------------------------


@pytest.fixture
def long_list(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> str:
    """Seven calls owed, three to a page of the API, the first two overdue; the id of the last, which is Kim's."""
    monkeypatch.setattr("chalicelib.api.PAGE", 3)
    vault, now = bench.service.office.vault, bench.now
    for n in range(7):
        due = now + timedelta(hours=n - 1.5)
        sealed = vault.seal(CALLER, f"s{n}")
        row = Callback(
            f"s{n}", f"c-{n}", State.OPEN, due, now + timedelta(days=3), now, "north", sealed=sealed
        )
        bench.store.add_callback(row)
    bench.service.api.act("s6", "claim", "Kim", {})
    return "s6"


def test_every_call_owed_is_counted_and_ones_own_are_shown_however_long_the_list(
    bench: Bench, long_list: str
) -> None:
    page = seen("callbacks", "/callbacks")
    assert "7 open · 2 overdue" in said(page)
    assert all(f"/callbacks/s{n}/claim" in page for n in range(7))
    assert page.index(f'id="{long_list}"') < page.index("/callbacks/s0/claim")
    assert CALLER in page
    assert "7 people to call , 2 overdue" in said(seen("results", "/"))


@pytest.mark.usefixtures("long_list")
def test_take_next_finds_what_is_free_however_much_is_held_before_it(bench: Bench) -> None:
    for n in range(4):
        bench.service.api.act(f"s{n}", "claim", "Robin", {})
    site._take_next(site.Person("Kim"))
    assert bench.service.api.held("s4", "Kim")


def test_the_log_says_to_whom_a_number_was_shown_and_who_did_what(
    bench: Bench, long_list: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    for who in ("Kim", "Robin"):
        seen("callbacks", "/callbacks", who)
    bench.service.api.act(long_list, "release", "Kim", {})
    logged = [vars(record) for record in caplog.records]
    told = [(each["msg"], each["correlation_id"], each["by"], each.get("verb")) for each in logged]
    assert told == [("number shown", long_list, "Kim", None), ("callback", long_list, "Kim", "release")]
    assert CALLER[3:] not in str(logged)


# --- calls ------------------------------------------------------------------------------------------------


def test_an_hour_of_very_many_calls_costs_a_read_for_each_that_is_shown(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "CALLS_SHOWN", 10)
    bench.service.intake.call_ended(
        bench.call(None, call_id="c-before", ended_at=bench.now - timedelta(hours=1))
    )
    for n in range(40):
        ended_at = bench.now + timedelta(minutes=n)
        bench.service.intake.call_ended(bench.call(None, call_id=f"c-{n:02}", ended_at=ended_at))
    client = Counting(engine.dynamodb, engine.table)
    bench.store = Store(Table(client, engine.table, lambda: bench.now))
    bench.service = bench.another()
    bench.ahead(minutes=45)
    page = seen("calls", "/calls")
    assert sum(request.startswith("get survey") for request in client.bill.requests) == 10
    assert len(re.findall(r">c-\d\d<", page)) == 10
    assert "30 more calls ended in the same hour as the last ones listed" in said(page)


def test_calls_are_listed_newest_first_over_the_hours_and_none_is_left_unsaid(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "CALLS_SHOWN", 4)
    for n in range(6):
        bench.service.intake.call_ended(bench.call(None, call_id=f"c-{n}"))
        bench.ahead(hours=0.5)
    page = seen("calls", "/calls")
    assert re.findall(r">(c-\d)<", page) == ["c-5", "c-4", "c-3", "c-2"]
    assert "more call" not in said(page)


def test_a_week_without_a_call_is_called_a_week(bench: Bench) -> None:
    bench.service.intake.call_ended(bench.call(None, call_id="c-1"))
    bench.ahead(days=6)
    assert ">c-1<" in seen("calls", "/calls")
    bench.ahead(days=1)
    assert "No call has ended in the last seven days." in said(seen("calls", "/calls"))
