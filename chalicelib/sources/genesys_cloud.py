"""Genesys Cloud: conversation events from its EventBridge partner bus.

    {"detail-type": "v2.detail.events.conversation.{id}.customer.end", "detail": {"eventBody": {
        "conversationId": "1…", "eventTime": 1765551750107, "mediaType": "VOICE", "direction": "INBOUND",
        "ani": "tel:+46701740612", "disconnectType": "PEER", "interactingDurationMs": 73000}}}

The customer's leg ends once they hang up, whoever they were handed to in between: the conversation id stays the same.
The event names no queue and no agent; GET /api/v2/conversations/{id}, where the stage may ask, does.
Source: Genesys Cloud's EventBridge topics and its published SDK models (CustomerEnd, AcdEnd, Conversation).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign, hints
from chalicelib.sources.foreign import at

Describe = Callable[[str], Mapping[str, object]]  # conversation id -> the conversation; {} unknown
DIRECTIONS = {"INBOUND": "inbound", "OUTBOUND": "outbound"}


def parse(event: Mapping[str, object], describe: Describe) -> CallEnded | NotACall:
    topic = str(at(event, "detail-type"))
    body = at(event, "detail", "eventBody")
    media, how = (foreign.label(at(body, name)).upper() for name in ("mediaType", "disconnectType"))
    if not topic.endswith(".customer.end"):
        return NotACall("not the customer's end of a conversation")
    if media != "VOICE":
        return NotACall(f"not a voice conversation: {foreign.word(media)}")
    if how.endswith("TRANSFER"):
        return NotACall("handed on: the conversation continues")
    call_id = fields.call_id(at(body, "conversationId"), "conversationId")
    ended_at = foreign.epoch(at(body, "eventTime"), "eventTime", per_second=1000)
    milliseconds = foreign.count(at(body, "interactingDurationMs"))
    conversation = describe(call_id)
    people, queues = _people(conversation), _queues(conversation)
    ended = CallEnded(
        call_id=call_id,
        caller=foreign.phone(at(body, "ani")),
        ended_at=ended_at,
        direction=DIRECTIONS.get(foreign.label(at(body, "direction")).upper(), "inbound"),
        answered=bool(people) if conversation else milliseconds != 0,
        queue=queues[-1] if queues else "",
        agent=foreign.label(at(people[-1], "userId")) if people else "",
        talk=foreign.length(milliseconds // 1000) if milliseconds else None,
        chain=queues if len(queues) > 1 else (),
    )
    return hints.apply(ended, _attributes(conversation))


def _participants(conversation: object, *purposes: str) -> list[object]:
    """Those of this purpose, in the order in which they joined."""
    everybody = at(conversation, "participants")
    known = everybody if isinstance(everybody, list) else []
    chosen = [each for each in known if foreign.label(at(each, "purpose")).lower() in purposes]
    return sorted(chosen, key=lambda each: foreign.instant(at(each, "startTime")) or fields.EARLIEST)


def _people(conversation: object) -> list[object]:
    """Agents who came on the line; one who let it ring has no connected time."""
    return [each for each in _participants(conversation, "agent", "user") if _connected(each)]


def _connected(participant: object) -> datetime | None:
    return foreign.instant(at(participant, "connectedTime"))


def _queues(conversation: object) -> tuple[str, ...]:
    entered = _participants(conversation, "acd")
    names = (
        foreign.label(at(each, "queueName") or at(each, "name") or at(each, "queueId")) for each in entered
    )
    return tuple(filter(None, names))


def _attributes(conversation: object) -> dict[object, object]:
    """Participant data is kept per participant; flows write it on the customer's."""
    found: dict[object, object] = {}
    for customer in _participants(conversation, "customer", "external"):
        attributes = at(customer, "attributes")
        found |= attributes if isinstance(attributes, Mapping) else {}
    return found
