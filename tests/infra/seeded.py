"""A real HTTP server before the simulated carrier: passes everything on, changing the answers a test wants changed."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
Change = Callable[[Json], Json]


@contextmanager
def carrier(behind: str, changes: Mapping[str, Change], date: str | None = None) -> Iterator[str]:
    """The address of one that answers as `behind` does; answers whose path holds a key of `changes` pass through it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = self._asked()
            for part, change in changes.items():
                if part in unquote(self.path):
                    status, body = 200, change(body)
            told = json.dumps(body).encode()
            self.send_response_only(status)
            self.send_header("Date", date or self.date_time_string())
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def _asked(self) -> tuple[int, Json]:
            request = urllib.request.Request(behind + self.path)
            request.add_header("Authorization", self.headers["Authorization"])
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as error:
                return error.code, {}

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def number(**fields: Any) -> dict[str, Change]:
    """The survey number with these fields changed."""

    def changed(body: Json) -> Json:
        listed = [record | fields for record in body["incoming_phone_numbers"]]
        return body | {"incoming_phone_numbers": listed}

    return {"IncomingPhoneNumbers": changed}


def account(**fields: Any) -> dict[str, Change]:
    return {".json": lambda body: body | fields if body.get("friendly_name") == "Simulated carrier" else body}


def says(path: str, body: Json) -> dict[str, Change]:
    """An interface the simulated carrier lacks."""
    return {path: lambda _: body}
