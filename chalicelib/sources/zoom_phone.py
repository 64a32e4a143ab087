"""Zoom Phone webhooks: `phone.callee_ended` when a call to one of the account's extensions is over.

    {"event": "phone.callee_ended", "payload": {"object": {
        "call_id": "…", "caller": {"phone_number": "+46701740612"}, "callee": {"extension_number": 1002},
        "ringing_start_time": "2026-11-21T09:00:00Z", "answer_start_time": "2026-11-21T09:00:05Z",
        "call_end_time": "2026-11-21T09:05:00Z", "handup_result": "Call connected"}}}

`handup_result` is Zoom's own spelling; the right one is read too. Callee events are of calls that came in, caller
events of calls the account's users made (Zoom developer guide, "Get real-time call data").
"""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from chalicelib.errors import BadRequest, Unauthorised
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign, strict
from chalicelib.sources.foreign import at

DIRECTIONS = {"phone.callee_ended": "inbound", "phone.caller_ended": "outbound"}
UNIX_TIME = re.compile(r"[0-9]{10}|[0-9]{13}")  # seconds, or milliseconds
PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_=+/-]{1,128}")  # no colon: never a text that a signature covers


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: timedelta = timedelta(seconds=300),
) -> None:
    """Zoom's `v0` scheme: `x-zm-signature: v0=hex(HMAC-SHA256(secret, "v0:" + timestamp + ":" + body))`."""
    sent = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = sent.get("x-zm-request-timestamp", ""), sent.get("x-zm-signature", "")
    if not secret or not timestamp or not signature:
        raise Unauthorised("x-zm-signature, x-zm-request-timestamp: both headers and our secret are needed")
    if not UNIX_TIME.fullmatch(timestamp):
        raise Unauthorised("x-zm-request-timestamp: must be seconds or milliseconds since 1970")
    age = now.timestamp() - int(timestamp[:10])
    if abs(age) > tolerance.total_seconds():
        raise Unauthorised("x-zm-request-timestamp: the message is too old, or from the future")
    expected = "v0=" + _hmac(secret, f"v0:{timestamp}:".encode() + body)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
        raise Unauthorised("x-zm-signature: was not made with our secret for this message")


def challenge(secret: str, body: bytes) -> dict[str, str] | None:
    """The answer to Zoom's validation of our URL; None for any other message. Call `verify` first."""
    message = strict.document(body)
    if at(message, "event") != "endpoint.url_validation":
        return None
    token = at(message, "payload", "plainToken")
    if not isinstance(token, str) or not PLAIN_TOKEN.fullmatch(token):
        raise BadRequest("payload.plainToken", "must be 1 to 128 letters and digits")
    return {"plainToken": token, "encryptedToken": _hmac(secret, token.encode())}


def parse(body: bytes, _zone: tzinfo) -> CallEnded | NotACall:
    message = strict.document(body)
    event = foreign.label(at(message, "event"))
    if event not in DIRECTIONS:
        return NotACall(f"not the end of a call: {foreign.word(event)}")
    call = at(message, "payload", "object")
    result = foreign.label(at(call, "handup_result") or at(call, "hangup_result")).lower()
    if "other" in result:  # a queue rings many: those who did not pick up hear of it too
        return NotACall("answered by another member of the queue")
    ended_at = fields.instant(at(call, "call_end_time"), "call_end_time")
    rang, person = (foreign.instant(at(call, name)) for name in ("ringing_start_time", "answer_start_time"))
    return CallEnded(
        call_id=fields.call_id(at(call, "call_id")),
        caller=None if at(call, "caller", "user_id") else foreign.phone(at(call, "caller", "phone_number")),
        ended_at=ended_at,
        started_at=rang,
        direction=DIRECTIONS[event],
        answered=person is not None,
        queue=_queue(call),
        agent=foreign.label(at(call, "callee", "extension_number") or at(call, "callee", "user_id")),
        wait=foreign.between(rang, person),
        talk=foreign.between(person, ended_at),
    )


def _queue(call: object) -> str:
    forwarder = at(call, "forwarded_by")
    of_queue = foreign.label(at(forwarder, "extension_type")).lower() == "callqueue"
    return foreign.label(at(forwarder, "name")) if of_queue else ""


def _hmac(secret: str, text: bytes) -> str:
    return hmac.digest(secret.encode(), text, "sha256").hex()
