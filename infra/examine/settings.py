"""Are the settings there and well formed? Nothing is asked of anybody."""

import base64
import binascii
import re
from collections.abc import Iterator

from chalicelib.config import BadSetting, Settings, need
from infra.examine.finding import Finding, Patient

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SID = re.compile(r"AC[0-9a-f]{32}")
TOKEN = re.compile(r"[0-9a-f]{32}")
SERVICE = re.compile(r"MG[0-9a-f]{32}")
LEAST_SECRET, LEAST_TOKEN = 24, 20  # bytes, as Standard Webhooks asks; characters
NEEDED = (
    "PUBLIC_URL", "TABLE", "SEND_QUEUE_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM",
    "CALLS_WEBHOOK_SECRET", "PHONE_KEY", "API_TOKEN", "AUTHORITY_NAME",
)  # fmt: skip


def complete(patient: Patient) -> Iterator[Finding]:
    """Every setting is there."""
    for name in NEEDED:
        if not patient.place.env.get(name, "").strip():
            yield Finding(f"missing-{kebab(name)}", f"{name} is not set.", give(patient, name))


def account(patient: Patient) -> Iterator[Finding]:
    """The carrier account's SID and token look like one."""
    env = patient.place.env
    for name, shape, example in (
        ("TWILIO_ACCOUNT_SID", SID, "AC and 32 digits from 0 to f"),
        ("TWILIO_AUTH_TOKEN", TOKEN, "32 digits from 0 to f"),
    ):
        if not all(map(shape.fullmatch, env.get(name, "").split())):
            yield Finding(f"malformed-{kebab(name)}", f"{name} is not {example}.", give(patient, name))


def senders(patient: Patient) -> Iterator[Finding]:
    """Texts come from a number that can be answered, calls from one that can be rung."""
    env = patient.place.env
    sender = env.get("TWILIO_FROM", "")
    if sender and not (E164.fullmatch(sender) or SERVICE.fullmatch(sender)):
        yield Finding(
            "one-way-sender",
            f"TWILIO_FROM is {sender!r}: nobody can answer a name.",
            "Use a number that takes texts (+46…), or a messaging service (MG…) that holds one.",
        )
    voice = env.get("TWILIO_VOICE_FROM") or sender
    if voice and not E164.fullmatch(voice):
        yield Finding(
            "malformed-twilio-voice-from",
            f"TWILIO_VOICE_FROM is {voice!r}, not a phone number.",
            "Use the number that rings callers and is rung by them: +46… without spaces.",
        )


def secrets(patient: Patient) -> Iterator[Finding]:
    """Secrets are long enough to guard something."""
    env = patient.place.env
    for secret in env.get("CALLS_WEBHOOK_SECRET", "").split():
        if not secret.startswith("whsec_") or len(decoded(secret.removeprefix("whsec_"))) < LEAST_SECRET:
            yield Finding(
                "weak-calls-webhook-secret",
                f"CALLS_WEBHOOK_SECRET is not whsec_ and {LEAST_SECRET} bytes or more in base64: whoever guesses it"
                " can have anybody texted.",
                rotate(patient, "CALLS_WEBHOOK_SECRET"),
            )
    for key in env.get("PHONE_KEY", "").split():
        if len(decoded(key)) != 32:
            yield Finding(
                "malformed-phone-key",
                "PHONE_KEY is not 32 bytes in base64.",
                "Put back the key from the sealed copy. Never make up another: every opt-out is kept under this one.",
            )
    if env.get("API_TOKEN") and len(env["API_TOKEN"]) < LEAST_TOKEN:
        yield Finding(
            "weak-api-token",
            f"API_TOKEN has {len(env['API_TOKEN'])} characters; it opens every result and every callback.",
            rotate(patient, "API_TOKEN"),
        )


def address(patient: Patient) -> Iterator[Finding]:
    """PUBLIC_URL is one that others can reach and nobody can listen in to."""
    url = patient.place.env.get("PUBLIC_URL", "")
    if url.startswith("http://") and patient.people and not patient.place.stand_in:
        yield Finding(
            "no-https",
            f"PUBLIC_URL is {url}: callers' answers would cross the net in clear.",
            "Give the https address the service is reached by.",
        )


def readable(patient: Patient) -> Iterator[Finding]:
    """The service itself accepts its settings."""
    env = patient.place.env
    try:
        Settings.read(env, lambda name: need(env, name))
    except BadSetting as error:
        yield Finding(
            "unreadable", f"{error}.", "Put that setting right; the service does not start with it."
        )


CHECKS = (complete, account, senders, secrets, address, readable)


def decoded(text: str) -> bytes:
    """What base64 says; nothing when it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def give(patient: Patient, name: str) -> str:
    if patient.place.cloud is None:
        return f"Set {name} in the environment of make run, or take it out there: a working one is made up."
    return f"Set it: python -m infra.rotate {patient.place.name} {name}, then deploy."


def rotate(patient: Patient, name: str) -> str:
    return f"Make a new one: python -m infra.rotate {patient.place.name} {name}."


def kebab(name: str) -> str:
    return name.lower().replace("_", "-")
