"""A table of the embedded engine, of this run's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.local import engine, processes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a benchmark keeps its records."""

    endpoint: str
    table: str
    client: Any  # of boto3, for DynamoDB

    def another(self, table: str) -> "Place":
        """An empty table beside it."""
        engine.prepare(self.endpoint, table, f"{table}-send")
        return Place(self.endpoint, table, self.client)


@contextmanager
def place() -> Iterator[Place]:
    with TemporaryDirectory() as folder:
        running = engine.bring_up(Path(folder))
        try:
            address = engine.url(running)
            yield Place(address, "none", engine.dynamodb(address)).another("benchmarks")
        finally:
            processes.stop(running, within=engine.STOP_WITHIN)
