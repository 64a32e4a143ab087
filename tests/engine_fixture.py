"""The embedded engine for tests: one per test process, fresh table and queues per module.

`engine` is an `Engine`: the endpoint, the names, and boto3 clients. Give its `env()` to code that reads settings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from infra.local import engine as local
from infra.local import processes

number = count()


@dataclass(frozen=True, slots=True)
class Engine:
    endpoint: str
    table: str
    queue_url: str

    @property
    def dynamodb(self) -> Any:
        return local.dynamodb(self.endpoint)

    @property
    def sqs(self) -> Any:
        return local.sqs(self.endpoint)

    def empty(self) -> None:
        """Nothing in the table any more."""
        client = self.dynamodb
        for item in client.scan(TableName=self.table)["Items"]:
            client.delete_item(TableName=self.table, Key={"pk": item["pk"], "sk": item["sk"]})

    def env(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.endpoint, "TABLE": self.table, "SEND_QUEUE_URL": self.queue_url}


@pytest.fixture(scope="session")
def engine_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One engine for all tests of this process."""
    running = local.bring_up(Path(tmp_path_factory.mktemp("engine")))
    yield local.url(running)
    processes.stop(running, within=local.STOP_WITHIN)


@pytest.fixture(scope="module")
def engine(engine_endpoint: str) -> Engine:
    """A table and queues nobody has written to."""
    table = f"aftercall-{next(number)}"
    return Engine(engine_endpoint, table, local.prepare(engine_endpoint, table, f"{table}-send"))
