"""API Gateway's part on the local machine: HTTP in, Chalice's own local gateway, HTTP out.

Where Chalice's development server differs from what is deployed, this one does as the deployed service: bytes that are
no UTF-8 are replaced, oversized bodies refused, HEAD is answered, and what the gateway or the framework say by
themselves is a problem document (RFC 9457) like our own errors.
"""

import json
import re
import socketserver
import sys
import time
from http import HTTPStatus
from http.server import HTTPServer
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    CustomLocalChalice,
    ForbiddenError,
    LocalChalice,
    LocalDevServer,
)

NUMBER = re.compile(r"(\+|%2B|\b)\d{7,15}\b", re.IGNORECASE)  # no business in an address, nor in a log
MAX_BODY = 10 * 1024 * 1024  # API Gateway's own limit; each route has a smaller one of its own
PROBLEM = "application/problem+json"
SAID = {
    HTTPStatus.NOT_FOUND: "there is nothing at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take this method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is larger than 10 MB",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Content-Type: this address does not take this kind of body",
    HTTPStatus.LENGTH_REQUIRED: "Content-Length: the length of the body is needed",
    HTTPStatus.INTERNAL_SERVER_ERROR: "something went wrong on our side; the log says what",
}


class Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """As the standard server, but without asking the name service who 127.0.0.1 is, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])


class Handler(ChaliceRequestHandler):
    """One connection."""

    timeout = 75  # seconds an idle connection is kept
    server_version, sys_version = "aftercall-local", ""
    default_request_version = "HTTP/1.0"  # so that even what is no HTTP gets a status line

    def _generic_handle(self) -> None:
        began = time.monotonic()
        status, headers, body = self._answer()
        try:
            self._send(status, headers, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has gone
        took = (time.monotonic() - began) * 1000
        path = NUMBER.sub("[number]", self.path.partition("?")[0])
        line = f"{time.strftime('%H:%M:%S')} {self.command} {path} {status} {took:.0f} ms"
        print(line, flush=True, file=sys.stderr if status >= 500 else sys.stdout)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _generic_handle

    def _answer(self) -> tuple[int, dict[str, Any], bytes]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        refused, body = self._body(headers)
        if refused:
            self.close_connection = True  # its body is still on the way
            return problem(refused)
        try:
            gateway = self.local_gateway
            answer = gateway.handle_request(self._method(), self.path, headers, body)
        except ForbiddenError:
            return problem(HTTPStatus.NOT_FOUND)  # Chalice's way to say that no route matches
        all_headers = {**answer["headers"], **answer["multiValueHeaders"]}
        answer = self._handle_binary(answer)
        sent = answer["body"] or b""
        return own_words(answer["statusCode"], all_headers, sent.encode() if isinstance(sent, str) else sent)

    def _method(self) -> str:
        """GET for a HEAD that has no route of its own."""
        if self.command != "HEAD":
            return self.command
        try:
            route = self.local_gateway.event_converter.create_lambda_event("HEAD", self.path, {})
        except ValueError:
            return "HEAD"
        methods = self.local_gateway._app_object.routes[route["requestContext"]["resourcePath"]]
        return "HEAD" if "HEAD" in methods else "GET"

    def _body(self, headers: dict[str, str]) -> tuple[HTTPStatus | None, Any]:
        """Why the body is refused, or the body: text, but for the binary types."""
        if "transfer-encoding" in headers:
            return HTTPStatus.LENGTH_REQUIRED, None
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return HTTPStatus.BAD_REQUEST, None
        if int(length) > MAX_BODY:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, None
        raw = self.rfile.read(int(length))
        binary = headers.get("content-type", "") in self.local_gateway._app_object.api.binary_types
        return None, (raw if binary else raw.decode("utf-8", errors="replace"))

    def _send(self, status: int, headers: dict[str, Any], body: bytes) -> None:
        self.send_response(status)
        for name, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A request that is no HTTP, or a method nobody has."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or ""
        self._send(*problem(HTTPStatus(code)))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the one line per request is printed above, and the standard one has the query in it."""


def problem(status: HTTPStatus, detail: str | None = None) -> tuple[int, dict[str, Any], bytes]:
    told = detail or SAID.get(status) or status.description or status.phrase
    document = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": told}
    return int(status), {"Content-Type": PROBLEM}, json.dumps(document).encode()


def own_words(status: int, headers: dict[str, Any], body: bytes) -> tuple[int, dict[str, Any], bytes]:
    """What the framework said by itself, `{"Code": …, "Message": …}`, as a problem document; all else as it is."""
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    kind = next((value for name, value in kept.items() if name.lower() == "content-type"), None)
    if kind is None and body:
        kind = kept["Content-Type"] = (
            "application/json"  # what API Gateway says when the service says nothing
        )
    if status < 400 or kind != "application/json":
        return status, kept, body
    try:
        said = json.loads(body)
    except ValueError:
        return status, kept, body
    if not isinstance(said, dict) or set(said) - {"Code", "Message", "message"}:
        return status, kept, body
    code, document, text = problem(HTTPStatus(status), SAID.get(HTTPStatus(status)) or said.get("Message"))
    return code, {**{n: v for n, v in kept.items() if n.lower() != "content-type"}, **document}, text


def serve(app: Chalice, port: int) -> LocalDevServer:
    """A server for the app on 127.0.0.1, not yet running."""
    CustomLocalChalice.__bases__ = (
        LocalChalice,
        app.__class__,
    )  # a current request per thread, as chalice local has
    app.__class__ = CustomLocalChalice
    config = Config.create(lambda_timeout=60, app_name=app.app_name, chalice_stage="local")
    return LocalDevServer(app, config, "127.0.0.1", port, handler_cls=Handler, server_cls=Server)
