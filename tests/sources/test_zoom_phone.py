"""Zoom Phone: its own signature, its URL challenge, and calls to the account's extensions."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import BadRequest, Unauthorised
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall
from chalicelib.sources.zoom_phone import challenge, parse, verify

FIXTURE = Path(__file__).parents[1] / "fixtures" / "zoom_phone" / "callee_ended.json"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
SECRET = "a secret token"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BODY = b'{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}'


def message(event: str = "phone.callee_ended", **changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIXTURE.read_text())["body"]
    found["event"] = event
    found["payload"]["object"] |= changed
    return found


def ended(posted: dict[str, Any]) -> CallEnded:
    call = parse(json.dumps(posted).encode(), STOCKHOLM)
    assert isinstance(call, CallEnded)
    return call


def signed(timestamp: str, secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
    made = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, "sha256").hexdigest()
    return {"x-zm-request-timestamp": timestamp, "x-zm-signature": f"v0={made}"}


def test_the_recorded_call_ends() -> None:
    assert ended(message()) == CallEnded(
        call_id="call123",
        caller="+493023125002",
        ended_at=datetime(2023, 1, 1, 12, 5, tzinfo=UTC),
        started_at=datetime(2023, 1, 1, 12, 0, tzinfo=UTC),
        wait=timedelta(seconds=5),
        talk=timedelta(seconds=295),
    )


def test_a_call_the_account_made_is_outbound() -> None:
    assert ended(message("phone.caller_ended")).direction == "outbound"


def test_a_call_nobody_took_is_unanswered() -> None:
    call = ended(message(answer_start_time=None, handup_result="No answer"))
    assert (call.answered, call.talk) == (False, None)


def test_a_queue_member_who_did_not_take_the_call_ends_nothing() -> None:
    body = json.dumps(message(handup_result="Answered by Other Member")).encode()
    assert parse(body, STOCKHOLM) == NotACall("answered by another member of the queue")


def test_a_colleague_ringing_shows_no_number() -> None:
    colleague = {"phone_number": "+46313900600", "user_id": "u-7", "extension_number": 1007}
    assert ended(message(caller=colleague)).caller is None


def test_the_queue_that_forwarded_and_the_extension_that_took_it_are_kept() -> None:
    call = ended(
        message(
            callee={"extension_number": 1002, "user_id": "u-2"},
            forwarded_by={"name": "permits", "extension_type": "callQueue"},
        )
    )
    assert (call.queue, call.agent) == ("permits", "1002")


def test_another_event_ends_no_call() -> None:
    body = json.dumps(message("phone.callee_ringing")).encode()
    assert parse(body, STOCKHOLM) == NotACall("not the end of a call: phone.callee_ringing")


@pytest.mark.parametrize("field", ["call_id", "call_end_time"])
def test_a_call_nobody_could_name_or_date_is_refused(field: str) -> None:
    with pytest.raises(BadRequest, match=rf"^{field}"):
        ended(message("phone.callee_ended", **{field: None}))


@pytest.mark.parametrize("timestamp", ["1795251600", "1795251600123"])
def test_seconds_and_milliseconds_are_both_signed_for(timestamp: str) -> None:
    now = datetime.fromtimestamp(1795251600, UTC)
    verify(SECRET, signed(timestamp), BODY, now)
    with pytest.raises(Unauthorised):
        verify(SECRET, signed(timestamp), BODY, now + timedelta(seconds=301))


@pytest.mark.parametrize(
    "secret, changed",
    [
        ("another", {}),
        ("", {}),
        (SECRET, {"x-zm-signature": ""}),
        (SECRET, {"x-zm-signature": "v0=å"}),
        (SECRET, {"x-zm-request-timestamp": ""}),
        (SECRET, {"x-zm-request-timestamp": "now"}),
        (SECRET, {"x-zm-request-timestamp": "1795251601"}),
    ],
)
def test_what_zoom_did_not_sign_is_unauthorised(secret: str, changed: dict[str, str]) -> None:
    with pytest.raises(Unauthorised):
        verify(secret, signed("1795251600") | changed, BODY, datetime.fromtimestamp(1795251600, UTC))


def test_without_a_secret_of_ours_an_empty_key_opens_nothing() -> None:
    with pytest.raises(Unauthorised):
        verify("", signed("1795251600", secret=""), BODY, datetime.fromtimestamp(1795251600, UTC))


@given(st.dictionaries(st.sampled_from(["X-Zm-Signature", "X-Zm-Request-Timestamp"]), st.text(max_size=70)))
def test_whatever_is_sent_is_refused_and_never_fails_otherwise(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorised):
        verify(SECRET, headers, BODY, NOW)


def test_the_validation_of_our_url_is_answered() -> None:
    token = "qgg8vlvZRS6UYooatFL8Aw"
    made = hmac.new(SECRET.encode(), token.encode(), "sha256").hexdigest()
    assert challenge(SECRET, BODY) == {"plainToken": token, "encryptedToken": made}


def test_a_call_is_no_challenge() -> None:
    assert challenge(SECRET, json.dumps(message()).encode()) is None


@pytest.mark.parametrize("token", [None, "", 7, "v0:1795251600:{}", "a" * 129])
def test_a_challenge_never_signs_what_a_message_could_be(token: object) -> None:
    body = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": token}}).encode()
    with pytest.raises(BadRequest, match=r"^payload\.plainToken"):
        challenge(SECRET, body)
