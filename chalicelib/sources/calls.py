"""Our own message: what `POST /webhooks/calls` takes, for every centre that can post JSON.

{"call_id": "c-81f2", "caller": "+46701740612", "ended_at": "2026-11-21T10:02:41+01:00", "queue": "permits",
 "team": "north", "agent": "a-17", "language": "sv", "wait_seconds": 312, "talk_seconds": 420}
"""

import math
from collections.abc import Mapping

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import fields, strict

DIRECTIONS = ("inbound", "outbound", "internal")
MOST_ATTRIBUTES = 16


def parse(body: bytes) -> CallEnded:
    """Unknown fields are ignored, null is the same as absent, `caller` may be anything but must be there."""
    message = strict.document(body)
    for required in ("call_id", "caller", "ended_at"):
        if required not in message:
            raise BadRequest(required, "is required")
    get = message.get
    return CallEnded(
        call_id=fields.call_id(get("call_id")),
        caller=fields.caller(get("caller")),
        ended_at=fields.instant(get("ended_at"), "ended_at"),
        started_at=None if get("started_at") is None else fields.instant(get("started_at"), "started_at"),
        direction=fields.choice(get("direction"), "direction", DIRECTIONS) or "inbound",
        answered=fields.flag(get("answered"), "answered") is not False,
        language=fields.language(get("language")),
        queue=fields.text(get("queue"), "queue"),
        team=fields.text(get("team"), "team"),
        agent=fields.text(get("agent"), "agent"),
        wait=fields.seconds(get("wait_seconds"), "wait_seconds"),
        talk=fields.seconds(get("talk_seconds"), "talk_seconds"),
        callback_consent=fields.flag(get("callback_consent"), "callback_consent"),
        channel=fields.choice(get("channel"), "channel", ("sms", "voice")),
        survey=fields.choice(get("survey"), "survey", ("never",)),
        test=fields.flag(get("test"), "test") is True,
        attributes=_attributes(get("attributes")),
    )


def _attributes(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRequest("attributes", "must be an object")
    if len(value) > MOST_ATTRIBUTES:
        raise BadRequest("attributes", f"holds more than {MOST_ATTRIBUTES}")
    said = {name: each for name, each in value.items() if each is not None}
    return {fields.text(name, "attributes"): _scalar(each) for name, each in said.items()}


def _scalar(value: object) -> str:
    """Text as it is; numbers and truth values as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        value = str(value)
    if not isinstance(value, str):
        raise BadRequest("attributes", "must hold only text, numbers, true, false and null")
    return fields.text(value, "attributes", limit=200)
