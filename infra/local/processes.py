"""Child processes that outlive their launcher safely: each leads a group of its own and leaves a note of itself.

The note `$DATA/run/<name>.json` is `{"pid": 4711, "born": "8123456", "port": 8000}`; `born` tells a process from a
later one that got the same number.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LOG_LIMIT = 5_000_000  # bytes; a longer log is set aside at the next start


@dataclass(frozen=True, slots=True)
class Running:
    """A process we started, in this run or in an earlier one."""

    pid: int
    born: str
    port: int
    fingerprint: str = ""  # of what it was started with, where that decides whether it can be taken over

    def alive(self) -> bool:
        return self.born != "" and born(self.pid) == self.born


def born(pid: int) -> str:
    """When the process began, in whatever unit the system tells it; "" when it is gone (or only its zombie is left)."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        return "" if fields[0] in "ZX" else fields[19]
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return ""
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, began = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()


def start(
    name: str, command: Sequence[str], env: Mapping[str, str], data: Path, *, port: int, fingerprint: str = ""
) -> Running:
    """Start `command` in a process group of its own; it writes to `<name>.log` and `<name>.errors` in `$DATA/logs`."""
    outputs = (Path(os.devnull), log(data, name, "log"), log(data, name, "errors"))
    modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    files = [
        (os.POSIX_SPAWN_OPEN, number, str(path), mode, 0o600)
        for number, (path, mode) in enumerate(zip(outputs, modes, strict=True))
    ]
    # Not subprocess: what it starts it also wants to wait for, and these may outlive us.
    pid = os.posix_spawn(command[0], list(command), dict(env), file_actions=files, setsid=True)
    running = Running(pid, born(pid), port, fingerprint)
    note = data / "run" / f"{name}.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(asdict(running)), encoding="utf-8")
    return running


def log(data: Path, name: str, kind: str) -> Path:
    """A log of the process, the old one set aside if it has grown long."""
    path = data / "logs" / f"{name}.{kind}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    return path


def left_over(name: str, data: Path) -> Running | None:
    """The process of that name an earlier run noted, if it is still there."""
    running = noted(name, data)
    return running if running and running.alive() else None


def noted(name: str, data: Path) -> Running | None:
    """What the note says, whether or not that process still lives."""
    try:
        return Running(**json.loads((data / "run" / f"{name}.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None  # no note, or one that a full disk cut short: nothing to go by


def stop(running: Running, *, within: float) -> bool:
    """Ask the whole group to end, insist after `within` seconds; True when asking was enough."""
    if ask(running, signal.SIGTERM, within):
        return True
    ask(running, signal.SIGKILL, 5)
    return False


def ask(running: Running, what: signal.Signals, within: float) -> bool:
    try:
        os.killpg(running.pid, what)
    except ProcessLookupError:
        reap(running.pid)
        return True
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        reap(running.pid)
        if not running.alive():
            return True
        time.sleep(0.02)
    return False


def reap(pid: int) -> str | None:
    """How our own child ended, in words; None while it runs, or when it is not our child."""
    try:
        done, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    if not done:
        return None
    code = os.waitstatus_to_exitcode(status)
    return f"ended with {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
