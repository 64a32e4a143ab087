"""The running stage as its surroundings see it: the service's API and local controls, the carrier's handsets."""

import http.client
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.local import processes, settings

Json = dict[str, Any]
PATIENCE = 60.0  # seconds for one answer
RINGS_WITHIN = 5.0
LOOK_EVERY = 0.05


class Cannot(Exception):
    """There is no stage to fill; the message says what to do."""


class Refused(Exception):
    """An answer of 400 or more."""

    def __init__(self, status: int, asked: str, told: Json) -> None:
        super().__init__(f"{asked} was answered with {status}: {told.get('detail', told)}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Stage:
    data: Path
    port: int
    carrier_port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def service(self, method: str, path: str, body: Json | None = None) -> Json:
        return _ask(self.port, method, path, body, {"Authorization": f"Bearer {self.token}"})

    def clock(self, now: datetime | None) -> None:
        """None is real time, also when the service has gone meanwhile."""
        try:
            self.service("POST", "/_local/clock", {"now": now.isoformat() if now else None})
        except OSError:
            if now:
                raise
            (self.data / "clock.json").unlink(missing_ok=True)

    def tick(self) -> None:
        self.service("POST", "/_local/tick", {})

    def used_numbers(self) -> set[str]:
        return {handset["number"] for handset in self._phones("GET", "/numbers")["numbers"]}

    def settle(self) -> None:
        """What the carrier has under way has arrived."""
        self._phones("POST", "/settle", {"seconds": PATIENCE / 2})

    def call_ended(self, report: Json) -> Json:
        """The centre reports a call; the service's decision."""
        told = self._phones("POST", "/calls", report)
        if told["status"] not in (200, 202):
            raise Refused(told["status"], "the report of a call", told["answer"])
        decision: Json = told["answer"]
        return decision

    def phone(self, number: str, act: str, **body: str) -> Json:
        return self._phones("POST", f"/numbers/{quote(number)}/{act}", dict(body))

    def behave(self, number: str, behaviour: str) -> None:
        self._phones("POST", "/numbers", {"number": number, "behaviour": behaviour})

    def rings(self, number: str) -> bool:
        """Whether the phone rings, within a moment."""
        until = time.monotonic() + RINGS_WITHIN
        while time.monotonic() < until:
            call = self._phones("GET", f"/numbers/{quote(number)}")["call"]
            if call and call["status"] == "ringing":
                return True
            time.sleep(LOOK_EVERY)
        return False

    def _phones(self, method: str, path: str, body: Json | None = None) -> Json:
        return _ask(self.carrier_port, method, f"/phones/api{path}", body, {})


def find(env: Mapping[str, str]) -> Stage:
    """The stage that this environment's `make run` started. Raises Cannot, or BadSetting."""
    port = settings.number("PORT", env.get("PORT") or "8000")
    data = Path(env.get("DATA") or ".local").absolute()
    try:
        _ask(port, "GET", "/health", None, {})
    except OSError as error:
        raise Cannot(f"Nothing answers at http://127.0.0.1:{port}: start `make run` first.") from error
    except Refused as error:
        raise Cannot(f"The service at http://127.0.0.1:{port} is not well: {error}") from error
    service, carrier = (processes.left_over(name, data) for name in ("service", "carrier"))
    if service is None or service.port != port:
        given = f"PORT={port} and DATA={data}"
        raise Cannot(f"{given} are not of one stage: give the same as to `make run`.")
    if carrier is None:
        raise Cannot("A real carrier is configured: invented callers have phones only on the simulated one.")
    return Stage(data, port, carrier.port, env.get("API_TOKEN") or _kept_token(data))


def _kept_token(data: Path) -> str:
    kept: dict[str, str] = json.loads((data / "settings.json").read_text(encoding="utf-8"))
    return kept["API_TOKEN"]


def _ask(port: int, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Json:
    """The JSON of the answer. Raises Refused, or OSError when nobody is there."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    sent = None if body is None else json.dumps(body).encode()
    try:
        line.request(method, path, sent, {"Content-Type": "application/json", **headers})
        answer = line.getresponse()
        said = answer.read()
    finally:
        line.close()
    try:
        told = json.loads(said) if said else {}
    except ValueError:
        told = {"detail": said[:200].decode("utf-8", "replace")}
    if answer.status >= 400:
        raise Refused(answer.status, f"{method} {path.partition('?')[0]}", told)
    found: Json = told
    return found


def in_order(rows: Iterable[Json], name: str) -> list[Json]:
    return sorted(rows, key=lambda row: str(row[name]))
