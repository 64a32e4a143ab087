"""A web server with every page, that keeps what forms send to it."""

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from chalicelib import pages
from tests import page_views as views

Sent = tuple[str, dict[str, str]]  # path and fields


class Office:
    """All pages at one address of this machine."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.pages = _pages(self.url)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _pages(url: str) -> dict[str, str]:
    page = replace(views.PAGE, base=url)
    return {
        "/": pages.results(views.results(page=replace(page, made_up=True))),
        "/small": pages.results(views.results(views.days(6), page=page)),
        "/empty": pages.results(views.results([], page=replace(page, local=True))),
        "/bad": pages.results(views.results(page=page, problems={"from": "date"})),
        "/callbacks": pages.callbacks(views.callbacks(page=replace(page, done="claim"))),
        "/none": pages.callbacks(views.callbacks(page=replace(page, problem="gone"), rows=[], done=[])),
        "/calls": pages.calls(views.calls(page=page)),
        "/call": pages.call(replace(views.one_call(), page=page)),
        "/remarks": pages.remarks(replace(views.remarks(), page=page)),
        "/settings": pages.settings(replace(views.settings(), page=page)),
        "/sign-in": pages.sign_in(url, "wrong"),
        "/message": pages.message(url, "Not found", "There is nothing here."),
    }


def _handler(office: Office) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/static/aftercall.css":
                self._send(200, {"Content-Type": "text/css"}, pages.stylesheet()[0])
            else:
                self._send(200, pages.HEADERS, office.pages[path].encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            office.sent.append((self.path, dict(parse_qsl(body))))
            self._send(303, {"Location": f"{office.url}/callbacks"}, b"")

        def _send(self, status: int, headers: Any, body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler
