"""The service put together in the test's own process, on a real table: for what cannot be seen from outside.

Carrier and queue only write down what they were asked; the clock stands where it is put.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from chalice.app import Request

from chalicelib.carrier.twilio import Twilio
from chalicelib.config import Settings
from chalicelib.events import CallEnded, Outcome
from chalicelib.numbers import Vault
from chalicelib.ports import Office
from chalicelib.store import Store
from chalicelib.store.dynamo import Table
from chalicelib.wiring import Service, assembled, first_policy

SECRETS = {
    "TWILIO_AUTH_TOKEN": "12345678901234567890123456789012",
    "CALLS_WEBHOOK_SECRET": "whsec_" + base64.b64encode(b"an example secret of the tests").decode(),
    "PHONE_KEY": base64.b64encode(bytes(range(32))).decode(),
    "API_TOKEN": "only-for-tests",
}
ENV = {
    "STAGE": "local",
    "PUBLIC_URL": "https://survey.example.org",
    "SEND_QUEUE_URL": "https://queue.example.org/send",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
    "TWILIO_FROM": "+46701740699",
    "AUTHORITY_NAME": "Exempelverket",
    "TIMEZONE": "Europe/Stockholm",
    "INVITE_DELAY_SECONDS": "60",
}
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # a Tuesday, in Stockholm an hour later


@dataclass(slots=True)
class Carrier:
    """Accepts everything, and knows it when asked."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)  # records deleted
    under_way: bool = False  # nothing can be deleted

    def send(self, to: str, body: str, status_path: str | None) -> str:
        self.sent.append((to, body))
        return f"SM{len(self.sent):032x}"

    def call(self, to: str, path: str, status_path: str) -> str:
        self.rung.append(to)
        return f"CA{len(self.rung):032x}"

    def look_up_text(self, to: str, body: str, since: datetime) -> tuple[Outcome, str | None]:
        return (Outcome.ACCEPTED if (to, body) in self.sent else Outcome.NOT_FOUND), None

    def look_up_call(self, to: str, since: datetime) -> tuple[Outcome, str | None]:
        return (Outcome.ACCEPTED if to in self.rung else Outcome.NOT_FOUND), None

    def records(self, number: str) -> list[str]:
        texts = [f"messages/{n}" for n, (to, _) in enumerate(self.sent) if to == number]
        calls = [f"calls/{n}" for n, to in enumerate(self.rung) if to == number]
        return [record for record in (*texts, *calls) if record not in self.gone]

    def delete(self, record: str) -> bool:
        if not self.under_way:
            self.gone.add(record)
        return not self.under_way

    def reachable(self) -> bool:
        return True


@dataclass(slots=True)
class Queue:
    asked: list[tuple[str, str]] = field(default_factory=list)

    def look(self, kind: str, record_id: str, delay: timedelta = timedelta()) -> None:
        self.asked.append((kind, record_id))


@dataclass(slots=True)
class Bench:
    """One service and what it runs on."""

    store: Store
    now: datetime = NOON
    phone_key: str = SECRETS["PHONE_KEY"]
    carrier: Carrier = field(default_factory=Carrier)
    queue: Queue = field(default_factory=Queue)
    service: Service = field(init=False)
    _calls: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.service = self.another()

    def another(self) -> Service:
        """The service as another process has it: the same table, and nothing remembered."""
        secrets = SECRETS | {"PHONE_KEY": self.phone_key}
        settings = Settings.read(ENV | {"TABLE": "unused"}, lambda name: secrets[name])
        twilio = Twilio(
            settings.account_sid,
            settings.auth_tokens,
            settings.sender,
            settings.voice_from,
            settings.public_url,
        )
        vault = Vault(settings.phone_keys)
        policy = first_policy(settings)
        office = Office(
            settings, self.store, self.carrier, self.queue, vault, lambda: self.now, policy
        )  # fmt: skip
        return assembled(office, twilio)

    def rotate(self) -> None:
        """A new PHONE_KEY beside every earlier one, as `python -m infra.rotate` makes it, and deployed."""
        newest = bytes([len(self.phone_key.split()) + 100] * 32)
        self.phone_key = f"{base64.b64encode(newest).decode()} {self.phone_key}"
        self.service = self.another()

    def ahead(self, **span: float) -> None:
        self.now += timedelta(**span)

    def call(self, caller: str | None, **fields: Any) -> CallEnded:
        """A call that ended now, with a fresh id."""
        usual = CallEnded(
            f"c-{next(self._calls)}", caller, self.now, queue="permits", team="north", language="sv"
        )
        return replace(usual, talk=timedelta(seconds=240), **fields)

    def text(self, caller: str, body: str, sid: str = "") -> str:
        """TwiML that answers a text."""
        return self.service.conversation.text_came(
            inbound(caller, body, sid or f"SM{next(self._calls):032x}")
        )

    def invited(self, caller: str, **fields: Any) -> str:
        """A survey whose first text has been sent: its id."""
        decision = self.service.intake.call_ended(self.call(caller, **fields))
        assert decision.survey_id, decision
        self.ahead(seconds=60)
        self.service.clockwork.look("survey", decision.survey_id)
        return decision.survey_id


def on(client: Any, table: str, **changes: Any) -> Bench:
    bench = Bench(Store(Table(client, table, lambda: bench.now)), **changes)
    return bench


def asked(path: str, cookie: str = "", **query: str) -> Request:
    """A request for a page or a list, as the gateway hands it on."""
    return Request(
        {
            "headers": {"cookie": cookie},
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
            "requestContext": {"httpMethod": "GET", "resourcePath": path},
            "pathParameters": {}, "stageVariables": {}, "body": None, "isBase64Encoded": False,
        }
    )  # fmt: skip


def inbound(caller: str, body: str, sid: str) -> Mapping[str, str]:
    return {"From": caller, "To": ENV["TWILIO_FROM"], "Body": body, "MessageSid": sid, "NumMedia": "0"}
