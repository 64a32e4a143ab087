"""The clock that all local processes share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.clock import LocalClock

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=5)


def test_it_tells_real_time_until_it_is_set(tmp_path: Path) -> None:
    assert abs(LocalClock(tmp_path / "clock.json").now() - datetime.now(UTC)) < MOMENT


def test_a_time_set_by_one_process_is_the_time_of_all_and_runs_on(tmp_path: Path) -> None:
    one, other = LocalClock(tmp_path / "clock.json"), LocalClock(tmp_path / "clock.json")
    other.now()
    one.set(MONDAY)
    assert MONDAY <= other.now() < MONDAY + MOMENT
    one.set(MONDAY + timedelta(days=1))
    assert other.now() >= MONDAY + timedelta(days=1)
    assert one.now() <= one.now()


def test_forgetting_the_setting_brings_real_time_back(tmp_path: Path) -> None:
    clock = LocalClock(tmp_path / "data" / "clock.json")
    clock.set(MONDAY)
    (tmp_path / "data" / "clock.json").unlink()
    assert abs(clock.now() - datetime.now(UTC)) < MOMENT


def test_a_time_without_its_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="UTC"):
        LocalClock(tmp_path / "clock.json").set(MONDAY.replace(tzinfo=None))
