"""Quiet hours and office hours by the clock on the wall, also in the nights that have 23 hours, and 25."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import BadRequest
from chalicelib.policy import Policy

ZONE = ZoneInfo("Europe/Stockholm")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = Policy()


def local(text: str, fold: int = 0) -> datetime:
    """ "2026-11-24 12:00" on a Swedish wall, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold).astimezone(UTC)


def wall(at: datetime | None) -> str | None:
    return at and at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


# --- quiet hours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now, until",
    [
        ("2026-11-24 12:00", None),
        ("2026-11-24 08:00", None),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 19:59", None),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-11-24 23:59", "2026-11-25 08:00"),
        ("2026-11-25 00:00", "2026-11-25 08:00"),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
        ("2026-03-28 22:00", "2026-03-29 08:00"),  # the clock goes forward: nine hours away
        ("2026-10-24 22:00", "2026-10-25 08:00"),  # and back: eleven
        ("2026-03-29 03:30", "2026-03-29 08:00"),
    ],
)
def test_nothing_is_sent_between_eight_at_night_and_eight_in_the_morning(now: str, until: str | None) -> None:
    assert wall(POLICY.quiet_until(local(now), ZONE)) == until


def test_the_night_the_clock_changes_is_as_long_as_it_is() -> None:
    spring, autumn = local("2026-03-28 22:00"), local("2026-10-24 22:00")
    assert POLICY.quiet_until(spring, ZONE) == spring + 9 * HOUR
    assert POLICY.quiet_until(autumn, ZONE) == autumn + 11 * HOUR


def test_an_hour_that_comes_twice_is_not_waited_for_twice() -> None:
    policy = replace(POLICY, quiet_hours="20:00-02:30")
    assert policy.quiet_until(local("2026-10-25 02:15"), ZONE) == local("2026-10-25 02:30")
    assert (
        policy.quiet_until(local("2026-10-25 02:15", fold=1), ZONE) is None
    )  # the night was over an hour ago


@pytest.mark.parametrize(
    "quiet, now, until",
    [
        ("00:00-08:00", "2026-11-24 03:00", "2026-11-24 08:00"),
        ("00:00-08:00", "2026-11-24 23:00", None),
        ("20:00-00:00", "2026-11-24 21:00", "2026-11-25 00:00"),
        ("20:00-00:00", "2026-11-24 03:00", None),
        ("12:00-13:00", "2026-11-24 12:30", "2026-11-24 13:00"),  # within a day
        ("12:00-13:00", "2026-11-24 23:30", None),
        ("00:00-00:00", "2026-11-24 03:00", None),  # none at all
    ],
)
def test_quiet_hours_may_wrap_around_midnight_or_not(quiet: str, now: str, until: str | None) -> None:
    assert wall(replace(POLICY, quiet_hours=quiet).quiet_until(local(now), ZONE)) == until


def test_a_quiet_day_is_quiet_from_midnight_to_midnight() -> None:
    policy = replace(POLICY, quiet_days=(6, 7))
    assert wall(policy.quiet_until(local("2026-11-28 12:00"), ZONE)) == "2026-11-30 08:00"
    assert policy.quiet_until(local("2026-11-27 19:59"), ZONE) is None
    assert wall(policy.quiet_until(local("2026-11-27 20:00"), ZONE)) == "2026-11-30 08:00"


def test_a_week_of_quiet_days_is_never_a_promise_to_send() -> None:
    policy = replace(POLICY, quiet_days=(1, 2, 3, 4, 5, 6, 7))
    now = local("2026-11-24 12:00")
    until = policy.quiet_until(now, ZONE)
    assert until is not None
    assert until - now > timedelta(days=14)


clock = st.times().map(lambda at: at.strftime("%H:%M"))
zones = st.sampled_from(["Europe/Stockholm", "America/New_York", "Asia/Kathmandu"])
minutes = st.one_of(
    st.integers(0, 2 * 365 * 1440), st.integers(-600, 900).map(lambda n: SPRING + n), st.integers(-600, 900)
)
SPRING = 154 * 1440  # the clock goes forward; at 0 it goes back
moments = minutes.map(lambda n: datetime(2026, 10, 25, 1, tzinfo=UTC) + timedelta(minutes=n))


@given(clock, clock, st.sets(st.integers(1, 7), max_size=6), moments, zones)
def test_the_moment_given_lies_ahead_and_is_allowed(
    start: str, end: str, days: set[int], now: datetime, zone: str
) -> None:
    policy = replace(POLICY, quiet_hours=f"{start}-{end}", quiet_days=tuple(days))
    until = policy.quiet_until(now, ZoneInfo(zone))
    if until is not None:
        assert until > now
        assert policy.quiet_until(until, ZoneInfo(zone)) is None


# --- office hours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start, hours, end",
    [
        ("2026-11-24 10:00", 24, "2026-11-25 10:00"),
        ("2026-11-27 15:00", 24, "2026-11-30 15:00"),  # Friday to Monday
        ("2026-11-24 10:00", 72, "2026-11-27 10:00"),
        ("2026-11-26 10:00", 72, "2026-12-01 10:00"),  # over the weekend
        ("2026-11-24 18:00", 24, "2026-11-26 08:00"),  # after closing: as from the next opening
        ("2026-11-24 06:00", 24, "2026-11-25 08:00"),
        ("2026-11-28 12:00", 24, "2026-12-01 08:00"),  # on a Saturday
        ("2026-11-24 10:00", 4, "2026-11-24 14:00"),
        ("2026-11-24 14:00", 4, "2026-11-24 16:00"),  # not after closing
        ("2026-12-23 10:00", 24, "2026-12-28 10:00"),  # two holidays and a weekend
        ("2026-12-24 10:00", 24, "2026-12-29 08:00"),  # on a holiday
        ("2026-03-27 15:00", 24, "2026-03-30 15:00"),  # the clock goes forward in between
        ("2026-10-23 15:00", 24, "2026-10-26 15:00"),
    ],
)
def test_a_working_day_counts_as_twenty_four_hours(start: str, hours: int, end: str) -> None:
    policy = replace(POLICY, holidays=("2026-12-24", "2026-12-25"))
    assert wall(policy.office_hours_after(local(start), hours * HOUR, "permits", ZONE)) == end


@pytest.mark.parametrize(
    "start, end",
    [
        ("2026-11-24 06:00", "2026-11-24 08:00"),
        ("2026-11-24 15:59", "2026-11-24 15:59"),
        ("2026-11-24 16:00", "2026-11-25 08:00"),  # at closing time it is closed
        ("2026-11-24 19:55", "2026-11-25 08:00"),
        ("2026-11-27 19:55", "2026-11-30 08:00"),  # Friday evening
        ("2026-12-23 19:55", "2026-12-28 08:00"),  # before two holidays and a weekend
    ],
)
def test_the_office_is_open_from_some_moment_on(start: str, end: str) -> None:
    policy = replace(POLICY, holidays=("2026-12-24", "2026-12-25"))
    assert wall(policy.open_from(local(start), "permits", ZONE)) == end


def test_a_queue_has_opening_hours_of_its_own() -> None:
    policy = replace(POLICY, opening_hours={"": "08:00-16:00", "asylum": "10:00-12:00"})
    start = local("2026-11-24 13:00")
    assert wall(policy.office_hours_after(start, 24 * HOUR, "asylum", ZONE)) == "2026-11-26 10:00"
    assert wall(policy.office_hours_after(start, 24 * HOUR, "permits", ZONE)) == "2026-11-25 13:00"


weekdays = st.sets(st.integers(1, 7), min_size=1)
closed_days = st.sets(st.dates(date(2026, 10, 23), date(2026, 11, 2)))


@given(moments, st.integers(0, 200), weekdays, closed_days)
def test_what_is_promised_falls_in_office_hours_and_never_before_its_time(
    start: datetime, hours: int, days: set[int], holidays: set[date]
) -> None:
    policy = replace(POLICY, opening_days=tuple(sorted(days)), holidays=tuple(map(str, holidays)))
    end = policy.office_hours_after(start, hours * HOUR, "permits", ZONE)
    on_the_wall = end.astimezone(ZONE)
    assert end >= start
    assert policy.office_open(on_the_wall.date())
    assert "08:00" <= on_the_wall.strftime("%H:%M") <= "16:00"
    assert policy.office_hours_after(start, (hours + 1) * HOUR, "permits", ZONE) >= end


# --- settings by queue and language -------------------------------------------------------------------------


def test_a_setting_by_queue_falls_back_to_that_for_all() -> None:
    policy = replace(POLICY, outbound_voice={"": False, "permits": True})
    assert policy.for_queue("outbound_voice", "permits") is True
    assert policy.for_queue("outbound_voice", "asylum") is False
    assert replace(POLICY, public_phone={"permits": "1"}).for_queue("public_phone", "asylum") is None


@pytest.mark.parametrize(
    "queue, language, rate",
    [("permits", "ar", 0.1), ("permits", "sv", 0.2), ("asylum", "ar", 0.3), ("asylum", "sv", 0.4)],
)
def test_the_most_particular_sampling_rate_counts(queue: str, language: str, rate: float) -> None:
    policy = replace(POLICY, sampling={"": 0.4, "/ar": 0.3, "permits": 0.2, "permits/ar": 0.1})
    assert policy.sampling_rate(queue, language) == rate


def test_without_a_rate_everybody_is_in_the_sample() -> None:
    assert replace(POLICY, sampling={}).sampling_rate("permits", "sv") == 1.0


def test_changes_are_laid_over_what_was_and_leave_the_rest() -> None:
    policy = POLICY.with_changes({"quiet_days": [6, 7], "mode": "live"})
    assert (policy.quiet_days, policy.mode) == ((6, 7), "live")
    assert policy.with_changes({"mode": "trial"}).quiet_days == (6, 7)


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"quiet_hour": "20:00-08:00"}, "quiet_hour"),  # no such setting
        ({"quiet_hours": "8 to 20"}, "quiet_hours"),
        ({"mode": "off"}, "mode"),
        ({"sampling": {"": 2}}, "sampling"),
        ({"holidays": ["Christmas"]}, "holidays"),
        ({"quarantine_days": -1}, "quarantine_days"),
        ({"quarantine_days": "30"}, "quarantine_days"),
        ({"languages": ["sv"], "default_language": "en"}, "default_language"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        POLICY.with_changes(changes)
    assert refused.value.field == field


def test_without_any_day_open_a_promise_still_has_an_end() -> None:
    policy = replace(POLICY, opening_days=())
    start = local("2026-11-24 12:00")
    end = policy.office_hours_after(start, 72 * HOUR, "permits", ZONE)
    assert start < end < start + 10 * DAY
