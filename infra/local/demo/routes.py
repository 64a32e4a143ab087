"""`/_local/demo`: the same demonstration from a button, in a process of its own; and what the pages are told of it."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

from chalice.app import Chalice, Request, Response

from chalicelib import site
from infra.local.demo import progress
from infra.local.demo.progress import Progress
from infra.local.demo.stage import Cannot, find
from infra.local.demo.story import MOST, USUAL
from infra.local.gateway import problem

JSON: dict[str, str | list[str]] = {"Content-Type": "application/json"}


def add(app: Chalice, env: Mapping[str, str]) -> None:
    """`POST {"calls": 400}` begins one and answers 202, `GET` says how far it is. From the first on, pages say so."""
    data = Path(env["DATA"])
    filling = Filling(data, env)
    site.made_up = lambda: progress.marked(data)

    @app.route("/_local/demo", methods=["GET"])
    def how_far() -> Response:
        return Response(filling.state(), JSON)

    @app.route("/_local/demo", methods=["POST"])
    def fill() -> Response:
        try:
            calls = asked(app.current_request)
            filling.begin(calls)
        except ValueError as error:
            return refused(HTTPStatus.UNPROCESSABLE_ENTITY, error)
        except (Cannot, progress.Busy) as error:
            return refused(HTTPStatus.CONFLICT, error)
        return Response(filling.state(), JSON, HTTPStatus.ACCEPTED)


def asked(request: Request | None) -> int:
    """How many calls; ValueError when that is no such number."""
    wanted = json.loads(request.raw_body or b"{}") if request else {}
    calls = wanted.get("calls", USUAL) if isinstance(wanted, dict) else None
    if isinstance(calls, bool) or not isinstance(calls, int) or not 1 <= calls <= MOST:
        raise ValueError(f'calls: send {{"calls": 400}}, a whole number from 1 to {MOST}')
    return calls


def refused(status: HTTPStatus, error: Exception) -> Response:
    code, headers, body = problem(status, str(error))
    return Response(body.decode(), headers=headers, status_code=code)


class Filling:
    """The demonstration this server has begun, if any."""

    def __init__(self, data: Path, env: Mapping[str, str]) -> None:
        self._data, self._env = data, env
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def begin(self, calls: int) -> None:
        """Raises Cannot without a simulated carrier, Busy while one is running."""
        with self._turn:
            find(self._env)
            if self.running():
                raise progress.Busy(progress.BUSY)
            progress.write(self._data, Progress(calls, doing="starting"))
            command = [sys.executable, "-m", "infra.local.demo", "--calls", str(calls)]
            with (self._data / "logs" / "demo.log").open("ab") as log:
                self._process = subprocess.Popen(
                    command, env=dict(self._env), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )

    def running(self) -> bool:
        """Here, or in another terminal."""
        mine = self._process is not None and self._process.poll() is None
        return mine or progress.running(self._data)

    def state(self) -> dict[str, Any]:
        known = progress.read(self._data) or Progress(0)
        return {"running": self.running(), **asdict(known)}
