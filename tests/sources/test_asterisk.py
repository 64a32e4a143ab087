"""Asterisk: a destroyed channel, or a row of the CDR table with its wall clock."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.asterisk import parse

FIXTURE = Path(__file__).parents[1] / "fixtures" / "asterisk" / "ari_channel_destroyed.json"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
ROW = {
    "uniqueid": "1594380180.12",
    "linkedid": "1594380180.12",
    "src": "+46701740612",
    "start": "2026-07-10 17:00:00",
    "answer": "2026-07-10 17:00:12",
    "end": "2026-07-10 17:03:00",
    "billsec": "168",
    "disposition": "ANSWERED",
    "lastapp": "Queue",
    "lastdata": "permits,t",
}
MANAGER = {
    "Event": "Cdr",
    "UniqueID": "1594380180.12",
    "Source": "+46701740612",
    "EndTime": "2026-07-10 17:03:00",
    "BillableSeconds": "168",
    "Disposition": "ANSWERED",
    "LastApplication": "Queue",
    "LastData": "permits,t",
}


def destroyed(**channel: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIXTURE.read_text())["body"]
    found["channel"] |= channel
    return found


def ended(message: dict[str, Any]) -> CallEnded:
    call = parse(json.dumps(message).encode(), STOCKHOLM)
    assert isinstance(call, CallEnded)
    return call


def test_the_recorded_channel_ends_a_call() -> None:
    assert ended(destroyed()) == CallEnded(
        call_id="1594380180.12",
        caller="+15550001000",
        ended_at=datetime(2026, 7, 10, 15, 3, tzinfo=UTC),
        started_at=datetime(2026, 7, 10, 15, 0, tzinfo=UTC),
    )


def test_the_table_and_the_manager_tell_the_same_call_in_local_time() -> None:
    expected = CallEnded(
        call_id="1594380180.12",
        caller="+46701740612",
        ended_at=datetime(2026, 7, 10, 15, 3, tzinfo=UTC),
        queue="permits",
        talk=timedelta(seconds=168),
    )
    assert ended(ROW) == ended(MANAGER) == expected


def test_a_careful_senders_offset_is_believed() -> None:
    assert ended(ROW | {"end": "2026-07-10T15:03:00Z"}).ended_at == datetime(2026, 7, 10, 15, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "channel",
    [
        {"state": "Ringing"},
        {"state": "Down"},
        {"connected": {"name": "", "number": ""}},  # a queue answered and played music
    ],
)
def test_nobody_on_the_line_is_unanswered(channel: dict[str, Any]) -> None:
    assert not ended(destroyed(**channel)).answered


@pytest.mark.parametrize("disposition", ["NO ANSWER", "BUSY", "FAILED", "CONGESTION", ""])
def test_a_row_that_was_not_answered_says_so(disposition: str) -> None:
    assert not ended(ROW | {"disposition": disposition}).answered


def test_channel_variables_carry_language_queue_and_whether_a_person_answered() -> None:
    variables = {"SURVEY_LANGUAGE": "fa", "SURVEY_QUEUE": "permits", "SURVEY_ANSWERED": "yes"}
    call = ended(destroyed(channelvars=variables, connected={"name": "", "number": ""}))
    assert (call.language, call.queue, call.answered) == ("fa", "permits", True)


@pytest.mark.parametrize("number", ["1001", "anonymous", "", "asterisk", "ann"])
def test_who_shows_no_number_has_none(number: str) -> None:
    assert ended(destroyed(caller={"name": "", "number": number})).caller is None


@pytest.mark.parametrize(
    "message",
    [
        ROW | {"uniqueid": "1594380181.13"},
        destroyed(channelvars={"CHANNEL(linkedid)": "1594380180.11"}),
    ],
    ids=["row", "channel"],
)
def test_a_dialled_channel_is_no_call_of_its_own(message: dict[str, Any]) -> None:
    assert isinstance(parse(json.dumps(message).encode(), STOCKHOLM), NotACall)


def test_another_event_ends_no_call() -> None:
    assert parse(b'{"type": "StasisStart"}', STOCKHOLM) == NotACall("not the end of a call: StasisStart")


@pytest.mark.parametrize(
    "message, field",
    [
        (ROW | {"end": "2026-03-29 02:30:00"}, "end: never was on a clock in Europe/Stockholm"),
        (ROW | {"end": "10/07/2026 17:03"}, "end"),
        (ROW | {"end": None}, "end"),
        (ROW | {"uniqueid": None}, "uniqueid"),
        (destroyed(id=""), "channel.id"),
        (destroyed() | {"timestamp": "2026-07-10T15:03:00.000"}, "timestamp"),
    ],
)
def test_a_call_nobody_could_name_or_date_is_refused(message: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest, match=rf"^{field}"):
        ended(message)


def test_the_hour_shown_twice_is_taken_as_the_first() -> None:
    assert ended(ROW | {"end": "2026-10-25 02:30:00"}).ended_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
