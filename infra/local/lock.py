"""One run per folder: a lock on `$DATA/lock` that the system lifts when its holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STOPPING = "stopping"
WAIT = 10.0  # seconds for a run that is on its way out


class AlreadyRunning(Exception):
    """Another run has this folder; the message says which."""


@dataclass(frozen=True, slots=True)
class Lock:
    path: Path

    def stopping(self) -> None:
        """Let whoever comes next know that waiting is worth it."""
        self.path.write_text(f"{os.getpid()} {STOPPING}", encoding="ascii")


@contextmanager
def held(data: Path) -> Iterator[Lock]:
    """Hold the folder; AlreadyRunning when a run that is not stopping has it."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / "lock"
    with path.open("a+b") as file:
        deadline = time.monotonic() + WAIT
        while not taken(file.fileno()):
            pid, _, state = path.read_text(encoding="ascii").partition(" ")
            if state != STOPPING or time.monotonic() > deadline:
                raise AlreadyRunning(
                    f"{data} is in use by another run (pid {pid or 'not known'}{state and ', ' + state})"
                )
            time.sleep(0.1)
        path.write_text(str(os.getpid()), encoding="ascii")
        yield Lock(path)


def taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
