"""The service of this process, put together once, on first use. The only place that opens anything."""

import base64
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from chalicelib.api import Api
from chalicelib.carrier.twilio import Twilio
from chalicelib.clockwork import Clockwork
from chalicelib.config import Settings, need
from chalicelib.conversation import Conversation
from chalicelib.counting import Counting
from chalicelib.dataclass import dataclass
from chalicelib.desk import Callbacks
from chalicelib.intake import Intake
from chalicelib.numbers import Vault
from chalicelib.phone import Phone
from chalicelib.policy import Policy
from chalicelib.ports import Office
from chalicelib.prompts import languages
from chalicelib.service import Surveys
from chalicelib.store import Store
from chalicelib.store.dynamo import Table

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

KEPT = "_PARAMETER"
QUICK = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=50,
)


@dataclass(slots=True)
class SendQueue:
    """SQS: one message a look."""

    client: "SQSClient"
    url: str

    def look(self, kind: str, record_id: str, delay: timedelta = timedelta()) -> None:
        body = json.dumps({"kind": kind, "id": record_id})
        seconds = min(int(delay.total_seconds()), 900)
        self.client.send_message(QueueUrl=self.url, MessageBody=body, DelaySeconds=seconds)


@dataclass(frozen=True, slots=True)
class Service:
    """Every part, by its name."""

    office: Office
    twilio: Twilio
    intake: Intake
    conversation: Conversation
    phone: Phone
    callbacks: Callbacks
    clockwork: Clockwork
    api: Api

    def signing_key(self, purpose: str) -> bytes:
        """For cookies: dies with the token it is made from."""
        token = (self.office.settings.api_token or "").encode()
        return hmac.digest(base64.b64encode(token) or b"-", purpose.encode(), "sha256")

    def tick(self) -> dict[str, int]:
        """Everything due, done before it returns: for a local stage whose clock was moved."""
        return self.clockwork.tick()


@dataclass(slots=True)
class _Clock:
    read: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


_clock = _Clock()


def use_clock(read: Callable[[], datetime]) -> None:
    """Another clock than the machine's: the local stage's can be moved."""
    _clock.read = read


@cache
def service() -> Service:
    """Raises BadSetting naming the variable that is missing or malformed."""
    env = environment()
    settings = Settings.read(env, lambda name: need(env, name))
    store = Store(Table(boto3.client("dynamodb", config=QUICK), settings.table, lambda: _clock.read()))
    queue = SendQueue(boto3.client("sqs", config=QUICK), settings.send_queue_url)
    twilio = Twilio(
        settings.account_sid,
        settings.auth_tokens,
        settings.sender,
        settings.voice_from,
        settings.public_url,
        settings.carrier_url,
    )
    vault = Vault(settings.phone_keys)
    return assembled(
        Office(settings, store, twilio, queue, vault, lambda: _clock.read(), first_policy(settings)), twilio
    )


def assembled(office: Office, twilio: Twilio) -> Service:
    callbacks = Callbacks(office)
    surveys = Surveys(office, callbacks)
    intake = Intake(office, surveys)
    clockwork = Clockwork(office, surveys, callbacks, Counting(office))
    return Service(
        office,
        twilio,
        intake,
        Conversation(surveys),
        Phone(surveys, intake),
        callbacks,
        clockwork,
        Api(office, callbacks),
    )


def first_policy(settings: Settings) -> Policy:
    """What holds until somebody changes it: a deployed stage starts in trial and rings nobody."""
    plain = Policy(invite_delay_seconds=settings.invite_delay_seconds)
    if not settings.local:
        return plain
    here = {"mode": "live", "outbound_voice": {"": True}, "draft_languages": list(languages())}
    return plain.with_changes(here)


def environment() -> dict[str, str]:
    """Every variable, and those kept in Parameter Store under the names in `<NAME>_PARAMETER`: one request for all."""
    kept = {path: name for name, path in os.environ.items() if name.endswith(KEPT)}
    if not kept:
        return dict(os.environ)
    answer = boto3.client("ssm", config=QUICK).get_parameters(Names=sorted(kept), WithDecryption=True)
    found = {kept[each["Name"]].removesuffix(KEPT): each["Value"] for each in answer["Parameters"]}
    return {**found, **os.environ}
