"""Settings of one deployed stage, from its environment. Read once, on first use; never at import."""

import base64
import binascii
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.dataclass import dataclass


class BadSetting(Exception):
    """A variable is missing or malformed; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Design §4.4. Secrets are the values themselves here, whatever they were read from."""

    stage: str
    public_url: str  # no trailing slash: signatures cover it
    table: str
    send_queue_url: str
    account_sid: str
    auth_tokens: tuple[str, ...]  # first: in use; while one is changed, Twilio may still sign with the other
    sender: str  # TWILIO_FROM: a number or a messaging service
    voice_from: str
    carrier_url: str | None  # None: Twilio's own
    webhook_secrets: tuple[str, ...]
    phone_keys: tuple[bytes, ...]  # first: in use; the rest are still looked up
    api_token: str | None
    zoom_secret: str | None  # of Zoom Phone's webhooks, where that is a source
    zone: ZoneInfo
    authority: str
    invite_delay_seconds: int

    @property
    def local(self) -> bool:
        return self.stage == "local"

    @staticmethod
    def read(env: Mapping[str, str], secret: Callable[[str], str]) -> "Settings":
        """`secret` gives the value behind a variable: itself locally, a Parameter Store entry when deployed."""
        return Settings(
            stage=need(env, "STAGE"),
            public_url=_url(need(env, "PUBLIC_URL")),
            table=need(env, "TABLE"),
            send_queue_url=need(env, "SEND_QUEUE_URL"),
            account_sid=need(env, "TWILIO_ACCOUNT_SID"),
            auth_tokens=tuple(secret("TWILIO_AUTH_TOKEN").split()),
            sender=need(env, "TWILIO_FROM"),
            voice_from=env.get("TWILIO_VOICE_FROM") or need(env, "TWILIO_FROM"),
            carrier_url=env.get("TWILIO_API_URL") or None,
            webhook_secrets=tuple(secret("CALLS_WEBHOOK_SECRET").split()),
            phone_keys=tuple(_key(part) for part in secret("PHONE_KEY").split()),
            api_token=secret("API_TOKEN"),
            zoom_secret=env.get("ZOOM_WEBHOOK_SECRET") or None,
            zone=_zone(env.get("TIMEZONE", "Europe/Stockholm")),
            authority=need(env, "AUTHORITY_NAME"),
            invite_delay_seconds=_seconds(env.get("INVITE_DELAY_SECONDS", "60")),
        )


def need(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise BadSetting(f"{name} is not set")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise BadSetting("PUBLIC_URL must be an http(s) address without query or fragment")
    if value.endswith("/"):
        raise BadSetting("PUBLIC_URL must not end with a slash: signatures cover every character of it")
    return value


def _key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise BadSetting("PHONE_KEY must be base64") from error
    if len(key) != 32:
        raise BadSetting(f"PHONE_KEY must be 32 bytes, base64: this one has {len(key)}")
    return key


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(f"TIMEZONE {name!r} is not a zone such as Europe/Stockholm") from error


def _seconds(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 86_400:
        raise BadSetting("INVITE_DELAY_SECONDS must be a whole number up to 86400")
    return int(value)
