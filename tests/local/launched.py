"""`make run` as a test sees it: the launcher with a small service, on ports and in a folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from infra.local import ports, processes

ROOT = Path(__file__).parent.parent.parent
SMALL_SERVICE = Path(__file__).parent / "small_service"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Launched:
    """One launcher and what it has said so far."""

    def __init__(self, data: Path, port: int, carrier_port: int, extra: Mapping[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._said = data.parent / "said.txt"
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA": str(data), **extra}
        env |= {"PORT": str(port), "CARRIER_PORT": str(carrier_port)}
        with self._said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.run"],
                cwd=SMALL_SERVICE, env=env, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def ready(self) -> "Launched":
        """Itself, when its block of addresses is on the screen."""
        until(lambda: "Stop with Ctrl-C" in self.said() or self.process.poll() is not None, 30)
        assert "Stop with Ctrl-C" in self.said(), self.said()
        return self

    def ended(self, within: float = 15) -> int:
        return self.process.wait(within)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Answer:
        headers = {"Content-Type": kind} if body is not None else {}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def count(self) -> int:
        return int(self.ask("GET", "/count").json()["count"])

    def counts(self, wanted: int) -> bool:
        """Whether the service gets to that count."""
        until(lambda: self.count() >= wanted, 10)
        return self.count() == wanted


class Place:
    """A folder and two ports for the runs of one test."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port, self.carrier_port = ports.any_free(), ports.any_free()
        self._runs: list[Launched] = []

    def launch(self, **extra: str) -> Launched:
        run = Launched(self.data, self.port, self.carrier_port, extra)
        self._runs.append(run)
        return run

    def pids(self) -> dict[str, int]:
        """The processes the last run noted that are alive."""
        found = {name: processes.left_over(name, self.data) for name in ("engine", "carrier", "service")}
        return {name: running.pid for name, running in found.items() if running}

    def clear(self) -> None:
        """Leave nothing behind, whatever a test did."""
        for run in self._runs:
            if run.process.poll() is None:
                run.process.kill()
                run.process.wait()
        for name in ("service", "carrier", "engine"):
            if running := processes.left_over(name, self.data):
                processes.stop(running, within=1)


def until(true: Callable[[], bool], within: float) -> None:
    deadline = time.monotonic() + within
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)


def port_in(text: str) -> str | None:
    found = re.search(r"PORT=(\d+)", text)
    return found and found[1]
