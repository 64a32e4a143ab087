"""How many calls came lately, told in opening hours only: what the alarm on silence looks at."""

from datetime import UTC, datetime

import pytest

from chalicelib.silence import calls_lately
from tests.engine_fixture import Engine
from tests.in_process import Bench, on


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return on(engine.dynamodb, engine.table)


def at(bench: Bench, now: datetime) -> int | None:
    bench.now = now
    bench.service.office.forget()
    bench.service.clockwork.refresh()
    return calls_lately(bench.service.office)


# In Stockholm it is an hour later than UTC; the office is open from 8 to 16, Monday to Friday.
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 24, 8, 30, tzinfo=UTC),  # open for an hour and a half only
        datetime(2026, 11, 24, 15, 10, tzinfo=UTC),  # closed for ten minutes
        datetime(2026, 11, 24, 23, 30, tzinfo=UTC),  # half past midnight
        datetime(2026, 11, 28, 11, 0, tzinfo=UTC),  # a Saturday
    ],
)
def test_outside_opening_hours_nothing_is_told(bench: Bench, now: datetime) -> None:
    assert at(bench, now) is None


def test_a_centre_that_reports_nothing_is_told_and_one_that_does_is_counted(bench: Bench) -> None:
    assert at(bench, datetime(2026, 11, 25, 11, 0, tzinfo=UTC)) == 0
    bench.service.intake.told(bench.call("+46701740612"))
    assert at(bench, datetime(2026, 11, 25, 11, 5, tzinfo=UTC)) == 1
    assert at(bench, datetime(2026, 11, 25, 14, 30, tzinfo=UTC)) == 0
