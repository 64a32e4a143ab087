"""What routes share: who is asking, what they sent, and an answer whatever happens."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from chalice.app import Request, Response

from chalicelib import log, recordings, shapes, web
from chalicelib.carrier import twiml
from chalicelib.errors import BadRequest, NotFound, SurveyError, Unauthorised
from chalicelib.signin import Door, Person
from chalicelib.wiring import service

HEALTHY_FOR = timedelta(seconds=30)  # anonymous traffic must not become traffic to the carrier


@cache
def door() -> Door:
    settings = service().office.settings
    return Door(settings.api_token or "", service().signing_key("pages"), settings.public_url)


def person(request: Request) -> Person:
    """Who asks, by bearer token or by the page's own sign-in. Raises Unauthorised."""
    if header := request.headers.get("authorization"):
        return door().bearer(header)
    if known := visitor(request):
        if request.method != "GET":
            door().check_form(known, request.headers.get("x-csrf-token", ""))
        return known
    raise Unauthorised("Authorization: send a bearer token, or sign in at /sign-in")


def visitor(request: Request) -> Person | None:
    return door().signed_in(request.headers.get("cookie", ""))


def query(request: Request) -> Mapping[str, str]:
    """The query's parameters. Raises BadRequest for one given twice."""
    parameters = request.query_params
    if parameters is None:
        return {}
    for name in parameters:
        if len(parameters.getlist(name)) > 1:
            raise BadRequest(name, "is given more than once")
    return {name: parameters[name] for name in parameters}


def object_of(request: Request) -> Mapping[str, Any]:
    body = web.document_of(request)
    if not isinstance(body, dict):
        raise BadRequest("body", "must be an object")
    return body


def owner(body: Mapping[str, Any], asking: Person) -> str:
    """Who holds the callback: whoever is signed in; a script may name somebody."""
    named = asking.name if asking.csrf else body.get("owner", asking.name)
    if not isinstance(named, str) or not 0 < len(named) <= 40:
        raise BadRequest("owner", "must be a name of at most 40 characters")
    return named


def whole(text: str) -> int:
    """A number in a path; 0, which is never an attempt, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def unquoted(call_id: str) -> str:
    return unquote(call_id)


def or_later(reply: Callable[[], str]) -> Response:
    """An inbound text we could not store is not answered: the carrier tries again. One that is none is refused."""
    try:
        return web.xml(reply())
    except BadRequest as error:
        return web.problem(error)
    except Exception:
        log.failure("a text could not be stored")
        return web.problem(_Busy("could not be stored; please repeat"))


def or_goodbye(reply: Callable[[], str]) -> Response:
    """An error would be read aloud: the caller hears a goodbye instead."""
    try:
        return web.xml(reply())
    except Exception:
        log.failure("a line failed")
        return web.xml(twiml.hang_up())


class _Busy(SurveyError):
    status, title = 503, "Service unavailable"


def responses(request: Request) -> Response:
    asked = query(request)
    wants_csv = asked.get("format") == "csv" or "text/csv" in request.headers.get("accept", "")
    if asked.get("format", "csv") not in ("csv", "json"):
        raise BadRequest("format", "must be csv or json")
    found = service().api.responses(asked)
    if not wants_csv:
        return web.as_json(found)
    headers: dict[str, str | list[str]] = {**web.JSON_HEADERS, "Content-Type": "text/csv; charset=utf-8"}
    if found["next"]:
        headers["Link"] = f'<?{urlencode({**asked, "cursor": found["next"]})}>; rel="next"'
    return Response(shapes.as_csv(found["responses"]), headers)


def openapi() -> Response:
    path = Path(__file__).parent / "openapi.json"
    return web.as_json(json.loads(path.read_text(encoding="utf-8")))


def audio(language: str, name: str) -> Response:
    """What any caller hears; its address changes with its contents. Raises NotFound."""
    recording = recordings.found(language, name)
    if recording is None:
        raise NotFound("there is no such recording")
    headers: dict[str, str | list[str]] = {
        "Content-Type": "audio/wav",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Binary(recording.file.read_bytes(), headers)


def health() -> Response:
    """Whether the table and the carrier's account can be reached; nothing else."""
    checks = _checked(int(service().office.clock().timestamp() // HEALTHY_FOR.total_seconds()))
    status = 200 if all(checks.values()) else 503
    return web.as_json({name: "ok" if fine else "unreachable" for name, fine in checks.items()}, status)


@cache
def _checked(window: int) -> dict[str, bool]:
    office = service().office
    return {"table": _reached(office.store.reachable), "carrier": _reached(office.carrier.reachable)}


def _reached(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        log.failure("health: not reachable")
        return False
