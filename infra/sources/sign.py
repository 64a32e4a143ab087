"""The sender's half of Standard Webhooks: what a contact centre does before it posts a call to us."""

import base64
import hmac
from datetime import datetime


def sign(secret: str, id: str, at: datetime, body: bytes) -> str:
    """The `webhook-signature` of `body`, beside `webhook-id: id` and `webhook-timestamp: int(at.timestamp())`."""
    encoded = secret.removeprefix("whsec_")
    key = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    signed = f"{id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(secret: str, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """All three headers, ready to post."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, id, at, body),
    }
