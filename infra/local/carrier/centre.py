"""The contact centre's side: a call has ended, and its system says so to the service, signed (Standard Webhooks)."""

import base64
import hmac
import http.client
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from .model import Settings

Json = dict[str, object]
PATIENCE = 15.0  # seconds
PASSED_ON = (
    "call_id", "started_at", "ended_at", "direction", "answered", "language", "queue", "team", "agent",
    "wait_seconds", "talk_seconds", "callback_consent", "channel", "survey", "test", "attributes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What the service was told, and what it answered; status None when it could not be reached."""

    sent: Json
    status: int | None
    answer: object

    def as_json(self) -> Json:
        return {"sent": self.sent, "status": self.status, "answer": self.answer}


def ended_call(wanted: Mapping[str, object], now: datetime) -> Json:
    """The report of a call that ended at `now`. Fields of the contract in `wanted` are passed on as they are."""
    talked = wanted.get("talk_seconds", 240)
    started = now - timedelta(seconds=talked if isinstance(talked, int) else 0)
    usual: Json = {
        "call_id": f"c-{secrets.token_hex(6)}",
        "caller": wanted.get("number", wanted.get("caller")),
        "started_at": started.isoformat(timespec="seconds"),
        "ended_at": now.isoformat(timespec="seconds"),
        "direction": "inbound",
        "answered": True,
        "talk_seconds": talked,
    }
    return usual | {name: wanted[name] for name in PASSED_ON if name in wanted}


def tell(settings: Settings, call: Json, now: datetime) -> Told:
    """Post the report to the service."""
    body = json.dumps(call, ensure_ascii=False).encode()
    target = urlsplit(f"{settings.public_url}/webhooks/calls")
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    line = kind(target.hostname or "", target.port, timeout=PATIENCE)
    try:
        line.request("POST", target.path, body, signed_headers(settings.webhook_secret, body, now))
        reply = line.getresponse()
        return Told(call, reply.status, _read(reply.read()))
    except (OSError, http.client.HTTPException) as error:
        return Told(call, None, f"the service did not answer: {type(error).__name__}")
    finally:
        line.close()


def signed_headers(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Headers per Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`. Of several secrets the first signs."""
    key = base64.b64decode(secret.split()[0].removeprefix("whsec_"))
    name, at = f"msg_{secrets.token_hex(12)}", str(int(now.timestamp()))
    mac = hmac.digest(key, f"{name}.{at}.".encode() + body, sha256)
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")[:500]
