"""What scripts and the handsets' page are shown, as JSON."""

from .carrier import Carrier
from .centre import Json
from .model import Call, Handset, Line, Message
from .script import awaited
from .segments import parts
from .webhooks import Posting


def text_json(message: Message) -> Json:
    return {
        "sid": message.sid,
        "direction": message.direction,
        "body": message.body,
        "at": message.created_at.isoformat(),
        "status": message.status,
        "parts": parts(message.body),
        "copies": message.arrived or 1,
        "by_carrier": message.by_carrier,
        "error_code": message.error_code,
    }


def call_json(call: Call) -> Json:
    """`awaiting` says which keys, and words in which language, are waited for, or is null; `turn` names that wait."""
    gather = awaited(call)
    awaiting: Json | None = None
    if gather:
        awaiting = {
            "turn": call.turn,
            "digits": gather.digits,
            "finish_on": gather.finish,
            "seconds": gather.timeout,
            "barge_in": gather.barge_in,
            "keyed": call.keyed,
            "speech": gather.speech,
        }
    return {
        "sid": call.sid,
        "direction": call.direction,
        "status": call.status,
        "number": call.sender if call.direction == "outbound-api" else call.to,
        "lines": [line_json(line) for line in call.lines],
        "awaiting": awaiting,
        "seconds": call.seconds,
    }


def line_json(line: Line) -> Json:
    return {"kind": line.kind, "text": line.text, "language": line.language, "voice": line.voice}


def handset_json(handset: Handset) -> Json:
    return {
        "number": handset.number,
        "kind": handset.kind,
        "behaviour": handset.behaviour,
        "label": handset.label,
        "language": handset.language,
        "shown": handset.shown,
    }


def handset_in_full(carrier: Carrier, number: str) -> Json:
    call = carrier.network.call_of(number)
    return handset_json(carrier.network.handset(number)) | {
        "texts": [text_json(message) for message in carrier.network.texts_of(number)],
        "call": call_json(call) if call else None,
        "opted_out": number in carrier.network.opted_out,
    }


def log_json(carrier: Carrier) -> Json:
    """Everything the carrier accepted, was asked, and told, for scripts that check that nothing was lost or doubled."""
    kept = carrier.network.snapshot()
    return {
        "messages": messages_json(carrier),
        "calls": [
            call_json(call) | {"to": call.to, "from": call.sender, "deleted": call.deleted, "url": call.url}
            for call in kept.calls
        ],
        "webhooks": [posting_json(posting) for posting in list(carrier.poster.postings)],
        "requests": list(carrier.requests),
        "errors": notices_json(carrier),
        "opted_out": list(kept.opted_out),
        "faults": carrier.faults.listed(),
        "busy": carrier.later.busy,
    }


def messages_json(carrier: Carrier) -> list[Json]:
    """Every text ever accepted, deleted ones included."""
    return [
        text_json(message)
        | {"to": message.to, "from": message.sender, "deleted": message.deleted, "arrived": message.arrived}
        | {"callback": message.callback, "fate": message.fate, "replies_to": message.replies_to}
        for message in carrier.network.snapshot().messages
    ]


def posting_json(posting: Posting) -> Json:
    """A webhook: `tries` says what became of each ("ct", "rt" or a status), `arrived` whether one was accepted."""
    return {
        "at": posting.at.isoformat(),
        "kind": posting.kind,
        "url": posting.url,
        "form": dict(posting.form),
        "token": posting.token,
        "tries": list(posting.tries),
        "status": posting.status,
        "arrived": posting.arrived,
    }


def notices_json(carrier: Carrier) -> list[Json]:
    return [
        {"at": notice.at.isoformat(), "code": notice.code, "url": notice.url, "text": notice.text}
        for notice in list(carrier.notices)
    ]
