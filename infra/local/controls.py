"""Routes that exist on the local machine only: the clock, and running at once what is due."""

import json
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from chalice.app import Chalice, Request, Response

from infra.local.clock import LocalClock
from infra.local.gateway import problem

JSON: dict[str, str | list[str]] = {"Content-Type": "application/json"}


def add(
    app: Chalice, clock_file: Path, tick: Callable[[], dict[str, Any]], moved: Callable[[], None]
) -> None:
    """Put `/_local/clock` and `/_local/tick` beside the service's own routes."""
    clock = LocalClock(clock_file)

    @app.route("/_local/clock", methods=["GET"])
    def read_clock() -> Response:
        return told(clock)

    @app.route("/_local/clock", methods=["POST"])
    def set_clock() -> Response:
        try:
            wanted = asked(app.current_request)
            if wanted is None:
                clock_file.unlink(missing_ok=True)  # no file means real time
            else:
                clock.set(wanted)
            moved()
        except ValueError as error:
            status, headers, body = problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
            return Response(body.decode(), headers=headers, status_code=status)
        return told(clock)

    @app.route("/_local/tick", methods=["POST"])
    def run_what_is_due() -> Response:
        return Response(tick(), headers=JSON)


def told(clock: LocalClock) -> Response:
    return Response({"now": clock.now().isoformat(timespec="milliseconds")}, headers=JSON)


def asked(request: Request | None) -> datetime | None:
    """The time in `{"now": "2026-11-21T08:00:00+01:00"}`, None for null; ValueError when it is neither."""
    wanted = json.loads(request.raw_body or b"null") if request else None
    if not isinstance(wanted, dict) or "now" not in wanted:
        raise ValueError('now: send {"now": "2026-11-21T08:00:00+01:00"}, or {"now": null} for real time')
    now = wanted["now"]
    if now is None:
        return None
    if not isinstance(now, str):
        raise ValueError("now: a time in ISO 8601 with its offset to UTC, or null")
    return datetime.fromisoformat(now)
