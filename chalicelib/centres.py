"""Contact centres that speak in their own words: who may, and what becomes of what they say."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from chalice.app import Request, Response

from chalicelib import log, web
from chalicelib.errors import BadRequest, NotFound
from chalicelib.events import CallEnded
from chalicelib.phone import Turn
from chalicelib.sources import (
    NotACall,
    amazon_connect,
    connect_lookup,
    fields,
    genesys_cloud,
    hints,
    posted,
    signature,
    strict,
    zoom_phone,
)
from chalicelib.wiring import service

CONNECT_EVENTS = {"source": ["aws.connect"], "detail-type": ["Amazon Connect Contact Event"]}


def posted_call(request: Request, source: str) -> Response:
    """A record posted to `/webhooks/{source}`: signed as our own are, or as the system itself signs."""
    settings, now = service().office.settings, service().office.now()
    body = web.body_of(request)
    if source == "zoom_phone":
        if settings.zoom_secret is None:
            raise NotFound("Zoom Phone is not set up here: ZOOM_WEBHOOK_SECRET is not set")
        zoom_phone.verify(settings.zoom_secret, request.headers, body, now)
        if (answer := zoom_phone.challenge(settings.zoom_secret, body)) is not None:
            return web.as_json(answer)
    else:
        signature.verify(settings.webhook_secrets, request.headers, body, now)
    return taken(posted(source, body, settings.zone))


def taken(told: CallEnded | NotACall) -> Response:
    """The decision on the call; 204 for a message that ends none."""
    if isinstance(told, NotACall):
        log.info("no call ended", reason=told.reason)
        return Response("", {}, 204)
    decision = service().intake.told(told)
    return web.as_json(decision.body(), 202 if decision.first else 200)


def connect_event(event: Mapping[str, object]) -> None:
    """Raises what the look-up raises: the event is delivered again."""
    _noted(amazon_connect.parse(event, _connect_contacts()))


def connect_records(event: Mapping[str, Any]) -> None:
    """A batch of Kinesis. A record nobody can read is logged and left: it would hold up every later one for a day."""
    for record in event["Records"]:
        try:
            message = strict.document(base64.b64decode(record["kinesis"]["data"]))
            _noted(amazon_connect.parse(message, _connect_contacts()))
        except BadRequest as error:
            log.info("a contact record was refused", field=error.field)


def genesys_event(event: Mapping[str, object]) -> None:
    """Without an OAuth client for Genesys there is nothing to look up: the event alone tells when and who."""
    _noted(genesys_cloud.parse(event, lambda conversation: {}))


def _noted(told: CallEnded | NotACall) -> None:
    if isinstance(told, NotACall):
        log.info("no call ended", reason=told.reason)
    else:
        service().intake.told(told)


@cache
def _connect_contacts() -> amazon_connect.Describe:
    client = boto3.client("connect")
    return connect_lookup.lookup(client, client.exceptions.ResourceNotFoundException)


def connect_turn(event: Mapping[str, Any]) -> dict[str, str]:
    """Asking inside an Amazon Connect flow, "stay on the line": the next thing to say, for the key just pressed.

        {"Details": {"ContactData": {"InitialContactId": "…", "CustomerEndpoint": {"Address": "+46…"}, …},
                     "Parameters": {"survey": "", "question": "", "digits": ""}}}
        -> {"say": "…", "language": "sv-SE", "survey": "k3v…", "question": "time-1", "listen": "yes"}

    The flow says it, listens for one key when `listen` is yes, and asks again with `survey`, `question` and `digits`.
    An error must not end the caller's call: it is logged, and there is nothing more to say.
    """
    try:
        turn = _connect_turn(event["Details"])
    except Exception:
        log.failure("a turn in a Connect flow failed")
        turn = Turn("", None)
    if turn.said is None:
        return {"say": "", "language": "", "survey": turn.survey_id, "question": "", "listen": "no"}
    return {
        "say": " ".join(sentence for sentence, _ in turn.said.sentences),
        "language": turn.said.sentences[-1][1].voice_language,
        "survey": turn.survey_id,
        "question": turn.said.answer_to or "",
        "listen": "yes" if turn.said.answer_to else "no",
    }


def _connect_turn(details: Mapping[str, Any]) -> Turn:
    contact, said = details["ContactData"], details.get("Parameters", {})
    line = str(contact.get("InitialContactId") or contact["ContactId"])
    if said.get("question"):
        return service().phone.pressed(said["survey"], said["question"], line, said.get("digits", ""))
    ended = CallEnded(
        call_id=fields.call_id(line),
        caller=(contact.get("CustomerEndpoint") or {}).get("Address"),
        ended_at=service().office.now(),
        queue=str((contact.get("Queue") or {}).get("Name") or "")[:64],
        channel="voice",
        on_the_line=True,
    )
    return service().phone.handed_over(hints.apply(ended, contact.get("Attributes") or {}))
