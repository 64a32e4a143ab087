"""`python -m infra.sources post SOURCE` signs what an exchange wrote and posts it until it is taken."""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from chalicelib.sources import signature
from infra.sources.__main__ import main
from infra.sources.post import post

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CDR = Path(__file__).parents[1] / "fixtures" / "3cx" / "cdr_line.json"


class Service(HTTPServer):
    """Answers with the next of `answers`, then 202; keeps the id, path and body of what was signed rightly."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[int] = []
        self.taken: list[tuple[str, str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        id = signature.verify([SECRET], dict(self.headers), body, datetime.now(UTC))
        self.server.taken.append((id, self.path, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 202)
        self.end_headers()
        self.wfile.write(b"said")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest's output is for the tests."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(service: Service, body: bytes = b"{}") -> tuple[bool, str]:
    return post(service.url, SECRET, body, pause=lambda _: None)


def test_a_message_is_signed_and_taken(service: Service) -> None:
    assert send(service) == (True, "202 said")


def test_posted_again_it_has_the_same_id(service: Service) -> None:
    send(service)
    send(service)
    send(service, b"another")
    first, again, another = (id for id, _, _ in service.taken)
    assert first == again != another


def test_a_passing_fault_is_tried_again(service: Service) -> None:
    service.answers = [503, 429]
    assert send(service)[0]
    assert len(service.taken) == 3


def test_a_refusal_is_final_and_said(service: Service) -> None:
    service.answers = [422]
    assert send(service) == (False, "422 said")
    assert len(service.taken) == 1


def test_a_fault_that_does_not_pass_is_given_up(service: Service) -> None:
    service.answers = [500] * 9
    assert send(service) == (False, "500 said")
    assert len(service.taken) == 5


def test_nobody_there_is_said() -> None:
    taken, said = post("http://127.0.0.1:9", SECRET, b"{}", pause=lambda _: None)
    assert not taken
    assert said.startswith("not reached")


def test_files_are_posted_to_their_source(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLS_WEBHOOK_SECRET", SECRET)
    assert main(["post", "3cx", str(CDR), "--url", service.url + "/"]) == 0
    (_, path, body), *_ = service.taken
    assert path == "/webhooks/3cx"
    assert b"Call 288831" in body
    assert capsys.readouterr().out == f"{CDR}: 202 said\n"


def test_without_files_every_line_of_standard_input_is_posted(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLS_WEBHOOK_SECRET", SECRET)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\r\n\r\ntwo\r\n")))
    service.answers = [202, 422]
    assert main(["post", "3cx", "--url", service.url]) == 1
    assert [body for _, _, body in service.taken] == [b"one\r\n", b"two\r\n"]
    assert capsys.readouterr().err == "line 3: 422 said\n"


def test_without_a_secret_nothing_is_posted(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CALLS_WEBHOOK_SECRET", raising=False)
    assert main(["post", "3cx", str(CDR), "--url", service.url]) == 2
    assert "CALLS_WEBHOOK_SECRET is not set" in capsys.readouterr().err
    assert service.taken == []
