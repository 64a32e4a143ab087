"""Flex and TaskRouter: a call's task is over."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.flex import task_event

CALL_SID = "CA00000000000000000000000000000001"
ATTRIBUTES = {"call_sid": CALL_SID, "from": "+46701740612", "direction": "inbound", "survey_language": "sv"}
FORM = {
    "EventType": "task.completed",
    "TaskSid": "WT00000000000000000000000000000001",
    "TaskChannelUniqueName": "voice",
    "TaskQueueName": "permits",
    "WorkerSid": "WK00000000000000000000000000000001",
    "Timestamp": "1795255361",
    "TimestampMs": "1795255361250",
}


def event(attributes: dict[str, Any] | None = None, **changed: str) -> CallEnded | NotACall:
    return task_event(FORM | {"TaskAttributes": json.dumps(ATTRIBUTES | (attributes or {}))} | changed)


def ended(attributes: dict[str, Any] | None = None, **changed: str) -> CallEnded:
    call = event(attributes, **changed)
    assert isinstance(call, CallEnded)
    return call


def test_a_completed_task_ends_its_call() -> None:
    assert ended() == CallEnded(
        call_id=CALL_SID,
        caller="+46701740612",
        ended_at=datetime(2026, 11, 21, 10, 2, 41, 250000, tzinfo=UTC),
        language="sv",
        queue="permits",
        agent="WK00000000000000000000000000000001",
    )


def test_wrap_up_and_completion_end_the_same_call() -> None:
    assert ended(EventType="task.wrapup").call_id == ended().call_id


def test_a_canceled_task_is_a_caller_who_gave_up() -> None:
    assert not ended(EventType="task.canceled").answered


def test_a_call_we_made_is_outbound() -> None:
    assert ended({"direction": "outbound"}).direction == "outbound"


def test_without_a_call_sid_the_task_names_the_call() -> None:
    assert ended({"call_sid": None}).call_id == FORM["TaskSid"]


def test_seconds_do_where_milliseconds_are_missing() -> None:
    assert ended(TimestampMs="").ended_at == datetime(2026, 11, 21, 10, 2, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"EventType": "task.created"}, "not over yet: task.created"),
        ({"EventType": "reservation.accepted"}, "not over yet: reservation.accepted"),
        ({"TaskChannelUniqueName": "chat"}, "not a voice task: chat"),
    ],
)
def test_what_ends_no_call_says_why(changed: dict[str, Any], reason: str) -> None:
    assert event(**changed) == NotACall(reason)


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"TaskAttributes": "{"}, "body"),
        ({"TimestampMs": "soon"}, "TimestampMs"),
        ({"TimestampMs": "", "Timestamp": ""}, "Timestamp"),
    ],
)
def test_a_malformed_field_is_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest, match=f"^{field}"):
        event(**changed)
