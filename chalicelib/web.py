"""HTTP, once for every route: what a request carries, and how an error is answered (RFC 9457)."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import parse_qsl

from chalice.app import Request, Response

from chalicelib import log
from chalicelib.errors import BadRequest, Conflict, SurveyError, TooLarge

P = ParamSpec("P")
LARGEST = 65_536  # bytes of a body
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"
JSON_HEADERS: dict[str, str | list[str]] = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def answered(view: Callable[P, Response]) -> Callable[P, Response]:
    """The view, with every error as a problem document. A failure of ours tells nothing and is logged whole."""

    @wraps(view)
    def safe(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except SurveyError as error:
            return problem(error)
        except Exception:  # the last resort of a process that must answer
            log.failure("unexpected failure")
            return problem(SurveyError("something went wrong on our side; it has been logged"))

    return safe


def problem(error: SurveyError) -> Response:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": str(error),
    }
    if isinstance(error, BadRequest):
        document["field"] = error.field
    if isinstance(error, Conflict):
        document["owner"] = error.owner
    headers = {**JSON_HEADERS, "Content-Type": PROBLEM}
    return Response(json.dumps(document), headers, error.status)


def told(answer: Response) -> tuple[str, str]:
    """Title and detail of a problem document we made."""
    document = json.loads(answer.body)
    return document["title"], document["detail"]


def as_json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), JSON_HEADERS, status)


def xml(body: str) -> Response:
    return Response(body, {"Content-Type": "text/xml; charset=utf-8", "Cache-Control": "no-store"})


class Binary(Response):
    """Bytes, encoded as the gateway wants them. Chalice's own way refuses whoever sends no Accept header."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        encoded = base64.b64encode(self.body).decode()
        return {**super().to_dict(), "body": encoded, "isBase64Encoded": True}


def body_of(request: Request) -> bytes:
    """Raises TooLarge before anything is parsed."""
    raw = request.raw_body
    if isinstance(raw, str):
        raw = raw.encode()
    if len(raw) > LARGEST:
        raise TooLarge(f"the body is {len(raw)} bytes; at most {LARGEST} are taken")
    return raw


def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, blank ones too: Twilio's signature covers them."""
    return dict(parse_qsl(body_of(request).decode("utf-8", "replace"), keep_blank_values=True))


def document_of(request: Request) -> object:
    """The JSON of the body; an empty body is an empty object. Raises BadRequest."""
    raw = body_of(request)
    try:
        found = json.loads(raw) if raw.strip() else {}
        json.dumps(found, ensure_ascii=False).encode()  # "\ud800", half a letter, could never be answered
    except (ValueError, RecursionError) as error:
        raise BadRequest("body", "is not JSON in UTF-8") from error
    return found


def path_of(request: Request) -> str:
    """The path as it was asked for: what a signature covers."""
    path: str = request.path
    values: Mapping[str, str] = request.uri_params or {}
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    return path
