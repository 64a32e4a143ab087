"""Other contact centres: one conversation is one survey, in whatever order and however often it is told of."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from chalicelib import centres
from chalicelib.events import CallEnded
from chalicelib.sources import amazon_connect
from infra.sources.recorded import read
from tests.engine_fixture import Engine
from tests.in_process import Bench, on
from tests.sources.test_amazon_connect import conversation, event
from tests.stage import Stage

CALLER = "+46701740612"
RECORD = Path(__file__).parent / "fixtures" / "amazon_connect" / "contact_record_inbound.json"
CDR = Path(__file__).parent / "fixtures" / "freeswitch" / "json_cdr.json"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    return on(engine.dynamodb, engine.table)


def told(bench: Bench, *messages: CallEnded) -> dict[str, Any]:
    for message in messages:
        bench.service.intake.told(message)
    shape: dict[str, Any] = bench.service.api.call(messages[0].call_id)
    return shape


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_call_handed_on_twice_is_one_survey_credited_to_the_last_queue(
    bench: Bench, order: tuple[int, ...]
) -> None:
    first = replace(bench.call(CALLER, call_id="c-1"), queue="switchboard", chain=("switchboard",))
    second = replace(first, queue="permits", chain=("switchboard", "permits"))
    third = replace(first, queue="citizenship", chain=("switchboard", "permits", "citizenship"))
    messages = [first, second, third]
    call = told(bench, *(messages[n] for n in order), *messages)
    assert call["decision"] == "invited"
    assert (call["queue"], call["chain"]) == ("citizenship", ["switchboard", "permits", "citizenship"])
    assert len(bench.service.api.newest_calls(10)[0]) == 1


def test_what_was_sent_is_not_credited_anew(bench: Bench) -> None:
    survey_id = bench.invited(CALLER, call_id="c-1", chain=("permits",))
    later = replace(bench.call(CALLER, call_id="c-1"), queue="other", chain=("permits", "other"))
    assert told(bench, later)["queue"] == "permits"
    assert bench.store.survey(survey_id)


def test_a_call_that_rang_in_vain_and_was_answered_elsewhere_is_surveyed_after_all(bench: Bench) -> None:
    answered = bench.call(CALLER, call_id="c-1")
    assert told(bench, replace(answered, answered=False))["reason"] == "unanswered"
    assert told(bench, answered)["decision"] == "invited"
    assert told(bench, replace(answered, answered=False))["decision"] == "invited"
    assert len(bench.queue.asked) == 1


def test_connects_events_of_one_conversation_make_one_survey(bench: Bench) -> None:
    contacts = conversation()
    messages = [
        amazon_connect.parse(event(contact, 30), lambda _, id: contacts.get(id, {})) for contact in contacts
    ]
    ended = [message for message in messages if isinstance(message, CallEnded)]
    assert ended
    bench.now = ended[0].ended_at + timedelta(minutes=1)
    told(bench, *ended, *ended[::-1])
    assert len(bench.service.api.newest_calls(10)[0]) == 1


def test_contact_records_come_from_kinesis_too_and_an_unreadable_one_holds_nothing_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(centres, "service", lambda: bench.service)
    monkeypatch.setattr(centres, "_connect_contacts", lambda: lambda instance, contact: {})
    body = read(RECORD.read_bytes()).body
    batch = [{"kinesis": {"data": base64.b64encode(data).decode()}} for data in (b"no JSON", body, body)]
    centres.connect_records({"Records": batch})
    call_id = json.loads(body)["ContactId"]
    assert bench.service.api.call(call_id)["decision"] == "not_invited"  # of years ago: too late


def connect_flow(bench: Bench, monkeypatch: pytest.MonkeyPatch, keys: str) -> list[dict[str, str]]:
    """What a Connect flow that loops over `connect_ask` gets to say, for these keys."""
    monkeypatch.setattr(centres, "service", lambda: bench.service)
    contact = {
        "InitialContactId": "c-1",
        "CustomerEndpoint": {"Address": CALLER},
        "Queue": {"Name": "permits"},
    }
    turns = [centres.connect_turn({"Details": {"ContactData": contact, "Parameters": {}}})]
    for digit in keys:
        said = {"survey": turns[-1]["survey"], "question": turns[-1]["question"], "digits": digit}
        turns.append(centres.connect_turn({"Details": {"ContactData": contact, "Parameters": said}}))
    return turns


def test_a_connect_flow_asks_the_three_questions_on_the_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = connect_flow(bench, monkeypatch, "121")
    assert [turn["question"] for turn in turns] == ["service-1", "time-1", "resolved-1", ""]
    assert [turn["listen"] for turn in turns] == ["yes", "yes", "yes", "no"]
    call = bench.service.api.call("c-1")
    assert (call["disposition"], call["channel"], call["queue"]) == ("complete", "voice", "permits")


def test_a_caller_who_may_not_be_asked_hears_nothing_in_the_flow(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.service.api.change_settings({"killed": ["all"]}, "ops")
    assert connect_flow(bench, monkeypatch, "")[0]["listen"] == "no"


def test_an_error_ends_the_flow_and_not_the_call(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centres, "service", lambda: bench.service)
    assert centres.connect_turn({"Details": {"ContactData": {}}})["listen"] == "no"


def test_a_record_of_another_system_is_posted_under_our_signature(stage: Stage) -> None:
    body = read(CDR.read_bytes()).body
    first = stage.post(body, "/webhooks/freeswitch")
    again = stage.post(body, "/webhooks/freeswitch")
    assert (first.status, again.status) == (202, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    "path, status", [("/webhooks/nobody", 404), ("/webhooks/zoom_phone", 404), ("/webhooks/asterisk", 204)]
)
def test_what_no_source_says_is_refused(stage: Stage, path: str, status: int) -> None:
    answer = stage.post({"event": "nothing"}, path)
    assert (answer.status, answer.kind) == (status, "application/problem+json" if status > 400 else "")


def test_an_unsigned_record_is_refused(stage: Stage) -> None:
    assert (
        stage.ask("POST", "/webhooks/freeswitch", b"{}", {"Content-Type": "application/json"}).status == 401
    )
