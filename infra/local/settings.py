"""What the local machine runs with: every setting has a working default, a secret is made up once and kept.

The environment wins over what is kept in `$DATA/settings.json` (mode 0600); what is kept wins over a new secret, so
that a restart reads what the last run wrote.
"""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

SURVEY_NUMBER = "+46701740699"  # a mobile number the Swedish regulator keeps free for fiction
REGION = "eu-north-1"

MADE_UP: dict[str, Callable[[], str]] = {
    "TWILIO_ACCOUNT_SID": lambda: "AC" + secrets.token_hex(16),
    "TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    "CALLS_WEBHOOK_SECRET": lambda: "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
    "PHONE_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    "API_TOKEN": lambda: secrets.token_urlsafe(24),
}
DEFAULTS = {
    "STAGE": "local",
    "TABLE": "aftercall",
    "TWILIO_FROM": SURVEY_NUMBER,
    "TWILIO_VOICE_FROM": SURVEY_NUMBER,
    "TIMEZONE": "Europe/Stockholm",
    "AUTHORITY_NAME": "Exempelverket",
    "INVITE_DELAY_SECONDS": "3",
}
# The engine takes any key; these keep a developer's own AWS account out of it altogether.
AWS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
AWS_OWN = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SQS",
)


class BadSetting(Exception):
    """A variable of the environment cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class LocalSettings:
    data: Path  # absolute: everything this run keeps is under it
    port: int
    carrier_port: int
    simulated: bool  # no Twilio account and no other double is configured: our own carrier stands in
    env: Mapping[str, str]  # for the service and the carrier; the engine's address is added when it is known

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def carrier_url(self) -> str:
        return f"http://127.0.0.1:{self.carrier_port}"

    @classmethod
    def read(cls, env: Mapping[str, str]) -> "LocalSettings":
        """The settings of this environment; BadSetting when one is unusable."""
        data = Path(env.get("DATA") or ".local").absolute()
        port, carrier_port = (
            number("PORT", env.get("PORT") or "8000"),
            number("CARRIER_PORT", env.get("CARRIER_PORT") or "8001"),
        )
        if port == carrier_port:
            raise BadSetting(f"PORT and CARRIER_PORT are both {port}; give one of them another number")
        own_account = bool(env.get("TWILIO_ACCOUNT_SID") and env.get("TWILIO_AUTH_TOKEN"))
        simulated = not env.get("TWILIO_API_URL") and not own_account
        settings = cls(data, port, carrier_port, simulated, {})
        return cls(data, port, carrier_port, simulated, settings.environment(env))

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The child processes' whole environment."""
        given = {name: value for name, value in env.items() if value and name not in AWS_OWN}
        places = {"PUBLIC_URL": self.url, "PORT": str(self.port), "CARRIER_PORT": str(self.carrier_port)}
        if self.simulated:
            places["TWILIO_API_URL"] = self.carrier_url
        whole = {**DEFAULTS, **places, **given, **AWS, "DATA": str(self.data), "PYTHONUNBUFFERED": "1"}
        return {**kept_secrets(self.data / "settings.json", whole), **whole, **direct(env)}


def direct(env: Mapping[str, str]) -> dict[str, str]:
    """What keeps a proxy, where the environment names one, out of the way between our own processes."""
    past = ",".join(filter(None, [env.get("NO_PROXY") or env.get("no_proxy"), "127.0.0.1"]))
    return {"NO_PROXY": past, "no_proxy": past}


def number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadSetting(f"{name} must be a port number from 1 to 65535, not {text!r}")
    return int(text)


def kept_secrets(path: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The secrets of earlier runs and, made up now and kept, those that are missing."""
    try:
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        kept = {}
    except ValueError as error:
        raise BadSetting(
            f"{path} is not valid JSON ({error}); mend it, or start afresh: make clean-local"
        ) from error
    missing = {name: make() for name, make in MADE_UP.items() if name not in kept and name not in given}
    if missing:
        kept |= missing
        keep(path, kept)
    return kept


def keep(path: Path, kept: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=2)
    draft.replace(path)
