"""The simulated carrier as the unchanged Twilio client sees it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.local.carrier_stage import ACCOUNT, AMINA, LANDLINE, NUMBER, TOM, Stage, stage, twiml


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def send(on: Stage, to: str = AMINA, body: str = "Fick du bra service?", **more: Any) -> Any:
    return on.client().messages.create(to=to, from_=NUMBER, body=body, **more)


def refusal(on: Stage, **asked: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        send(on, **asked)
    return caught.value.status, caught.value.code


def test_a_text_is_accepted_delivered_and_each_step_reported(on: Stage) -> None:
    sent = send(on, status_callback=f"{on.public_url}/status/7/1#rc=3&rp=5xx,ct,rt")
    on.settled()
    assert sent.sid.startswith("SM")
    assert sent.status == "queued"
    assert on.client().messages(sent.sid).fetch().status == "delivered"
    reports = on.service.got("/status/7/1")
    assert sorted(each.form["MessageStatus"] for each in reports) == ["delivered", "queued", "sent"]
    assert {each.form["MessageSid"] for each in reports} == {sent.sid}
    assert on.texts() == ["Fick du bra service?"]


def test_the_newest_texts_are_listed_first_page_by_page(on: Stage) -> None:
    for number in range(5):
        send(on, body=f"text {number}")
    listed = on.client().messages.list(page_size=2)
    assert [each.body for each in listed] == [f"text {number}" for number in (4, 3, 2, 1, 0)]


def test_texts_are_found_by_receiver_sender_and_time(on: Stage) -> None:
    send(on, body="for Amina")
    send(on, to=TOM, body="for Tom")
    on.settled()
    client, now = on.client(), datetime.now(UTC)
    hour = timedelta(hours=1)
    assert [each.body for each in client.messages.list(to=TOM)] == ["for Tom"]
    assert (
        len(client.messages.list(from_=NUMBER, date_sent_after=now - hour, date_sent_before=now + hour)) == 2
    )
    assert client.messages.list(date_sent_after=now + hour) == []
    assert client.messages.list(date_sent_before=now - hour) == []


def test_a_deleted_text_is_gone_from_the_carrier_and_stays_on_the_handset(on: Stage) -> None:
    sent = send(on)
    on.settled()
    assert on.client().messages(sent.sid).delete()
    assert on.client().messages.list() == []
    with pytest.raises(TwilioRestException) as caught:
        on.client().messages(sent.sid).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)
    assert on.texts() == ["Fick du bra service?"]
    assert on.get("/log")["messages"][0]["deleted"] is True


def test_a_wrong_token_is_refused(on: Stage) -> None:
    with pytest.raises(TwilioRestException) as caught:
        on.client(token="guessed").messages.create(to=AMINA, from_=NUMBER, body="hello")
    assert (caught.value.status, caught.value.code) == (401, 20003)


@pytest.mark.parametrize(
    "asked, code",
    [
        ({"to": LANDLINE}, 21614),  # the numbering plan says fixed line
        ({"to": "+46"}, 21211),
        ({"to": "0701740605"}, 21211),  # not in E.164
        ({"to": "hello"}, 21211),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "example"}, 21609),
    ],
)
def test_what_twilio_would_not_send_is_refused_with_its_code(on: Stage, asked: Any, code: int) -> None:
    assert refusal(on, **asked) == (400, code)
    assert on.get("/log")["messages"] == []


def test_a_sender_that_is_not_ours_is_refused(on: Stage) -> None:
    with pytest.raises(TwilioRestException) as caught:
        on.client().messages.create(to=AMINA, from_=TOM, body="hello")
    assert caught.value.code == 21606


@pytest.mark.parametrize("word", ["STOP", "stop", " Unsubscribe ", "OPTOUT", "END"])
def test_a_carrier_keyword_stops_every_later_text(on: Stage, word: str) -> None:
    on.post(f"/numbers/{AMINA}/texts", {"body": word})
    assert refusal(on) == (400, 21610)


@pytest.mark.parametrize("words", ["STOPP", "stop please", "قف", "avsluta", "ARRET"])
def test_words_that_are_not_the_carriers_are_left_to_the_service(on: Stage, words: str) -> None:
    assert on.post(f"/numbers/{AMINA}/texts", {"body": words})["replies"] == []
    assert send(on).status == "queued"
    assert on.service.got("/webhooks/twilio/sms")[0].form["Body"] == words


@pytest.mark.parametrize("word, answers", [("START", 1), ("UNSTOP", 1), ("yes", 0)])
def test_start_words_let_texts_through_again_and_yes_does_so_silently(
    on: Stage, word: str, answers: int
) -> None:
    on.post(f"/numbers/{AMINA}/texts", {"body": "STOP"})
    assert len(on.post(f"/numbers/{AMINA}/texts", {"body": word})["replies"]) == answers
    assert send(on).status == "queued"


def test_the_carrier_answers_stop_itself_and_bars_the_services_own_answer(on: Stage) -> None:
    status = f"{on.public_url}/status/1/2"
    on.service.says("/webhooks/twilio/sms", twiml(f'<Message statusCallback="{status}">Noted</Message>'))
    on.post(f"/numbers/{AMINA}/texts", {"body": "STOP"})
    on.settled()
    assert "Noted" not in on.texts()
    assert len(on.texts()) == 2
    failed = [each.form for each in on.service.got("/status/1/2") if each.form["MessageStatus"] == "failed"]
    assert [each["ErrorCode"] for each in failed] == ["21610"]


def test_a_call_is_listed_fetched_and_deleted_when_over(on: Stage) -> None:
    on.post("/numbers", {"number": AMINA, "behaviour": "busy"})
    client = on.client()
    placed = client.calls.create(to=AMINA, from_=NUMBER, url=f"{on.public_url}/voice")
    on.settled()
    assert client.calls(placed.sid).fetch().status == "busy"
    assert [each.sid for each in client.calls.list(to=AMINA)] == [placed.sid]
    assert client.calls.list(to=TOM) == []
    assert client.calls(placed.sid).delete()
    assert client.calls.list() == []


def test_the_account_and_its_number_can_be_looked_up(on: Stage) -> None:
    client = on.client()
    assert client.api.v2010.accounts(ACCOUNT).fetch().status == "active"
    (number,) = client.incoming_phone_numbers.list(phone_number=NUMBER)
    assert number.sms_url.startswith(f"{on.public_url}/webhooks/twilio/sms#rc=3")


def test_a_messaging_service_sends_from_its_number(tmp_path: Path) -> None:
    with stage(tmp_path, sender="MG" + "2" * 32) as on:
        sent = on.client().messages.create(to=AMINA, messaging_service_sid="MG" + "2" * 32, body="hello")
        assert (sent.messaging_service_sid, sent.from_) == ("MG" + "2" * 32, NUMBER)


# Faults, as the client meets them


def test_too_many_requests_means_not_sent(on: Stage) -> None:
    on.fail(on="send", do="429", times=1)
    assert refusal(on) == (429, 20429)
    assert on.get("/log")["messages"] == []
    assert send(on).status == "queued"


@pytest.mark.parametrize("do, sent", [("500_before", 0), ("500_after", 1)])
def test_a_server_error_may_or_may_not_have_sent(on: Stage, do: str, sent: int) -> None:
    on.fail(on="send", do=do)
    assert refusal(on) == (500, 20500)
    on.settled()
    assert len(on.texts()) == sent


@pytest.mark.parametrize("do, sent", [("timeout_before", 0), ("timeout_after", 1)])
def test_a_time_out_may_or_may_not_have_sent(on: Stage, do: str, sent: int) -> None:
    on.fail(on="send", do=do, seconds=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        on.client(timeout=0.3).messages.create(to=AMINA, from_=NUMBER, body="hello")
    time.sleep(0.1)
    on.settled()
    assert len(on.texts()) == sent


def test_a_reset_connection_sends_nothing(on: Stage) -> None:
    on.fail(on="send", do="reset")
    with pytest.raises(requests.exceptions.ConnectionError):
        send(on)
    assert on.get("/log")["messages"] == []


def test_a_lookup_can_fail_without_touching_what_is_sent(on: Stage) -> None:
    send(on)
    on.fail(on="list", do="429")
    with pytest.raises(TwilioException, match="429"):  # the client gives lists no finer error than this
        on.client().messages.list()
    assert len(on.client().messages.list()) == 1


@pytest.mark.parametrize(
    "do, status, arrived",
    [
        ("undelivered:30006", "undelivered", 0),
        ("failed:30003", "failed", 0),
        ("drop", "sent", 0),  # accepted, never seen again
        ("no_receipt", "sent", 1),
        ("duplicate", "delivered", 2),
    ],
)
def test_a_delivery_can_end_otherwise(on: Stage, do: str, status: str, arrived: int) -> None:
    on.fail(on="send", do=do)
    send(on, status_callback=f"{on.public_url}/status/1/1")
    on.settled()
    (text,) = on.get("/log")["messages"]
    assert (text["status"], text["arrived"]) == (status, arrived)
    told = {each.form["MessageStatus"] for each in on.service.got("/status/1/1")}
    assert (status in told) is (do not in ("drop", "no_receipt"))


def test_one_in_so_many_fails_the_same_way_each_time_for_one_seed(on: Stage) -> None:
    def run() -> list[bool]:
        on.post("/reset")
        on.fail(on="send", do="429", one_in=3, seed=5)
        return [on.carrier.faults.take("send") is not None for _ in range(30)]

    first = run()
    assert first == run()
    assert 3 <= sum(first) <= 17


@pytest.mark.parametrize(
    "rule", [{"on": "sent", "do": "429"}, {"on": "send", "do": "explode"}, {"on": "list", "do": "drop"}]
)
def test_a_fault_nobody_knows_is_refused_and_says_why(on: Stage, rule: Any) -> None:
    status, said = on.ask("POST", "/_carrier/faults", rule)
    assert status == 422
    assert said["detail"].startswith(("on:", "do:"))
