"""The processes of one run: engine, simulated carrier, service; started in that order and stopped in the other."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from infra.local import engine, ports, processes
from infra.local.processes import Running
from infra.local.settings import DEFAULTS, MADE_UP, LocalSettings

QUEUE = "aftercall-send"
UP_WITHIN = 30.0  # seconds
STOPS_WITHIN = {"service": 8.0, "carrier": 5.0, "engine": engine.STOP_WITHIN}


class Cannot(Exception):
    """The run cannot start; the message says why and what to do."""


@dataclass(slots=True)
class Stack:
    """What is up, in the order it was started."""

    settings: LocalSettings
    up: dict[str, Running] = field(default_factory=dict)

    def start(self) -> None:
        """Bring everything up, taking over what outlived a killed run; Cannot or EngineError when that fails."""
        settings, data = self.settings, self.settings.data
        if orphan := processes.left_over("service", data):
            processes.stop(orphan, within=STOPS_WITHIN["service"])
        carrier = self.carrier_left_over()
        self.check_port("PORT", settings.port)
        if settings.simulated and not carrier:
            self.check_port("CARRIER_PORT", settings.carrier_port)
        self.up["engine"] = engine.bring_up(data)
        if settings.simulated:
            self.up["carrier"] = carrier or self.module(
                "carrier", "carrier", settings.carrier_port, settings.env
            )
        endpoint = engine.url(self.up["engine"])
        own = {
            "AWS_ENDPOINT_URL": endpoint,
            "SEND_QUEUE_URL": engine.prepare(endpoint, settings.env["TABLE"], QUEUE),
        }
        if settings.simulated:
            self.wait("carrier", lambda: ports.listening(settings.carrier_port))
        self.up["service"] = self.module("service", "server", settings.port, {**settings.env, **own})
        self.wait("service", lambda: health(settings.url) is not None)

    def stop(self) -> None:
        """End what is up, the last started first. The engine writes down what it holds."""
        for name, running in reversed(list(self.up.items())):
            if not processes.stop(running, within=STOPS_WITHIN[name]):
                print(f"The {name} had to be killed: it did not end by itself.", file=sys.stderr)

    def ended(self) -> str | None:
        """Which of them is gone, and how, in words; None while all are there."""
        for name, running in self.up.items():
            how = processes.reap(running.pid)
            if how or not running.alive():
                return f"The {name} {how or 'is gone'}"
        return None

    def module(self, name: str, module: str, port: int, env: Mapping[str, str]) -> Running:
        command = [sys.executable, "-m", f"infra.local.{module}"]
        return processes.start(
            name, command, env, self.settings.data, port=port, fingerprint=self.fingerprint()
        )

    def wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + UP_WITHIN
        while not ready():
            if ended := self.ended():
                raise Cannot(f"{ended}. Its last words:\n{last_words(self.errors(name))}")
            if time.monotonic() > deadline:
                raise Cannot(
                    f"The {name} does not answer after {UP_WITHIN:.0f} s; it wrote to {self.errors(name)}"
                )
            time.sleep(0.05)

    def errors(self, name: str) -> Path:
        return self.settings.data / "logs" / f"{name}.errors"

    def carrier_left_over(self) -> Running | None:
        """The carrier of a killed run, if it stands in for the same account at the same port; any other is stopped."""
        carrier = processes.left_over("carrier", self.settings.data)
        if not carrier:
            return None
        same = carrier.fingerprint == self.fingerprint() and ports.listening(self.settings.carrier_port)
        if self.settings.simulated and same:
            return carrier
        processes.stop(carrier, within=STOPS_WITHIN["carrier"])
        return None

    def fingerprint(self) -> str:
        """Of every setting that the carrier and the service must have in common."""
        names = sorted({*DEFAULTS, *MADE_UP, "PUBLIC_URL", "PORT", "CARRIER_PORT", "TWILIO_API_URL"})
        return sha256(repr([self.settings.env.get(name) for name in names]).encode()).hexdigest()

    def check_port(self, name: str, port: int) -> None:
        if ports.free(port):
            return
        other = next(n for n in range(port + 10, 65535, 10) if ports.free(n) and ports.free(n + 1))
        raise Cannot(f"{port} is used by {ports.holder(port)}; try {name}={other} make run")


def health(url: str) -> int | None:
    """The status of /health, None while nothing answers."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return None


def last_words(log: Path) -> str:
    return "\n".join(
        "  " + line for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
    )
