"""Twilio's status callback: only a terminal status of an inbound call ends one."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.twilio import call_status

FIXTURES = Path(__file__).parents[1] / "fixtures" / "twilio"
NOW = datetime(2026, 11, 21, 9, 2, 41, tzinfo=UTC)
COMPLETED = {
    "CallSid": "CA00000000000000000000000000000001",
    "CallStatus": "completed",
    "Direction": "inbound",
    "From": "+46701740612",
    "To": "+46313900600",
    "CallDuration": "49",
    "Duration": "1",
    "Timestamp": "Sat, 21 Nov 2026 10:02:40 +0100",
}


def recorded(name: str) -> dict[str, str]:
    return dict(json.loads((FIXTURES / name).read_text())["params"])


def ended(**changed: str) -> CallEnded:
    call = call_status(COMPLETED | changed, NOW)
    assert isinstance(call, CallEnded)
    return call


def refused(**changed: str) -> str:
    call = call_status(COMPLETED | changed, NOW)
    assert isinstance(call, NotACall)
    return call.reason


def test_a_completed_inbound_call_ends_with_its_length_in_seconds() -> None:
    assert ended() == CallEnded(
        call_id="CA00000000000000000000000000000001",
        caller="+46701740612",
        ended_at=datetime(2026, 11, 21, 9, 2, 40, tzinfo=UTC),
        talk=timedelta(seconds=49),
    )


@pytest.mark.parametrize(
    "name, reason",
    [
        ("voice_status_completed_human.json", "not an inbound call: outbound-api"),
        ("voice_status_busy_486.json", "not an inbound call: outbound-api"),
        ("voice_status_in-progress.json", "not an inbound call: outbound-api"),
        ("voice_status_no-answer.json", "not an inbound call: outbound-api"),
        ("voice_inbound_ringing.json", "not over yet: ringing"),
        ("gather_action_digits.json", "not over yet: in-progress"),
    ],
)
def test_a_recorded_message_that_ends_no_inbound_call_says_why(name: str, reason: str) -> None:
    assert call_status(recorded(name), NOW) == NotACall(reason)


@pytest.mark.parametrize(
    "name",
    [
        "voice_status_completed_human.json",
        "voice_status_busy_486.json",
        "voice_status_no-answer.json",
    ],
)
def test_a_recorded_terminal_status_ends_the_call_when_it_came_in(name: str) -> None:
    call = call_status(recorded(name) | {"Direction": "inbound"}, NOW)
    assert isinstance(call, CallEnded)
    assert call.answered == ("completed" in name)


@pytest.mark.parametrize("status", ["busy", "no-answer", "canceled", "failed"])
def test_an_inbound_call_nobody_took_ends_unanswered(status: str) -> None:
    assert not ended(CallStatus=status).answered


@pytest.mark.parametrize(
    "dial, answered",
    [
        ("completed", True),
        ("answered", True),
        ("busy", False),
        ("no-answer", False),
        ("canceled", False),
    ],
)
def test_the_dialled_agent_decides_whether_a_completed_call_was_answered(dial: str, answered: bool) -> None:
    assert ended(DialCallStatus=dial, DialCallDuration="31").answered is answered


def test_talk_is_the_agents_part_of_the_call_when_twilio_tells_it() -> None:
    assert ended(DialCallStatus="completed", DialCallDuration="0").talk == timedelta(0)


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", "in-progress", "", "COMPLETED"])
def test_a_status_that_is_not_terminal_ends_nothing(status: str) -> None:
    assert refused(CallStatus=status).startswith("not over yet")


@pytest.mark.parametrize("direction", ["outbound-api", "outbound-dial", "", "trunking-originating"])
def test_only_inbound_calls_end_here(direction: str) -> None:
    assert refused(Direction=direction).startswith("not an inbound call")


@pytest.mark.parametrize(
    "written, caller",
    [
        ("anonymous", None),
        ("+266696687", None),  # ANONYMOUS on a keypad
        ("+7378742833", None),  # RESTRICTED
        ("client:ann", None),
        ("sip:1001@pbx.example", None),
        ("sip:+46701740612@pbx.example;transport=tls", "+46701740612"),
        ("", None),
    ],
)
def test_who_shows_no_number_has_none(written: str, caller: str | None) -> None:
    assert ended(From=written).caller == caller


def test_without_a_timestamp_the_call_ended_now() -> None:
    assert ended(Timestamp="").ended_at == NOW


@pytest.mark.parametrize(
    "field, value",
    [
        ("CallSid", ""),
        ("CallSid", "CA1"),
        ("CallSid", "SM00000000000000000000000000000001"),
        ("Timestamp", "yesterday"),
        ("Timestamp", "Sat, 31 Feb 2026 10:02:40 +0000"),
        ("Timestamp", "Sat, 21 Nov 2026 10:02:40 -0000"),  # "I do not know my zone"
        ("Timestamp", "Sat, 21 Nov 1926 10:02:40 +0000"),
        ("CallDuration", "-1"),
        ("CallDuration", "forty"),
        ("CallDuration", "999999"),
    ],
)
def test_a_malformed_field_is_named(field: str, value: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        ended(**{field: value})
    assert refusal.value.field == field
