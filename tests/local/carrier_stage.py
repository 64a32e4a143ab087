"""A stage for the simulated carrier: a tiny service that answers as told, the carrier, and a real Twilio client."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from flask import Flask, Response, request
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from werkzeug.serving import make_server

from infra.local.carrier.app import create_app
from infra.local.carrier.carrier import Carrier, open_carrier
from infra.local.carrier.model import Settings

AMINA, TOM, LANDLINE = "+46701740605", "+447700900123", "+46313900600"
NUMBER = "+46701740699"
TOKEN = "carrier-test-token"
ACCOUNT = "AC" + "1" * 32

Reply = tuple[int, str, str]  # status, content type, body
NOTHING: Reply = (204, "text/plain", "")


def twiml(inner: str) -> Reply:
    return 200, "text/xml", f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the service got it."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Service:
    """Answers each path with the next of its replies, the last of them for ever."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def says(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def sound(self, path: str, wav: bytes) -> None:
        self.sounds[path] = wav

    def got(self, path: str) -> list[Request]:
        return [each for each in self.requests if each.path == path]

    def answer(self, path: str) -> Response:
        if request.path in self.sounds:
            return Response(self.sounds[request.path], 200, content_type="audio/wav")
        body = request.get_data()
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        self.requests.append(Request(request.path, form, dict(request.headers), body))
        waiting = self.replies.get(request.path, [NOTHING])
        status, kind, text = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Response(text, status, content_type=kind)


class OtherAddress(TwilioHttpClient):
    """Sends what is meant for Twilio to the simulated carrier instead."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, **given: Any) -> Any:
        there = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
        return super().request(method, urlunsplit(there), **given)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a test needs."""

    service: Service
    carrier: Carrier
    url: str  # of the carrier

    @property
    def public_url(self) -> str:
        return self.carrier.settings.public_url

    def client(self, token: str = TOKEN, timeout: float = 5) -> Any:
        return Client(ACCOUNT, token, http_client=OtherAddress(self.url, timeout))

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Status and JSON of the carrier's answer."""
        line = HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        text = None if body is None else json.dumps(body)
        line.request(method, path, text, {"Content-Type": "application/json"} | (headers or {}))
        reply = line.getresponse()
        said = reply.read()
        line.close()
        return reply.status, json.loads(said) if said else None

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", f"/phones/api{path}", body)[1]

    def get(self, path: str) -> Any:
        return self.ask("GET", f"/phones/api{path}")[1]

    def fail(self, **rule: Any) -> None:
        assert self.ask("POST", "/_carrier/faults", rule)[0] == 201

    def settled(self) -> None:
        assert self.carrier.later.settle(10)

    def texts(self, number: str = AMINA) -> list[str]:
        return [text["body"] for text in self.get(f"/numbers/{number}")["texts"]]

    def said(self, number: str = AMINA) -> list[str]:
        """The lines of the handset's call."""
        return [line["text"] for line in self.get(f"/numbers/{number}")["call"]["lines"]]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings(public_url: str, sender: str = NUMBER) -> Settings:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the published vector's
    return Settings(public_url, ACCOUNT, TOKEN, sender, NUMBER, secret, pace=0.01)


@contextmanager
def stage(data: Path, sender: str = NUMBER) -> Iterator[Stage]:
    service = Service()
    app = Flask("service")
    app.add_url_rule("/<path:path>", "all", service.answer, methods=["GET", "POST"])
    with served(app) as public_url:
        carrier = open_carrier(settings(public_url, sender), data)
        with served(create_app(carrier)) as url:
            yield Stage(service, carrier, url)
        carrier.close()
