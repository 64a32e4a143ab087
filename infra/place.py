"""A running stage as the ops commands use it: what its service was given, its table, its clock, its own parts.

    place = find("prod")
    place.service().api.settings()["policy"]["mode"]     # "trial"

`local` is whatever runs on this machine under `$DATA`: `make run`, else the deployed stage on the embedded engine.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib import wiring
from chalicelib.carrier.twilio import Twilio
from chalicelib.config import BadSetting, Settings, need
from chalicelib.errors import BadRequest
from chalicelib.numbers import Vault
from chalicelib.ports import Office
from chalicelib.store import Store
from chalicelib.store.dynamo import Table
from infra import stacks, values
from infra.aws import PATIENT, Cloud, connect
from infra.command import OpsError
from infra.local import engine, processes
from infra.local.clock import LocalClock
from infra.local.settings import BadSetting as BadLocalSetting
from infra.local.settings import LocalSettings, direct
from infra.local.stack import QUEUE
from infra.stage import Stage

LOCAL = "local"


def machine_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stage runs."""

    name: str
    env: Mapping[str, str]  # as its service reads it, secrets in clear
    client: Callable[[str], Any]  # AWS clients, by the service's name
    clock: Callable[[], datetime] = machine_time  # the service's: a local one can be moved
    cloud: Cloud | None = None  # None: `make run`
    data: Path | None = None  # of `make run`: the folder it keeps everything in

    @property
    def on_aws(self) -> bool:
        return self.cloud is not None and self.cloud.endpoint is None

    @property
    def stand_in(self) -> bool:
        """Whether another carrier than Twilio is texted through: nobody real is reached."""
        return bool(self.env.get("TWILIO_API_URL"))

    @property
    def settings(self) -> Settings:
        """Raises OpsError with the variable that is missing or malformed."""
        try:
            return Settings.read(self.env, lambda name: need(self.env, name))
        except BadSetting as error:
            raise OpsError(f"{error}; the doctor says more: python -m infra.doctor {self.name}") from error

    @property
    def store(self) -> Store:
        return Store(Table(self.client("dynamodb"), self.settings.table, self.clock))

    def service(self) -> wiring.Service:
        """The service's own parts, working on its table and queue from here."""
        settings = self.settings
        carrier = Twilio(
            settings.account_sid,
            settings.auth_tokens,
            settings.sender,
            settings.voice_from,
            settings.public_url,
            settings.carrier_url,
        )
        queue = wiring.SendQueue(self.client("sqs"), settings.send_queue_url)
        first, vault = wiring.first_policy(settings), Vault(settings.phone_keys)
        return wiring.assembled(
            Office(settings, self.store, carrier, queue, vault, self.clock, first), carrier
        )

    def change_policy(self, changes: Mapping[str, Any], who: str) -> None:
        """As from the settings page: checked, and kept in the history under `who`. Raises OpsError."""
        try:
            self.service().api.change_settings(dict(changes), who)
        except BadRequest as error:
            raise OpsError(f"the settings were not changed: {error}") from error

    def dead_letters(self) -> str:
        """The dead letters' address."""
        if self.cloud:
            return self.cloud.outputs(self.cloud.service)["SendDeadLetters"]
        address: str = self.client("sqs").get_queue_url(QueueName=f"{QUEUE}-dead")["QueueUrl"]
        return address

    def event_letters(self) -> str | None:
        """The address of the contact centres' events that failed; None where none are heard (`make run`)."""
        if self.cloud is None:
            return None
        return stacks.resource_names(self.cloud, self.cloud.service, "AWS::SQS::Queue")["EventDeadLetters"]

    def function(self, logical: str) -> str:
        """The name of a deployed function. Raises OpsError where nothing is deployed."""
        if self.cloud is None:
            raise OpsError(f"{self.name} has no functions: it runs by make run")
        return stacks.resource_names(self.cloud, self.cloud.service, "AWS::Lambda::Function")[logical]

    def waiting(self, queue_url: str) -> int:
        """How many messages lie there."""
        name = "ApproximateNumberOfMessages"
        found = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])
        return int(found["Attributes"][name])


def find(name: str) -> Place:
    """The stage of that name; OpsError when it is not up."""
    folder = Path(os.environ.get("DATA") or ".local").absolute()
    if name == LOCAL and processes.left_over("service", folder):
        return running(folder)
    stage = Stage.read(name)
    try:
        cloud = connect(stage)
    except OpsError as error:
        if name == LOCAL:
            raise OpsError("nothing runs here: make run, or python -m infra.deploy local") from error
        raise
    if stage.embedded:
        os.environ.update(direct(os.environ))
    return deployed(cloud)


def running(folder: Path, env: Mapping[str, str] = os.environ) -> Place:
    """What `make run` keeps in this folder. OpsError when it is not up."""
    service, up = processes.left_over("service", folder), processes.left_over("engine", folder)
    if service is None or up is None:
        raise OpsError(f"nothing runs in {folder}: make run")
    double = processes.left_over("carrier", folder)
    ports = {"PORT": str(service.port)} | ({"CARRIER_PORT": str(double.port)} if double else {})
    try:
        settings = LocalSettings.read({**env, **ports, "DATA": str(folder)})
    except BadLocalSetting as error:
        raise OpsError(str(error)) from error
    os.environ.update(direct(os.environ))
    endpoint = engine.url(up)

    @cache
    def client(kind: str) -> Any:
        make: Any = engine.SESSION.client
        return make(kind, endpoint_url=endpoint, config=PATIENT)

    address = client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]
    whole = {**settings.env, "AWS_ENDPOINT_URL": endpoint, "SEND_QUEUE_URL": address}
    return Place(LOCAL, whole, client, LocalClock(folder / "clock.json").now, data=folder)


def deployed(cloud: Cloud) -> Place:
    """A stage that `deploy` made. OpsError when it did not."""
    service, given = cloud.outputs(cloud.service), stacks.parameters(cloud, cloud.service)
    own = {
        "STAGE": cloud.stage.name,
        "TABLE": cloud.outputs(cloud.records)["Table"],
        "SEND_QUEUE_URL": service["SendQueue"],
        "TIMEZONE": given.get("TimeZone", ""),
        "AUTHORITY_NAME": given.get("Authority", ""),
        "INVITE_DELAY_SECONDS": given.get("InviteDelaySeconds", ""),
        "PUBLIC_URL": cloud.public_url(),
    }
    if (carrier := given.get("CarrierUrl", "none")) != "none":
        own["TWILIO_API_URL"] = carrier
    return Place(cloud.stage.name, {**values.read(cloud), **own}, cloud.client, cloud=cloud)
