"""The local server: what API Gateway, the queue and the schedules would do, done on this machine."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local import engine as local
from infra.local.workers import QueueReader
from tests.engine_fixture import Engine
from tests.local.launched import Launched, Place, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(Path(tmp_path_factory.mktemp("server")))
    yield place
    place.clear()


@pytest.fixture(scope="module")
def run(place: Place) -> Launched:
    return place.launch().ready()


@pytest.mark.parametrize(
    "method, path, kind, status",
    [
        ("GET", "/nowhere", "text/plain", 404),
        ("DELETE", "/health", "text/plain", 405),
        ("POST", "/body", "text/xml", 415),
        ("GET", "/broken", "text/plain", 500),
    ],
)
def test_what_the_gateway_says_by_itself_is_a_problem_document(
    run: Launched, method: str, path: str, kind: str, status: int
) -> None:
    answer = run.ask(method, path, b"x" if method == "POST" else None, kind)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_the_deployed_gateway_says_the_same(run: Launched) -> None:
    template = (local.ROOT / "infra" / "resources.json").read_text(encoding="utf-8")
    api = json.loads(template)["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    said = api["x-amazon-apigateway-gateway-responses"]
    documents = {kind: json.loads(one["responseTemplates"]["application/json"]) for kind, one in said.items()}
    assert documents["MISSING_AUTHENTICATION_TOKEN"] == run.ask("GET", "/nowhere").json()
    assert documents["UNSUPPORTED_MEDIA_TYPE"] == run.ask("POST", "/body", b"x", "text/xml").json()
    assert {kind: one["statusCode"] for kind, one in said.items()} == {
        k: d["status"] for k, d in documents.items()
    }


def test_our_own_problem_is_passed_on_as_it_is(run: Launched) -> None:
    answer = run.ask("GET", "/own-problem")
    assert (answer.status, answer.json()) == (409, {"detail": "ours"})


def test_bytes_that_are_no_utf_8_are_replaced_not_fatal(run: Launched) -> None:
    answer = run.ask("POST", "/body", b"a\xff\xfeb\xc3\xa5", "text/plain")
    assert (answer.status, answer.body.decode()) == (200, "a\ufffd\ufffdb\u00e5")


def test_head_is_answered_where_get_is_without_a_body(run: Launched) -> None:
    answer = run.ask("HEAD", "/health")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "11")
    assert run.ask("HEAD", "/nowhere").status == 404


def test_two_cookies_arrive_as_two_headers(run: Launched) -> None:
    answer = run.ask("GET", "/cookies")
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.status == 204


@pytest.mark.parametrize(
    "head, status",
    [
        ("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 11000000\r\n", 413),  # refused before it is read
        ("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n", 400),
        ("POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n", 411),
        ("BREW /coffee HTTP/1.1\r\nHost: x\r\n", 501),
        ("no http at all", 400),
    ],
)
def test_a_request_that_cannot_be_taken_is_refused_and_the_line_closed(
    run: Launched, head: str, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", int(run.url.rpartition(":")[2])), timeout=5) as line:
        line.sendall(head.encode() + b"\r\n\r\n")
        answer = b""
        while part := line.recv(4096):
            answer += part
    assert f" {status} ".encode() in answer.partition(b"\r\n")[0]
    assert b"application/problem+json" in answer


def test_the_log_has_a_line_per_request_and_never_its_query_or_body(run: Launched, place: Place) -> None:
    run.ask("POST", "/body?number=%2B46701740601", b"my secret", "text/plain")
    log = place.data / "logs" / "service.log"
    until(lambda: "POST /body 200" in log.read_text(encoding="utf-8"), 5)
    text = log.read_text(encoding="utf-8")
    assert "POST /body 200" in text
    assert "46701740601" not in text
    assert "my secret" not in text


def test_a_failed_request_is_said_on_the_terminal(run: Launched) -> None:
    run.ask("GET", "/broken")
    until(lambda: "GET /broken 500" in run.said(), 5)
    assert "GET /broken 500" in run.said()


def test_the_clock_is_set_runs_on_and_is_reset(run: Launched) -> None:
    set_to = run.ask("POST", "/_local/clock", b'{"now": "2027-03-28T01:59:00+01:00"}').json()["now"]
    time.sleep(0.05)
    later = run.ask("GET", "/_local/clock").json()["now"]
    assert set_to.startswith("2027-03-28T00:59:00")
    assert set_to < later < "2027-03-28T01:00"
    assert run.ask("POST", "/_local/tick", b"").json()["year"] == 2027
    reset = datetime.fromisoformat(run.ask("POST", "/_local/clock", b'{"now": null}').json()["now"])
    assert abs((reset - datetime.now(UTC)).total_seconds()) < 5


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"now": 7}', b'{"now": "2027-01-01T00:00:00"}', b'{"now": "soon"}']
)
def test_a_time_that_is_none_is_refused(run: Launched, body: bytes) -> None:
    assert run.ask("POST", "/_local/clock", body).status == 422


def test_tick_answers_when_everything_that_is_queued_is_done(run: Launched) -> None:
    before = run.count()
    for _ in range(25):
        run.ask("POST", "/count", b"{}")
    run.ask("POST", "/_local/tick", b"")
    assert run.count() == before + 25


def test_a_schedule_that_fails_once_goes_on_ticking(run: Launched) -> None:
    until(lambda: run.ask("GET", "/count").json()["sweeps"] >= 3, 10)
    assert run.ask("GET", "/count").json()["sweeps"] >= 3
    assert "the first one fails" in run.said()


def test_only_the_messages_a_batch_failed_with_stay_in_the_queue(engine: Engine) -> None:
    for text in ("good", "bad", "good"):
        engine.sqs.send_message(QueueUrl=engine.queue_url, MessageBody=text)
    events: list[Any] = []

    def handler(event: Any, _: Any) -> dict[str, Any]:
        events.append(event)
        failed = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    assert QueueReader(engine.sqs, engine.queue_url, handler).drain() == 3
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = engine.sqs.get_queue_attributes(QueueUrl=engine.queue_url, AttributeNames=names)["Attributes"]
    assert left == {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "1"}
    record = events[0]["Records"][0]
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["eventSource"] == "aws:sqs"
