"""What the carrier tells the service: signed, in Twilio's shape, retried as the address asks."""

import base64
import hmac
import json
import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from infra.local.carrier.segments import parts
from infra.local.carrier.webhooks import Overrides, overrides, signed_url
from tests.local.carrier_stage import AMINA, NUMBER, TOKEN, Request, Stage, stage, twiml

HERE = Path(__file__).parents[1]
SMS = "/webhooks/twilio/sms"
BROKEN = (503, "text/plain", "")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def write(on: Stage, body: str = "1") -> Any:
    return on.post(f"/numbers/{AMINA}/texts", {"body": body})["replies"]


def fixture_fields(name: str) -> set[str]:
    kept = json.loads((HERE / "fixtures" / "twilio" / f"{name}.json").read_text())
    return {field for field, _ in kept["params"]}


def genuine(on: Stage, request: Request) -> bool:
    signature = request.headers["X-Twilio-Signature"]
    validator = RequestValidator(TOKEN)
    return bool(validator.validate(on.public_url + request.path, request.form, signature))


def test_an_inbound_text_has_the_fields_twilio_sends_blank_ones_too_and_is_signed(on: Stage) -> None:
    write(on, "Ja tack")
    (request,) = on.service.got(SMS)
    assert set(request.form) == fixture_fields("sms_inbound_basic")
    assert (request.form["From"], request.form["To"], request.form["Body"]) == (AMINA, NUMBER, "Ja tack")
    assert (request.form["FromCountry"], request.form["FromCity"]) == ("SE", "")
    assert genuine(on, request)
    assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")


def test_a_delivery_report_has_the_fields_twilio_sends(on: Stage) -> None:
    client = on.client()
    client.messages.create(
        to=AMINA, from_=NUMBER, body="hello", status_callback=f"{on.public_url}/status/1/1"
    )
    on.settled()
    sent = next(each for each in on.service.got("/status/1/1") if each.form["MessageStatus"] == "sent")
    assert set(sent.form) == fixture_fields("sms_status_sent")
    assert genuine(on, sent)


def test_signatures_cover_the_address_without_fragment_and_password() -> None:
    assert signed_url("http://me:secret@127.0.0.1:8000/a?b=1#rc=3&rp=5xx") == "http://127.0.0.1:8000/a?b=1"


@pytest.mark.parametrize(
    "fragment, expected",
    [
        ("", Overrides()),
        ("#rc=3&rp=5xx,ct,rt", Overrides(retries=3, after=frozenset({"5xx", "ct", "rt"}))),
        ("#rc=9", Overrides(retries=5)),  # five is the most
        ("#rp=all", Overrides(after=frozenset({"4xx", "5xx", "ct", "rt"}))),
        (
            "#ct=50&rt=99999&tt=2000",
            Overrides(connect=0.1, read=15.0, total=2.0),
        ),  # brought within the limits
    ],
)
def test_the_fragment_says_how_to_try_again(fragment: str, expected: Overrides) -> None:
    assert overrides(f"https://example.org/sms{fragment}") == expected


def test_a_text_is_handed_in_again_after_a_5xx_with_the_same_token(on: Stage) -> None:
    on.service.says(SMS, BROKEN, BROKEN, twiml("<Message>Tack!</Message>"))
    assert [reply["body"] for reply in write(on)] == ["Tack!"]
    requests = on.service.got(SMS)
    assert len(requests) == 3
    assert len({each.headers["I-Twilio-Idempotency-Token"] for each in requests}) == 1
    assert on.get("/log")["webhooks"][0]["tries"] == ["503", "503", "200"]


def test_after_three_retries_the_carrier_gives_up_and_says_so(on: Stage) -> None:
    on.service.says(SMS, BROKEN)
    assert write(on) == []
    assert len(on.service.got(SMS)) == 4
    assert on.get("/errors")["errors"][0]["code"] == 11200


def report_to(on: Stage, url: str) -> list[str]:
    on.post("/numbers", {"number": AMINA, "behaviour": "busy"})
    on.client().calls.create(to=AMINA, from_=NUMBER, url=f"{on.public_url}/voice", status_callback=url)
    on.settled()
    tries: list[str] = on.get("/log")["webhooks"][0]["tries"]
    return tries


def test_without_a_fragment_a_5xx_is_not_tried_again(on: Stage) -> None:
    on.service.says("/status", BROKEN)
    assert report_to(on, f"{on.public_url}/status") == ["503"]


def test_without_a_fragment_a_missing_connection_is_tried_once_more(on: Stage) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, never listening: every connection is refused
        assert report_to(on, f"http://127.0.0.1:{nobody.getsockname()[1]}/status") == ["ct", "ct"]


def test_a_service_that_hangs_is_given_up_on_after_the_read_time_out(on: Stage) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/status#rt=100&rc=1&rp=rt"
        assert report_to(on, url) == ["rt", "rt"]


@pytest.mark.parametrize(
    "rule, tries, reached",
    [
        ({"on": "webhook", "do": "drop"}, ["ct", "204"], 1),
        ({"on": "webhook", "do": "500_before"}, ["503", "204"], 1),
        ({"on": "webhook", "do": "duplicate"}, ["204"], 2),
        (
            {"on": "reply", "do": "drop"},
            ["rt", "204"],
            2,
        ),  # the service did the work and must not do it twice
        ({"on": "reply", "do": "500_after"}, ["500", "204"], 2),
    ],
)
def test_a_lost_request_and_a_lost_answer_are_both_tried_again(
    on: Stage, rule: Any, tries: list[str], reached: int
) -> None:
    on.fail(**rule)
    write(on)
    assert on.get("/log")["webhooks"][0]["tries"] == tries
    assert len(on.service.got(SMS)) == reached


def test_with_one_in_ten_failing_on_each_leg_no_reply_is_lost(on: Stage) -> None:
    for leg, do in (
        ("webhook", "drop"),
        ("webhook", "500_before"),
        ("reply", "drop"),
        ("reply", "500_after"),
    ):
        on.fail(on=leg, do=do, one_in=20, seed=11)
    for number in range(60):
        write(on, f"answer {number}")
    seen = {each.form["Body"] for each in on.service.got(SMS)}
    assert seen == {f"answer {number}" for number in range(60)}
    assert all(webhook["arrived"] for webhook in on.get("/log")["webhooks"])
    assert sum(rule["hits"] for rule in on.get("/log")["faults"]) > 5


def test_answers_to_a_text_arrive_and_are_reported_where_they_say(on: Stage) -> None:
    on.service.says(
        SMS, twiml('<Message statusCallback="/status/9/2#rc=3">Två</Message><Message>Tre</Message>')
    )
    replies = write(on)
    on.settled()
    assert [reply["body"] for reply in replies] == ["Två", "Tre"]
    assert on.texts() == ["1", "Två", "Tre"]
    assert {each.form["MessageStatus"] for each in on.service.got("/status/9/2")} == {
        "queued",
        "sent",
        "delivered",
    }


@pytest.mark.parametrize(
    "answer, code",
    [
        ((200, "text/xml", "<Response><Message>1 < 2</Message></Response>"), 12100),
        ((200, "text/xml", "<html/>"), 12100),
        ((200, "application/json", "<Response/>"), 12300),
        ((200, "text/xml", "<Response><Sms>old</Sms></Response>"), 12200),
        ((200, "text/xml", f"<Response><Message>{'x' * 65536}</Message></Response>"), 11750),
    ],
)
def test_an_answer_twilio_would_reject_is_noted_with_its_code(on: Stage, answer: Any, code: int) -> None:
    on.service.says(SMS, answer)
    assert write(on) == []
    assert [error["code"] for error in on.get("/errors")["errors"]] == [code]


def test_a_call_that_ended_is_reported_signed_as_standard_webhooks_ask(on: Stage) -> None:
    accepted = {"call_id": "c-1", "survey_id": "s-1", "decision": "invited", "reason": None}
    on.service.says("/webhooks/calls", (202, "application/json", json.dumps(accepted)))
    told = on.post("/calls", {"number": AMINA, "queue": "permits", "language": "sv", "talk_seconds": 90})
    assert (told["status"], told["answer"]) == (202, accepted)
    (request,) = on.service.got("/webhooks/calls")
    call = json.loads(request.body)
    assert (call["caller"], call["queue"], call["talk_seconds"]) == (AMINA, "permits", 90)
    name, at = request.headers["Webhook-Id"], request.headers["Webhook-Timestamp"]
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    mac = hmac.new(key, f"{name}.{at}.".encode() + request.body, sha256).digest()
    assert request.headers["Webhook-Signature"] == f"v1,{base64.b64encode(mac).decode()}"


CASES = json.loads((HERE / "vectors" / "sms_segments.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_parts_are_counted_as_published(case: Any) -> None:
    assert parts(case["text"]) == case["segments"]
