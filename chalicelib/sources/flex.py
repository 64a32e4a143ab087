"""Twilio Flex and TaskRouter: the workspace's event callback when a call's task is over.

    EventType=task.completed&TaskSid=WT…&TaskChannelUniqueName=voice&TaskQueueName=permits&WorkerSid=WK…&
    TimestampMs=1795255361000&TaskAttributes={"call_sid": "CA…", "from": "+46701740612", "direction": "inbound"}

The agent's wrap-up comes first, completion when they have finished writing: both end the same call.
Source: Twilio's TaskRouter events reference.
"""

from collections.abc import Mapping

from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign, hints, strict
from chalicelib.sources.foreign import at

OVER = ("task.wrapup", "task.completed", "task.canceled")


def task_event(form: Mapping[str, str]) -> CallEnded | NotACall:
    event, channel = form.get("EventType", ""), form.get("TaskChannelUniqueName", "voice")
    if event not in OVER:
        return NotACall(f"not over yet: {foreign.word(event)}")
    if channel != "voice":
        return NotACall(f"not a voice task: {foreign.word(channel)}")
    attributes = strict.document(form.get("TaskAttributes", "{}").encode("utf-8", "replace"))
    if form.get("TimestampMs"):
        ended_at = foreign.epoch(form["TimestampMs"], "TimestampMs", per_second=1000)
    else:
        ended_at = foreign.epoch(form.get("Timestamp"), "Timestamp")
    outbound = foreign.label(at(attributes, "direction")).startswith("outbound")
    ended = CallEnded(
        call_id=fields.call_id(at(attributes, "call_sid") or form.get("TaskSid"), "TaskAttributes.call_sid"),
        caller=foreign.phone(at(attributes, "from") or at(attributes, "caller")),
        ended_at=ended_at,
        direction="outbound" if outbound else "inbound",
        answered=event != "task.canceled",
        queue=foreign.label(form.get("TaskQueueName")),
        agent=foreign.label(form.get("WorkerSid")),
    )
    return hints.apply(ended, attributes)
