"""Genesys Cloud: the customer's end of a conversation, with what can be looked up about it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.genesys_cloud import parse

FIXTURE = Path(__file__).parents[1] / "fixtures" / "genesys_cloud" / "eventbridge_customer_end.json"
ID = "11111111-1111-4111-8111-111111111111"


def at(minute: int, second: int) -> str:
    return f"2025-12-12T15:{minute:02}:{second:02}Z"


CONVERSATION: dict[str, Any] = {
    "id": ID,
    "participants": [
        {"purpose": "customer", "attributes": {"survey_language": "ar", "case": "K-1"}},
        {"purpose": "acd", "queueName": "permits", "startTime": at(1, 0)},
        {"purpose": "acd", "queueName": "switchboard", "startTime": at(0, 0)},
        {
            "purpose": "agent",
            "userId": "u-1",
            "startTime": "2025-12-12T15:00:10Z",
            "connectedTime": "2025-12-12T15:00:20Z",
        },
        {
            "purpose": "agent",
            "userId": "u-2",
            "startTime": "2025-12-12T15:01:10Z",
            "connectedTime": "2025-12-12T15:01:20Z",
        },
        {"purpose": "agent", "userId": "u-3", "startTime": at(1, 30)},
    ],
}


def event(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIXTURE.read_text())["event"]
    found["detail"]["eventBody"] |= changed
    return found


def ended(looked_up: dict[str, Any] | None = None, **changed: Any) -> CallEnded:
    call = parse(event(**changed), lambda _: looked_up or {})
    assert isinstance(call, CallEnded)
    return call


def refused(message: dict[str, Any]) -> str:
    call = parse(message, lambda _: {})
    assert isinstance(call, NotACall)
    return call.reason


def test_the_event_alone_gives_number_time_and_length() -> None:
    assert ended() == CallEnded(
        call_id=ID,
        caller="+15555550520",
        ended_at=datetime(2025, 12, 12, 15, 2, 30, 107000, tzinfo=UTC),
        talk=timedelta(seconds=73),
    )


def test_the_conversation_adds_queues_in_their_order_agent_and_language() -> None:
    call = ended(CONVERSATION)
    assert (call.queue, call.chain) == ("permits", ("switchboard", "permits"))
    assert call.agent == "u-2"  # u-3 let it ring
    assert (call.language, dict(call.attributes)) == ("ar", {})


def test_a_caller_no_agent_spoke_to_was_not_answered() -> None:
    abandoned = {
        "participants": [part for part in CONVERSATION["participants"] if part["purpose"] != "agent"]
    }
    assert not ended(abandoned).answered
    assert not ended(interactingDurationMs=0).answered


@pytest.mark.parametrize(
    "ani, caller",
    [
        ("tel:+46701740612", "+46701740612"),
        ("tel:+46701740612;ext=7", "+46701740612"),
        ("sip:+46701740612@trunk.example:5060;user=phone", "+46701740612"),
        ("sip:ann@pbx.example", None),
        ("sip:anonymous@anonymous.invalid", None),
        ("tel:anonymous", None),
        ("tel:1001", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_become_numbers_or_nothing(ani: object, caller: str | None) -> None:
    assert ended(ani=ani).caller == caller


def test_the_detail_type_may_name_the_conversation() -> None:
    named = event() | {"detail-type": f"v2.detail.events.conversation.{ID}.customer.end"}
    assert isinstance(parse(named, lambda _: {}), CallEnded)


def test_outbound_is_said() -> None:
    assert ended(direction="OUTBOUND").direction == "outbound"


def test_what_ends_no_call_says_why() -> None:
    agent = event() | {"detail-type": "v2.detail.events.conversation.{id}.user.end"}
    assert refused(agent) == "not the customer's end of a conversation"
    assert refused(event(mediaType="CHAT")) == "not a voice conversation: CHAT"
    assert refused(event(disconnectType="CONSULT_TRANSFER")) == "handed on: the conversation continues"


@pytest.mark.parametrize(
    "field, value",
    [
        ("conversationId", None),
        ("eventTime", None),
        ("eventTime", "2025-12-12T15:02:30"),
        ("eventTime", 1765551750),  # seconds where milliseconds belong
        ("eventTime", True),
        ("eventTime", 10**30),
    ],
)
def test_a_call_nobody_could_name_or_date_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadRequest, match=field):
        ended(**{field: value})
