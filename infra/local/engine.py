"""The embedded AWS-compatible engine: started, or taken over from a killed run, and given its table and queues.

Table and queues are made from `infra/records.json` and `infra/resources.json`, the very definitions that are deployed.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3

from infra.local import ports, processes
from infra.local.settings import AWS, REGION

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".venv-engine" / "bin" / "python"
STOP_WITHIN = 20.0  # seconds: it writes everything it holds
TABLE_KEYS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")

# It gets a bare environment with these: its Lambdas would inherit an AWS_ENDPOINT_URL and hang.
OPTIONS = {
    "BIND_HOST": "127.0.0.1",
    "MINISTACK_HOST": "127.0.0.1",
    "MINISTACK_REGION": REGION,
    "PERSIST_STATE": "1",
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
}

SESSION = boto3.Session(AWS["AWS_ACCESS_KEY_ID"], AWS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)


class EngineError(Exception):
    """The engine did not come up; the message says where to look."""


def url(engine: processes.Running) -> str:
    return f"http://127.0.0.1:{engine.port}"


def bring_up(
    data: Path, *, within: float = 30, options: Mapping[str, str] = MappingProxyType({})
) -> processes.Running:
    """The engine of this folder, answering; one that outlived its launcher is used as it is, whatever its options."""
    engine = processes.left_over("engine", data)
    if not (engine and healthy(engine)):
        if engine:
            processes.stop(engine, within=STOP_WITHIN)
        engine = launch(data, options)
    deadline = time.monotonic() + within
    while not healthy(engine):
        ended = processes.reap(engine.pid)
        if ended or time.monotonic() > deadline:
            processes.stop(engine, within=STOP_WITHIN)
            raise EngineError(
                f"the engine {ended or 'does not answer'}: see {data / 'logs' / 'engine.errors'}"
            )
        time.sleep(0.05)
    return engine


def launch(data: Path, options: Mapping[str, str]) -> processes.Running:
    before = processes.noted("engine", data)
    port = ports.any_free(before.port if before else None)
    temporary = data / "tmp"  # it leaves folders behind
    temporary.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    env = {**kept, **OPTIONS, **options, "GATEWAY_PORT": str(port), "TMPDIR": str(temporary)}
    command = [str(PYTHON), str(Path(__file__).with_name("journal.py")), str(data / "engine"), str(port)]
    return processes.start("engine", command, env, data, port=port)


def healthy(engine: processes.Running) -> bool:
    try:
        with urllib.request.urlopen(f"{url(engine)}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def definitions() -> dict[str, dict[str, Any]]:
    """The deployed resources: logical name → its properties."""
    texts = [
        (ROOT / "infra" / name).read_text(encoding="utf-8") for name in ("records.json", "resources.json")
    ]
    found = {name: resource for text in texts for name, resource in json.loads(text)["Resources"].items()}
    return {name: resource.get("Properties", {}) for name, resource in found.items()}


def prepare(endpoint: str, table: str, queue: str) -> str:
    """Make the table and both queues unless they are there; returns the send queue's URL.

    Expiry of records (TTL) stays off: the engine goes by the wall clock, which the local clock may have left. The
    service hides what is past its time by itself.
    """
    properties = definitions()
    create_table(dynamodb(endpoint), table, properties["Table"])
    queues = sqs(endpoint)
    dead = create_queue(queues, f"{queue}-dead", properties["SendDeadLetters"])
    arn = queues.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = {**properties["SendQueue"]["RedrivePolicy"], "deadLetterTargetArn": arn}
    return create_queue(queues, queue, {**properties["SendQueue"], "RedrivePolicy": redrive})


def create_table(tables: Any, name: str, properties: Mapping[str, Any]) -> None:
    if name not in tables.list_tables()["TableNames"]:
        tables.create_table(TableName=name, **{key: properties[key] for key in TABLE_KEYS})
        tables.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    elif shape(tables.describe_table(TableName=name)["Table"]) != shape(properties):
        raise EngineError(
            f"the table {name} was made by another version, with other indexes; start afresh: make clean-local"
        )


def shape(table: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """What two tables must have in common: keys, and per index its keys and what it carries along."""
    return {"": (table["KeySchema"],)} | {
        index["IndexName"]: (index["KeySchema"], sorted(index["Projection"].get("NonKeyAttributes", ())))
        for index in table["GlobalSecondaryIndexes"]
    }


def create_queue(queues: Any, name: str, properties: Mapping[str, Any]) -> str:
    """CloudFormation's properties are the API's attributes, but for text in place of numbers and objects."""
    plain = {
        key: value for key, value in properties.items() if key not in ("QueueName", "SqsManagedSseEnabled")
    }
    attributes = {
        key: json.dumps(value) if isinstance(value, dict) else str(value) for key, value in plain.items()
    }
    try:
        found: str = queues.get_queue_url(QueueName=name)["QueueUrl"]
    except queues.exceptions.QueueDoesNotExist:
        found = queues.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return found


def dynamodb(endpoint: str) -> Any:
    return SESSION.client("dynamodb", endpoint_url=endpoint)


def sqs(endpoint: str) -> Any:
    return SESSION.client("sqs", endpoint_url=endpoint)
