"""How far a demonstration is, where others can see it: two files in the stage's folder.

`demo.lock` is held while one runs, `demo.json` says `{"calls": 400, "done": 120, "doing": "…", "problem": null}`.
`made-up` stays: from then on the results are not real, and the pages say so.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local import lock

MARK = "made-up"
GLANCE = 0.3  # seconds: far longer than `running` takes the lock to see whether it is free
BUSY = "invented callers are ringing already; wait until they are through"


class Busy(Exception):
    """Another demonstration runs on this stage."""


@dataclass(frozen=True, slots=True)
class Progress:
    calls: int
    done: int = 0  # calls that have ended
    doing: str = ""
    problem: str | None = None  # why it stopped before its end


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Two would move one clock. Raises Busy."""
    with (data / "demo.lock").open("a+b") as file:
        until = time.monotonic() + GLANCE
        while not lock.taken(file.fileno()):
            if time.monotonic() > until:
                raise Busy(BUSY)
            time.sleep(GLANCE / 10)
        yield


def running(data: Path) -> bool:
    with (data / "demo.lock").open("a+b") as file:
        return not lock.taken(file.fileno())


def mark(data: Path) -> None:
    (data / MARK).touch()


def marked(data: Path) -> bool:
    return (data / MARK).exists()


def write(data: Path, progress: Progress) -> None:
    path = data / "demo.json"
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    draft.replace(path)


def read(data: Path) -> Progress | None:
    """The last one's; None when there was none."""
    path = data / "demo.json"
    return Progress(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
