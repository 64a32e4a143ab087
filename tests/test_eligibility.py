"""Who is invited, and the first reason why not: survey rules 1, 2 and 10."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.eligibility import (
    REASONS,
    WITHHELD,
    Case,
    Standing,
    channel,
    language_for,
    reason_not_to_invite,
    sampled,
)
from chalicelib.events import CallEnded
from chalicelib.numbers import Number, parse
from chalicelib.policy import Policy

SAMPLING = json.loads((Path(__file__).parent / "vectors/sampling.json").read_text(encoding="utf-8"))
ZONE = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
MOBILE, LANDLINE = "+46701740612", "+46313900612"

# What makes each reason hold, in the order in which the first one is given.
LADDER: list[tuple[str, dict[str, Any]]] = [
    ("test", {"test": True}),
    ("outbound", {"direction": "outbound"}),
    ("unanswered", {"answered": False}),
    ("excluded", {"survey": "never"}),
    ("too_short", {"talk": timedelta(seconds=19)}),
    ("no_number", {"caller": "anonymous"}),
    ("invalid_number", {"caller": "12"}),
    ("unsupported_number", {"countries": ("NO",)}),
    ("opted_out", {"opted_out": True}),
    ("survey_open", {"survey_open": True}),
    ("quarantined", {"quarantine_until": NOON + timedelta(days=1)}),
    ("language_not_live", {"language": None}),
    ("too_late", {"ended_at": NOON - timedelta(hours=2, seconds=1)}),
    ("killed", {"killed": ("queue:permits",)}),
    ("trial", {"mode": "trial"}),
    ("not_sampled", {"sampling": {"": 0.0}}),
    ("ceiling", {"invited_today": 5000}),
]


def a_case(**changes: Any) -> Case:
    """A call that is invited, but for what the test changes in call, standing or policy."""

    def of(kind: type) -> dict[str, Any]:
        return {name: value for name, value in changes.items() if name in kind.__dataclass_fields__}

    call = replace(
        CallEnded("c-1", MOBILE, NOON, queue="permits", talk=timedelta(seconds=240)),
        **{name: value for name, value in of(CallEnded).items() if name != "language"},
    )
    standing = Standing(**({"key": "k"} | of(Standing)))
    policy = replace(Policy(mode="live"), **of(Policy))
    return Case(call, parse(call.caller), standing, changes.get("language", "sv"), policy, ZONE, NOON)


def reason(**changes: Any) -> str | None:
    return reason_not_to_invite(a_case(**changes))


# --- rule 1 -------------------------------------------------------------------------------------------------


def test_a_caller_who_was_helped_by_a_person_is_invited() -> None:
    assert reason() is None


@pytest.mark.parametrize("name, changes", LADDER)
def test_each_reason_alone_keeps_the_caller_from_being_asked(name: str, changes: dict[str, Any]) -> None:
    assert reason(**changes) == name


@pytest.mark.parametrize("at", range(len(LADDER)))
def test_the_first_reason_is_given_whatever_else_holds(at: int) -> None:
    everything: dict[str, Any] = {}
    for _, changes in reversed(LADDER[at:]):
        everything |= changes
    assert reason(**everything) == LADDER[at][0]


def test_the_reasons_are_these_and_no_others() -> None:
    assert list(REASONS) == [name for name, _ in LADDER]


def test_a_talk_time_nobody_told_us_is_long_enough() -> None:
    assert reason(talk=None) is None
    assert reason(talk=timedelta(seconds=20)) is None
    assert reason(talk=timedelta(seconds=5), min_talk_seconds=5) is None


@pytest.mark.parametrize("caller", [None, *sorted(WITHHELD), " Anonymous ", "RESTRICTED"])
def test_a_withheld_number_is_no_number_whatever_the_phone_system_calls_it(caller: str | None) -> None:
    assert reason(caller=caller) == "no_number"


@pytest.mark.parametrize(
    "caller", ["12", "sip:someone@example.org", "+46", "+999 123", "hemligt nummer", "0" * 50]
)
def test_junk_is_an_invalid_number(caller: str) -> None:
    assert reason(caller=caller) == "invalid_number"


@pytest.mark.parametrize("caller", ["+447700900123", "+12125550123", "+46 70-174 06 12"])
def test_a_possible_number_is_enough(caller: str) -> None:
    assert reason(caller=caller) is None


def test_an_excluded_queue_is_not_asked() -> None:
    assert reason(excluded_queues=("permits",)) == "excluded"
    assert reason(excluded_queues=("asylum",)) is None


def test_only_countries_on_the_list_are_invited_when_there_is_one() -> None:
    assert reason(countries=("SE", "NO")) is None
    assert reason(countries=("NO",)) == "unsupported_number"


@pytest.mark.parametrize("switch, killed", [("all", True), ("queue:permits", True), ("language:sv", True),
                                            ("queue:asylum", False), ("language:en", False)])  # fmt: skip
def test_the_kill_switch_works_for_everything_a_queue_or_a_language(switch: str, killed: bool) -> None:
    assert reason(killed=(switch,)) == ("killed" if killed else None)


def test_in_trial_only_the_allow_list_is_invited() -> None:
    assert reason(mode="trial", allow_list=("k",)) is None
    assert reason(mode="trial", allow_list=("other",)) == "trial"


def test_two_hours_are_not_yet_too_late_and_a_call_that_is_not_over_by_our_clock_is_not_either() -> None:
    assert reason(ended_at=NOON - timedelta(hours=2)) is None
    assert reason(ended_at=NOON + timedelta(minutes=5)) is None


def test_quarantine_ends_to_the_second() -> None:
    assert reason(quarantine_until=NOON + timedelta(seconds=1)) == "quarantined"
    assert reason(quarantine_until=NOON) is None


def test_a_call_that_takes_an_invitation_over_is_not_a_new_invitation() -> None:
    taken = {"takes_over": True, "quarantine_until": NOON + timedelta(days=9)}
    assert reason(**taken, sampling={"": 0.0}, invited_today=9999) is None
    assert reason(**taken, killed=("all",)) == "killed"  # but it is still a message
    assert reason(**taken, opted_out=True) == "opted_out"


# --- sampling -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SAMPLING["cases"], ids=lambda case: str(case["call_id"]))
def test_the_sample_is_that_of_the_vectors(case: dict[str, Any]) -> None:
    year, week = case["salt"].split("-W")
    ended_at = datetime.fromisocalendar(int(year), int(week), 3).replace(hour=12, tzinfo=ZONE)
    call = CallEnded(case["call_id"], MOBILE, ended_at)
    assert sampled(call, 0.1, ZONE) == case["at_10pct"]
    assert sampled(call, 0.5, ZONE) == case["at_50pct"]
    assert sampled(call, case["fraction"] + 1e-9, ZONE)
    assert not sampled(call, case["fraction"] - 1e-9, ZONE)


def test_raising_the_rate_keeps_everyone_already_chosen() -> None:
    calls = [CallEnded(f"call-{n}", MOBILE, NOON) for n in range(300)]
    chosen = [{call.call_id for call in calls if sampled(call, rate, ZONE)} for rate in (0, 0.1, 0.3, 0.7, 1)]
    assert all(fewer < more for fewer, more in pairwise(chosen))
    assert (len(chosen[0]), len(chosen[-1])) == (0, 300)


def test_the_week_of_the_sample_is_the_offices_own() -> None:
    sunday_night = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)  # in Stockholm it is Monday of week 11
    call = CallEnded("call-0003", MOBILE, sunday_night)
    in_utc, in_stockholm = (
        [sampled(call, rate / 100, ZoneInfo(zone)) for rate in range(100)]
        for zone in ("UTC", "Europe/Stockholm")
    )
    assert in_utc != in_stockholm


def test_the_most_particular_rate_counts() -> None:
    rates = {"": 0.0, "/sv": 0.0, "permits": 0.0, "permits/sv": 1.0}
    assert reason(sampling=rates) is None
    assert reason(sampling=rates | {"permits/sv": 0.0, "permits": 1.0}) == "not_sampled"


# --- rule 2: channel ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caller, said, on_the_line, expected",
    [
        (MOBILE, None, False, "sms"),
        (MOBILE, "voice", False, "voice"),  # as the call says
        (MOBILE, None, True, "voice"),  # still connected
        (LANDLINE, None, False, "voice"),
        (LANDLINE, "sms", False, "voice"),  # cannot be texted, whatever the call says
        ("+12125550123", None, False, "sms"),  # fixed or mobile: America does not tell
    ],
)
def test_mobiles_are_texted_and_fixed_lines_rung(
    caller: str, said: str | None, on_the_line: bool, expected: str
) -> None:
    number = parse(caller)
    assert number is not None
    call = CallEnded("c", caller, NOON, channel=said, on_the_line=on_the_line)
    assert channel(call, number, "sv", Policy()) == expected


def test_speakers_of_a_voice_first_language_are_rung_where_we_ring_at_all() -> None:
    number = parse(MOBILE)
    assert number is not None
    policy = replace(Policy(), voice_first=("so",), outbound_voice={"": True})
    call = CallEnded("c", MOBILE, NOON)
    assert channel(call, number, "so", policy) == "voice"
    assert channel(call, number, "sv", policy) == "sms"
    assert channel(call, number, "so", replace(policy, outbound_voice={"": False})) == "sms"
    assert channel(replace(call, channel="sms"), number, "so", policy) == "sms"


def test_a_fixed_line_is_asked_only_where_we_ring() -> None:
    assert reason(caller=LANDLINE) == "unsupported_number"
    assert reason(caller=LANDLINE, outbound_voice={"": True}) is None
    assert reason(caller=LANDLINE, outbound_voice={"": True, "permits": False}) == "unsupported_number"
    assert reason(caller=LANDLINE, on_the_line=True) is None
    assert reason(channel="voice") == "unsupported_number"  # a mobile the call wants rung


def test_a_premium_number_is_not_for_us() -> None:
    premium = Number("+46701740612", channel=None, region="SE")
    assert reason_not_to_invite(replace(a_case(), number=premium)) == "unsupported_number"
    rung = a_case(outbound_voice={"": True}, channel="voice")
    assert reason_not_to_invite(replace(rung, number=premium)) == "unsupported_number"


# --- rule 10: language --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, last, queue, expected",
    [
        ("en", "sv", "sv", ("en", "call")),
        ("so", "en", "sv", ("en", "last")),  # not live: what they last answered in
        (None, "en", "sv", ("en", "last")),
        (None, None, "en", ("en", "queue")),
        ("so", "so", None, ("sv", "default")),
    ],
)
def test_the_language_is_the_calls_else_the_last_else_the_queues_else_the_default(
    said: str | None, last: str | None, queue: str | None, expected: tuple[str, str]
) -> None:
    policy = replace(Policy(), queue_languages={"permits": queue} if queue else {})
    assert (
        language_for(CallEnded("c", MOBILE, NOON, language=said, queue="permits"), last, policy) == expected
    )


def test_without_even_the_fallback_nobody_is_asked() -> None:
    policy = replace(Policy(), languages=("en",), default_language="sv")
    assert language_for(CallEnded("c", MOBILE, NOON, language="so"), None, policy) == (None, "default")


def test_numbers_have_a_channel() -> None:
    assert parse(MOBILE) == Number(MOBILE, "sms", "SE")
    assert parse(LANDLINE) == Number(LANDLINE, "voice", "SE")
