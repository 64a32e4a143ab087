"""Amazon Connect: one conversation is one call, however its contacts were handed on and their events arrive."""

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.amazon_connect import parse

FIXTURES = Path(__file__).parents[1] / "fixtures" / "amazon_connect"
INSTANCE = "arn:aws:connect:eu-north-1:123456789012:instance/12345678-1234-1234-1234-123456789012"
FIRST, SECOND, THIRD = "11111111-aaaa", "22222222-bbbb", "33333333-cccc"


def moment(minute: int) -> str:
    return f"2026-11-21T09:{minute:02}:00.000Z"


def contact(
    id: str, previous: str | None, queue: str, start: int, end: int | None, **more: Any
) -> dict[str, Any]:
    """What DescribeContact says: half an hour's call, handed on twice."""
    return {
        "Id": id,
        "InitialContactId": FIRST,
        "PreviousContactId": previous,
        "InitiationMethod": "TRANSFER" if previous else "INBOUND",
        "Channel": "VOICE",
        "InitiationTimestamp": moment(start),
        "DisconnectTimestamp": moment(end) if end else None,
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+46701740612"},
        "QueueInfo": {"Id": f"{queue}-id", "Name": queue, "EnqueueTimestamp": moment(start + 1)},
        "AgentInfo": {"Id": f"agent-{queue}", "ConnectedToAgentTimestamp": moment(start + 3)},
        **more,
    }


def conversation(last_ends: int | None = 30) -> dict[str, dict[str, Any]]:
    handed_to = {"NextContactMetadata": {"QuickConnectContactData": {"ContactId": SECOND}}}
    associated = {"ContactId": THIRD, "InitialContactId": FIRST}
    return {
        FIRST: contact(FIRST, None, "switchboard", 0, 10, NextContacts=[handed_to]),
        SECOND: contact(
            SECOND,
            FIRST,
            "permits",
            9,
            20,
            ContactSummaryList=[associated],
        ),
        THIRD: contact(
            THIRD, SECOND, "appeals", 19, last_ends, Attributes={"survey_language": "uk", "name": "Ann"}
        ),
    }


def event(id: str, end: int, **more: Any) -> dict[str, Any]:
    detail = {
        "eventType": "DISCONNECTED",
        "contactId": id,
        "initialContactId": FIRST,
        "channel": "VOICE",
        "instanceArn": INSTANCE,
        "initiationMethod": "TRANSFER",
        "disconnectTimestamp": moment(end),
    }
    return {"detail-type": "Amazon Connect Contact Event", "source": "aws.connect", "detail": detail | more}


def parsed(message: Mapping[str, Any], contacts: Mapping[str, Mapping[str, Any]]) -> CallEnded | NotACall:
    return parse(message, lambda _, id: contacts.get(id, {}))


def test_a_conversation_handed_on_twice_is_one_call_credited_to_the_last_queue() -> None:
    assert parsed(event(THIRD, 30), conversation()) == CallEnded(
        call_id=FIRST,
        caller="+46701740612",
        ended_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        started_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
        language="uk",
        queue="appeals",
        agent="agent-appeals",
        wait=timedelta(minutes=2),
        talk=timedelta(minutes=27),
        chain=("switchboard", "permits", "appeals"),
    )


def test_whichever_contacts_event_comes_last_the_call_is_the_same() -> None:
    ends = {FIRST: 10, SECOND: 20, THIRD: 30}
    told = {parsed(event(id, end), conversation()).__repr__() for id, end in ends.items()}
    assert len(told) == 1


def test_as_long_as_one_contact_goes_on_the_call_has_not_ended() -> None:
    for id, end in [(FIRST, 10), (SECOND, 20)]:
        assert parsed(event(id, end), conversation(last_ends=None)) == NotACall(
            "handed on: the conversation goes on in another contact"
        )


def test_the_event_knows_its_own_contacts_end_before_it_can_be_looked_up() -> None:
    call = parsed(event(THIRD, 30), conversation(last_ends=None))
    assert isinstance(call, CallEnded)
    assert call.ended_at == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_every_message_of_one_conversation_has_one_call_id_in_any_order() -> None:
    messages = [
        event(id, end, eventType=kind)
        for id, end in [(FIRST, 10), (SECOND, 20), (THIRD, 30)]
        for kind in ("DISCONNECTED", "COMPLETED")
    ]
    for order in itertools.permutations(messages, 3):
        calls = [parsed(message, conversation()) for message in order]
        assert {call.call_id for call in calls if isinstance(call, CallEnded)} == {FIRST}


def test_when_nothing_can_be_looked_up_the_event_alone_makes_a_call_without_a_number() -> None:
    call = parsed(event(SECOND, 20), {})
    assert isinstance(call, CallEnded)
    assert (call.call_id, call.caller) == (FIRST, None)


def test_a_consultation_that_ended_before_the_call_did_changes_nothing_but_the_chain() -> None:
    contacts = conversation()
    contacts[FIRST]["DisconnectTimestamp"] = moment(40)
    call = parsed(event(FIRST, 40), contacts)
    assert isinstance(call, CallEnded)
    assert call.ended_at == datetime(2026, 11, 21, 9, 40, tzinfo=UTC)


def test_a_conversation_handed_on_without_end_is_followed_for_a_while() -> None:
    asked: list[str] = []

    def describe(_: str, id: str) -> dict[str, Any]:
        asked.append(id)
        return contact(id, f"{id[:8]}-{len(asked)}", "permits", 0, 10)

    assert isinstance(parse(event(FIRST, 10), describe), CallEnded)
    assert len(asked) == len(set(asked)) == 12


def test_the_instance_asked_is_the_events_own() -> None:
    asked: set[tuple[str, str]] = set()

    def describe(instance: str, id: str) -> dict[str, Any]:
        asked.add((instance, id))
        return {}

    parse(event(FIRST, 10), describe)
    assert asked == {("12345678-1234-1234-1234-123456789012", FIRST)}


def test_the_documented_event_is_an_outbound_call_that_shows_no_number() -> None:
    call = parsed(json.loads((FIXTURES / "eventbridge_disconnected.json").read_text())["event"], {})
    assert isinstance(call, CallEnded)
    assert (call.direction, call.caller, call.answered) == ("outbound", None, True)
    assert call.call_id == "11111111-2222-3333-4444-555555555555"
    assert call.ended_at == datetime(2021, 8, 4, 17, 18, 37, tzinfo=UTC)


def test_a_contact_record_tells_everything_itself() -> None:
    call = parsed(json.loads((FIXTURES / "contact_record_inbound.json").read_text())["record"], {})
    assert call == CallEnded(
        call_id="15a5cf14-0000-4000-8000-000000000000",
        caller="+12025550143",
        ended_at=datetime(2022, 4, 8, 15, 1, 22, tzinfo=UTC),
        started_at=datetime(2022, 4, 8, 14, 59, 38, tzinfo=UTC),
        queue="BasicQueue",
        agent="agent1",
        wait=timedelta(seconds=7),
        talk=timedelta(seconds=33),
    )


def test_names_may_be_written_in_any_case() -> None:
    shouted = {name.upper(): value for name, value in event(THIRD, 30)["detail"].items()}
    assert parsed({"DETAIL": shouted}, conversation()) == parsed(event(THIRD, 30), conversation())


@pytest.mark.parametrize("method", ["OUTBOUND", "EXTERNAL_OUTBOUND", "CALLBACK", "API", "outbound"])
def test_a_conversation_we_began_is_outbound_whoever_it_was_handed_to(method: str) -> None:
    contacts = conversation()
    contacts[FIRST]["InitiationMethod"] = method
    call = parsed(event(THIRD, 30), contacts)
    assert isinstance(call, CallEnded)
    assert call.direction == "outbound"


def test_a_caller_who_gave_up_in_the_queue_was_not_answered() -> None:
    waiting = contact(FIRST, None, "permits", 0, 10, AgentInfo=None)
    call = parsed(event(FIRST, 10), {FIRST: waiting})
    assert isinstance(call, CallEnded)
    assert (call.answered, call.talk, call.queue) == (False, None, "permits")


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"eventType": "CONNECTED_TO_AGENT"}, "not over yet: CONNECTED_TO_AGENT"),
        ({"eventType": None}, "not over yet: something unexpected"),
        ({"channel": "CHAT"}, "not a voice contact: CHAT"),
        ({"initiationMethod": "MONITOR"}, "a supervisor listening in"),
    ],
)
def test_what_ends_no_call_says_why(changed: dict[str, Any], reason: str) -> None:
    assert parsed(event(FIRST, 10, **changed), {}) == NotACall(reason)


@pytest.mark.parametrize(
    "field, value",
    [
        ("contactId", None),
        ("contactId", "a/b"),
        ("disconnectTimestamp", None),
        ("disconnectTimestamp", "2026-11-21T09:10:00"),  # without an offset
    ],
)
def test_a_call_nobody_could_name_or_date_is_refused(field: str, value: object) -> None:
    with pytest.raises(BadRequest, match=field):
        parsed(event(FIRST, 10, **{field: value}), {})


def test_the_team_is_the_smallest_group_of_the_agents_hierarchy() -> None:
    groups = {"Level1": {"GroupName": "Sweden"}, "Level2": {"GroupName": "north"}, "Level3": None}
    alone = contact(FIRST, None, "permits", 0, 10)
    alone["AgentInfo"]["HierarchyGroups"] = groups
    call = parsed(event(FIRST, 10), {FIRST: alone})
    assert isinstance(call, CallEnded)
    assert call.team == "north"


def test_a_failing_look_up_is_passed_on_so_that_the_event_comes_again() -> None:
    def throttled(_: str, __: str) -> dict[str, Any]:
        raise ConnectionError("TooManyRequestsException")

    with pytest.raises(ConnectionError):
        parse(event(FIRST, 10), throttled)
