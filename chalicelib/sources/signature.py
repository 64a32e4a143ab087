"""Standard Webhooks: was this posted by somebody who holds our secret, and lately?

Our own few lines instead of the `standardwebhooks` package, which reads the system clock (ours can be moved),
raises ValueError, binascii.Error or UnicodeDecodeError on a malformed header instead of refusing it, and takes
fractional timestamps. Specification: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.errors import Unauthorised

UNIX_SECONDS = re.compile(r"[0-9]{1,12}")


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: timedelta = timedelta(seconds=300),
) -> str:
    """The message's `webhook-id`, when a signature on it was made with one of our secrets; else `Unauthorised`."""
    try:
        return _verified(secrets, headers, body, now, tolerance)
    except Unauthorised:
        log.metric("SignatureRefused")
        raise


def _verified(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime, tolerance: timedelta
) -> str:
    sent = {name.lower(): value for name, value in headers.items()}
    id, timestamp, signatures = (
        _header(sent, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    _check_age(timestamp, now, tolerance)
    signed = b".".join([_bytes(id), timestamp.encode(), body])
    expected = [_bytes(made) for made in (_signature(secret, signed) for secret in secrets) if made]
    given = [_bytes(signature) for signature in signatures.split()]
    # A list, not any(): every pair is compared, so that the time taken says nothing.
    if True not in [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]:
        raise Unauthorised("webhook-signature: none was made with our secret for this message")
    return id


def _header(sent: Mapping[str, str], name: str) -> str:
    if not sent.get(name):
        raise Unauthorised(f"{name}: the header is missing")
    return sent[name]


def _check_age(timestamp: str, now: datetime, tolerance: timedelta) -> None:
    if not UNIX_SECONDS.fullmatch(timestamp):
        raise Unauthorised("webhook-timestamp: must be whole seconds since 1970")
    age = now.timestamp() - int(timestamp)
    if age > tolerance.total_seconds():
        raise Unauthorised("webhook-timestamp: the message is too old")
    if age < -tolerance.total_seconds():
        raise Unauthorised("webhook-timestamp: the message is from the future")


def _signature(secret: str, signed: bytes) -> str | None:
    """`v1,<base64>`; None for a secret that is no base64 or is empty, which must never open the door."""
    encoded = secret.strip().removeprefix("whsec_")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() if key else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
