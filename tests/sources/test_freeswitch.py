"""FreeSWITCH: strings everywhere, local stamps that are not to be trusted, and legs that are not calls."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.freeswitch import parse

FIXTURE = Path(__file__).parents[1] / "fixtures" / "freeswitch" / "json_cdr.json"
KIRUNA = ZoneInfo("Europe/Stockholm")
CALLER = "+46701740612"


def record(shown: str | None = CALLER, **variables: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIXTURE.read_text())["body"]
    found["variables"] |= variables
    found["callflow"][0]["caller_profile"]["caller_id_number"] = shown
    return found


def ended(message: dict[str, Any]) -> CallEnded:
    call = parse(json.dumps(message).encode(), KIRUNA)
    assert isinstance(call, CallEnded)
    return call


def test_the_recorded_call_between_extensions_shows_no_number() -> None:
    assert ended(json.loads(FIXTURE.read_text())["body"]) == CallEnded(
        call_id="5a3a1d91-90d3-4db4-af5c-cc3ae15d93a4",
        caller=None,
        ended_at=datetime(2018, 3, 14, 11, 9, 48, tzinfo=UTC),  # the stamp says 07:09:48, somewhere
        started_at=datetime(2018, 3, 14, 11, 9, 18, tzinfo=UTC),
        wait=timedelta(seconds=9),
        talk=timedelta(seconds=21),
    )


def test_a_call_from_outside_shows_its_number() -> None:
    assert ended(record()).caller == CALLER


def test_percent_encoded_values_are_read() -> None:
    message = record(quote(CALLER), survey_queue="Uppeh%C3%A5llstillst%C3%A5nd", cc_queue="permits%40default")
    assert ended(message).caller == CALLER
    assert ended(message).queue == "Uppehållstillstånd"


def test_a_posted_form_is_read() -> None:
    body = urlencode({"cdr": json.dumps(record())}).encode()
    call = parse(body, KIRUNA)
    assert isinstance(call, CallEnded)
    assert call.caller == CALLER


@pytest.mark.parametrize("shown", ["anonymous", "Unavailable", ""])
def test_a_withheld_number_stays_withheld_though_the_signalling_knows_it(shown: str) -> None:
    assert ended(record(shown, sip_from_user=CALLER)).caller is None


def test_a_hidden_number_is_not_used() -> None:
    assert ended(record(privacy_hide_number="true")).caller is None


def test_after_a_transfer_the_caller_is_who_rang_at_first() -> None:
    message = record()
    second = {"profile_index": "3", "caller_profile": {"caller_id_number": "+46313900600"}, "times": {}}
    message["callflow"].insert(0, second)
    assert ended(message).caller == CALLER


@pytest.mark.parametrize(
    "variables",
    [
        {"answer_epoch": "0"},
        {"cc_queue": "permits@default", "cc_queue_answered_epoch": "0"},  # music, then nobody
        {"cc_queue": "permits@default"},
    ],
)
def test_nobody_on_the_line_is_unanswered(variables: dict[str, str]) -> None:
    call = ended(record(**variables))
    assert (call.answered, call.talk, call.wait) == (False, None, None)


def test_a_queues_call_waits_from_joining_and_talks_from_the_agents_answer() -> None:
    call = ended(
        record(
            cc_queue="permits@default",
            cc_agent="1002@default",
            cc_queue_joined_epoch="1521025760",
            cc_queue_answered_epoch="1521025770",
        )
    )
    assert (call.queue, call.agent) == ("permits", "1002")
    assert (call.wait, call.talk) == (timedelta(seconds=10), timedelta(seconds=18))


@pytest.mark.parametrize(
    "said, direction",
    [
        ({"direction": "outbound"}, "outbound"),
        ({"call_direction": "outbound"}, "outbound"),
        ({"call_direction": "local"}, "internal"),
        ({"call_direction": "inbound"}, "inbound"),
    ],
)
def test_the_dialplan_may_know_the_direction_better(said: dict[str, str], direction: str) -> None:
    assert ended(record(**said)).direction == direction


def test_the_agents_leg_is_no_call_of_its_own() -> None:
    body = json.dumps(record(originating_leg_uuid="aaaa")).encode()
    assert parse(body, KIRUNA) == NotACall("the dialled leg of another call")


def test_the_dialplan_keeps_the_chain() -> None:
    call = ended(record(survey_chain="switchboard, permits", survey_queue="permits"))
    assert (call.queue, call.chain) == ("permits", ("switchboard", "permits"))


@pytest.mark.parametrize(
    "field, value",
    [
        ("uuid", ""),
        ("uuid", "a b"),
        ("end_epoch", "0"),
        ("end_epoch", "2018-03-14 07:09:48"),
        ("end_epoch", "9" * 18),
    ],
)
def test_a_call_nobody_could_name_or_date_is_refused(field: str, value: str) -> None:
    with pytest.raises(BadRequest, match=rf"^variables\.{field}"):
        ended(record(**{field: value}))
