"""Bad input, over real HTTP: a clear problem document that names the field, nothing stored, nothing echoed, no 5xx."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.stage import FORM, Answer, Stage, at_once

CALLS = "/webhooks/calls"
LONG = 65_536
SURVEY = "a" * 26  # an id we never gave out


@pytest.fixture
def unchanged(stage: Stage) -> Iterator[None]:
    """Whatever the test sends: afterwards the table holds the records it held before, and the same policy."""
    before = kept(stage)
    yield
    assert kept(stage) == before


def kept(stage: Stage) -> list[str]:
    """Every record's key; of the policy the whole. (The sweep may be at work on surveys of earlier tests.)"""
    records = [{"key": (item["pk"], item["sk"]), "rules": item.get("rules")} for item in stage.stored()]
    return sorted(map(json.dumps, records))


def refused(answer: Answer, status: int, field: str | None = None) -> str:
    """The detail of a problem document."""
    assert answer.status == status, answer.body
    assert answer.kind == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["title"]
    if field:
        assert document["detail"].startswith(f"{field}: ")
        assert document.get("field", field) == field
    detail: str = document["detail"]
    return detail


# --- what the contact centre posts ------------------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "missing, header",
    [("webhook-id",) * 2, ("webhook-timestamp",) * 2, ("webhook-signature",) * 2],
)
def test_a_call_without_one_of_its_three_headers_is_refused(stage: Stage, missing: str, header: str) -> None:
    body = json.dumps(stage.call(stage.mobile())).encode()
    headers = stage.signed(body)
    del headers[missing]
    refused(stage.ask("POST", CALLS, body, headers), 401, header)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b v1,"},
        {"webhook-signature": "v1,\u00e5\u00e4\u00f6"},
        {"webhook-id": "another"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "9" * 30},
    ],
)
def test_a_call_that_is_wrongly_signed_is_refused(stage: Stage, wrong: dict[str, str]) -> None:
    body = json.dumps(stage.call(stage.mobile())).encode()
    refused(stage.ask("POST", CALLS, body, stage.signed(body) | wrong), 401)


@pytest.mark.usefixtures("unchanged")
def test_another_body_another_secret_and_an_old_or_early_signature_are_refused(stage: Stage) -> None:
    body = json.dumps(stage.call(stage.mobile())).encode()
    refused(stage.ask("POST", CALLS, body + b" ", stage.signed(body)), 401, "webhook-signature")
    refused(
        stage.ask("POST", CALLS, body, stage.signed(body, secret="whsec_b3RoZXI=")), 401, "webhook-signature"
    )
    for minutes in (-6, 6, -60 * 24 * 365):
        headers = stage.signed(body, at=stage.now() + timedelta(minutes=minutes))
        refused(stage.ask("POST", CALLS, body, headers), 401, "webhook-timestamp")


@pytest.mark.usefixtures("unchanged")
def test_size_comes_before_signature_and_signature_before_content(stage: Stage) -> None:
    unsigned = {"Content-Type": "application/json"}
    for length in (LONG + 1, 1_000_000):
        refused(stage.ask("POST", CALLS, b"{" * length, unsigned), 413)
    refused(stage.ask("POST", CALLS, b"{" * LONG, unsigned), 401)
    refused(stage.post(b"{" * LONG), 422, "body")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}x",
        b"\x00\x01",
        b'{"call_id": NaN}',
        b"[" * 40_000,
        b'{"a":' * 12_000,
        b'{"call_id": "c-1", "call_id": "c-2"}',
        b'{"talk_seconds": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_object_is_refused(stage: Stage, body: bytes) -> None:
    refused(stage.post(body), 422, "body")


@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_no_utf_8_is_refused(stage: Stage) -> None:
    """Where API Gateway stands in front, the bytes are replaced before the signature is looked at: 401 or 422."""
    body = json.dumps(stage.call(stage.mobile())).encode()[:-1] + b', "queue": "\xff\xfe"}'
    assert stage.post(body).status in (401, 422)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("missing", ["call_id", "caller", "ended_at"])
def test_a_required_field_that_is_missing_is_named(stage: Stage, missing: str) -> None:
    report = stage.call(stage.mobile())
    del report[missing]
    refused(stage.post(report), 422, missing)


WRONG: list[tuple[str, Any]] = [
    *(("call_id", value) for value in (None, "", 7, "a b", "å", "a/b", "x" * 129, "a\n", ["c"], {"c": 1})),
    *(("caller", value) for value in (["+46701740612"], {"number": "+46701740612"})),
    *(("ended_at", value) for value in (None, "", 1795309840, "yesterday", "2026-11-21", "2026-11-21T10:02:41")),
    *(("ended_at", f"{day}T10:00:00+01:00") for day in ("2026-02-29", "2026-13-01", "2026-04-31", "0000-01-01")),
    *(("ended_at", value) for value in ("2026-11-21T25:00:00Z", "2026-11-21T10:61:00Z", "2026-11-21T10:00:00+99:00")),
    *(("ended_at", value) for value in ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2099-01-01T00:00:00Z")),
    *(("started_at", value) for value in ("soon", 5, True)),
    *(("direction", value) for value in ("sideways", 1, ["inbound"])),
    *(("answered", value) for value in ("true", 1, "no")),
    *(("language", value) for value in (7, "swedish!", "x" * 60, ["sv"])),
    *((name, value) for name in ("queue", "team", "agent") for value in (7, "x" * 65, "a\u0000b", "a\nb", {})),
    *((name, value) for name in ("wait_seconds", "talk_seconds") for value in ("60", -1, True, 10**9, [60])),
    *(("callback_consent", value) for value in ("yes", 0)),
    *(("channel", value) for value in ("fax", 1)),
    *(("survey", value) for value in ("always", False)),
    *(("test", value) for value in ("yes", 1)),
    *(("attributes", value) for value in ("x", [1], {"a": {"b": 1}}, {"a": "x" * 201})),
    ("attributes", {str(n): "x" for n in range(17)}),
]  # fmt: skip


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("field, value", WRONG)
def test_a_field_of_the_wrong_kind_or_size_is_named(stage: Stage, field: str, value: object) -> None:
    detail = refused(stage.post(stage.call("+46701740612") | {field: value}), 422, field)
    assert "701740612" not in detail


@pytest.mark.usefixtures("unchanged")
def test_a_source_nobody_knows_is_not_found_and_without_a_signature_not_even_that(stage: Stage) -> None:
    refused(stage.post(stage.call(stage.mobile()), "/webhooks/nobody"), 404)
    refused(stage.ask("POST", "/webhooks/nobody", b"{}", {"Content-Type": "application/json"}), 401)


def test_fields_nobody_knows_are_ignored(stage: Stage) -> None:
    assert stage.post_call(stage.mobile(), colour="blue", nested={"a": [1]})["decision"] == "invited"


@pytest.mark.parametrize(
    "caller, reason",
    [
        (None, "no_number"),
        ("", "no_number"),
        ("anonymous", "no_number"),
        ("+266696687", "no_number"),  # ANONYMOUS on a keypad
        ("12", "invalid_number"),
        ("sip:alice@example.org", "invalid_number"),
        ("+46" + "7" * 60, "invalid_number"),
        (5, "invalid_number"),
        (True, "invalid_number"),
        ("+46\u0000701740612", "invalid_number"),
    ],
)
def test_a_caller_without_a_usable_number_is_kept_as_not_invited_whatever_the_exchange_writes(
    stage: Stage, caller: Any, reason: str
) -> None:
    decision = stage.post_call(caller)
    assert (decision["decision"], decision["reason"], decision["survey_id"]) == ("not_invited", reason, None)


def test_the_same_call_again_gets_the_same_body_whatever_else_changed(stage: Stage) -> None:
    report = stage.call(stage.mobile())
    first = stage.post(report)
    changes: list[dict[str, Any]] = [
        {}, {"caller": stage.mobile()}, {"caller": None}, {"answered": False}, {"queue": "other"}, {"test": True},
        {"ended_at": (stage.now() - timedelta(days=1)).isoformat()},
    ]  # fmt: skip
    for change in changes:
        again = stage.post(report | change)
        assert (again.status, again.body) == (200, first.body)
    assert first.status == 202
    stage.ahead(hours=30)
    assert stage.post(report).body == first.body


def test_of_fifty_posts_of_one_call_at_once_exactly_one_is_the_first(stage: Stage) -> None:
    for _ in range(3):
        report = stage.call(stage.mobile())
        answers = at_once([partial(stage.post, report)] * 50)
        assert sorted(answer.status for answer in answers) == [200] * 49 + [202]
        assert len({answer.body for answer in answers}) == 1


# --- what Twilio posts ------------------------------------------------------------------------------------

TWILIO = [
    "/webhooks/twilio/call-status",
    "/webhooks/twilio/sms",
    f"/webhooks/twilio/sms-status/{SURVEY}/1",
    "/webhooks/twilio/voice",
    f"/webhooks/twilio/voice/{SURVEY}",
    f"/webhooks/twilio/voice/{SURVEY}/time-2",
    f"/webhooks/twilio/voice-status/{SURVEY}/1",
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", TWILIO)
def test_a_form_twilio_did_not_sign_is_refused(stage: Stage, path: str) -> None:
    form = {"From": "+447700900999", "Body": "1", "MessageSid": "SM1", "CallSid": "CA1", "Blank": ""}
    signed = stage.signature(path, form)
    other_path = stage.signature("/webhooks/twilio/other", form)
    for headers in ({"Content-Type": FORM}, signed | {"X-Twilio-Signature": "å"}, other_path):
        detail = refused(stage.ask("POST", path, urlencode(form).encode(), headers), 403)
        assert detail.startswith("X-Twilio-Signature")
    refused(stage.ask("POST", path, urlencode(form | {"Body": "2"}).encode(), signed), 403)
    refused(stage.ask("POST", path, urlencode(form).replace("&Blank=", "").encode(), signed), 403)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("sid", [{}, {"MessageSid": ""}])
def test_a_text_without_a_name_is_refused(stage: Stage, sid: dict[str, str]) -> None:
    """Two of them could not be told from one that came twice."""
    form = {"From": "+447700900999", "Body": "1", **sid}
    assert refused(stage.twilio("/webhooks/twilio/sms", form), 422) == "MessageSid: is required"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", TWILIO)
def test_a_form_is_refused_by_its_size_and_by_its_kind(stage: Stage, path: str) -> None:
    refused(stage.twilio(path, {"Body": "x" * 1_000_000}), 413)
    refused(stage.ask("POST", path, b"{}", {"Content-Type": "application/json"}), 415)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("status", ["delivered", "failed", "sent", "", "\u00e5"])
@pytest.mark.parametrize("attempt", ["1", "0", "-1", "99999999999", "one", "1.5", "%31"])
def test_a_receipt_for_a_survey_or_an_attempt_we_do_not_know_changes_nothing(
    stage: Stage, status: str, attempt: str
) -> None:
    form = {"MessageStatus": status, "MessageSid": "SM1", "ErrorCode": "not a number"}
    for kind in ("sms-status", "voice-status"):
        answer = stage.twilio(f"/webhooks/twilio/{kind}/{SURVEY}/{attempt}", form | {"CallStatus": status})
        assert (answer.status, answer.body) == (204, b"")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "path", [f"/{SURVEY}", f"/{SURVEY}/service", f"/{SURVEY}/consent", f"/{SURVEY}/%2e", "/x/y"]
)
@pytest.mark.parametrize("form", [{"CallSid": "CA1", "Digits": "1"}, {}, {"Digits": "\u00e5" * 100}])
def test_a_voice_call_we_know_nothing_of_is_thanked_and_hung_up_on(
    stage: Stage, path: str, form: dict[str, str]
) -> None:
    answer = stage.twilio(f"/webhooks/twilio/voice{path}", form)
    assert answer.status == 200
    assert b"<Hangup" in answer.body
    assert b"<Gather" not in answer.body


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"From": "", "Body": ""},
        {"From": "12345", "Body": "hello"},
        {"From": "Exempelv", "Body": "1"},
        {"From": "+\u0000", "Body": "1"},
    ],
)
def test_a_text_from_nobody_we_could_have_asked_is_taken_and_not_answered(
    stage: Stage, form: dict[str, str]
) -> None:
    answer = stage.twilio("/webhooks/twilio/sms", form)
    assert answer.status == 200
    assert b"<Message" not in answer.body


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "change, field",
    [
        ({"CallSid": "x"}, "CallSid"),
        ({"CallSid": ""}, "CallSid"),
        ({"Timestamp": "the day before"}, "Timestamp"),
        ({"Timestamp": "Sat, 31 Feb 2026 10:00:00 +0000"}, "Timestamp"),
        ({"CallDuration": "long"}, "CallDuration"),
        ({"CallDuration": "99999999"}, "CallDuration"),
    ],
)
def test_a_call_status_with_a_field_nobody_can_read_is_refused(
    stage: Stage, change: dict[str, str], field: str
) -> None:
    form = {
        "CallSid": "CA" + "0" * 32,
        "CallStatus": "completed",
        "Direction": "inbound",
        "From": "+447700900998",
    }
    refused(stage.twilio("/webhooks/twilio/call-status", form | change), 422, field)


# --- what the API is asked --------------------------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "query, field",
    [
        ("rates?from=yesterday", "from"),
        ("rates?from=2026-02-30", "from"),
        ("rates?from=2026-11-21&to=2026-11-21", "to"),
        ("rates?from=2026-11-22&to=2026-11-21", "to"),
        ("rates?from=2020-01-01&to=2026-11-21", "to"),
        ("rates?from=0001-01-01&to=0001-01-02", "to"),
        ("calls?from=1999-12-31&to=2000-01-02", "from"),
        ("rates?to=9999-12-31", "to"),
        ("rates?from=", "from"),
        ("rates?by=agent", "by"),
        ("rates?by=day&by=team", "by"),
        ("rates?colour=blue", "colour"),
        ("rates?by=day&%00=1", "\x00"),
        ("calls?from=x", "from"),
        ("calls?limit=5", "limit"),
        ("calls?cursor=x", "cursor"),
        ("calls?cursor=bnVsbA", "cursor"),
        ("calls?cursor=WzEsMl0", "cursor"),
        ("calls?cursor=%C3%A5", "cursor"),
        ("calls?cursor=", "cursor"),
        ("calls?cursor=" + "W1tb" * 1000, "cursor"),  # thousands of opening brackets
        ("responses?format=xml", "format"),
        ("responses?cursor=x&format=csv", "cursor"),
        ("responses?to=2026-W10", "to"),
        ("callbacks?state=asleep", "state"),
        ("callbacks?state=open&state=open", "state"),
        ("callbacks?cursor=WzEsMl0", "cursor"),
        ("callbacks?owner=me", "owner"),
    ],
)
def test_a_query_nobody_can_answer_is_refused_by_its_parameter(stage: Stage, query: str, field: str) -> None:
    refused(stage.ask("GET", f"/api/{query}", headers=stage.bearer), 422, field)


def test_parameters_that_are_odd_but_right_are_answered(stage: Stage) -> None:
    for query in (
        "rates?team=%C3%A5&queue=",
        "rates?by=wave",
        "callbacks?team=nobody",
        "calls?to=2026-11-21",
    ):
        assert stage.ask("GET", f"/api/{query}", headers=stage.bearer).status == 200, query


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "call_id", ["c-none", "%2B46701740612", "..", "a%2Fb", "%00", "%C3%A5", "x" * 500, "%ff"]
)
def test_an_unknown_call_is_not_found(stage: Stage, call_id: str) -> None:
    detail = refused(stage.ask("GET", f"/api/calls/{call_id}", headers=stage.bearer), 404)
    assert "701740612" not in detail


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "verb", ["claim", "release", "attempt", "reach", "resolve", "escalate", "do-not-call"]
)
def test_an_unknown_callback_is_not_found(stage: Stage, verb: str) -> None:
    for row in (SURVEY, "x", quote("å")):
        refused(stage.ask("POST", f"/api/callbacks/{row}/{verb}", b"{}", stage.bearer), 404)
    refused(stage.ask("POST", f"/api/callbacks/{SURVEY}/dance", b"{}", stage.bearer), 404)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "body",
    [b"[]", b"{", b"5", b"\xff", b"[" * 30_000, b'{"owner": 5}', b'{"owner": ""}', b'{"owner": "\\ud800"}'],
)
def test_a_body_of_a_callback_action_must_be_an_object_with_an_owner(stage: Stage, body: bytes) -> None:
    detail = refused(stage.ask("POST", f"/api/callbacks/{SURVEY}/claim", body, stage.bearer), 422)
    assert detail.startswith(("body: ", "owner: "))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "changes, field",
    [
        ({}, "body"),
        ([], "body"),
        ({"colour": "blue"}, "colour"),
        (
            {"public_phone": {"": "\ud800"}},
            "body",
        ),  # half a letter: it would be stored, and never shown again
        ({"public_phone": {"\ud800": "0770"}}, "body"),
        ({"mode": "dead"}, "mode"),
        ({"mode": ["live"]}, "mode"),
        ({"quarantine_days": -1}, "quarantine_days"),
        ({"quarantine_days": "30"}, "quarantine_days"),
        ({"quarantine_days": 1.5}, "quarantine_days"),
        ({"quarantine_days": True}, "quarantine_days"),
        ({"quarantine_days": None}, "quarantine_days"),
        ({"quarantine_days": 10**30}, "quarantine_days"),
        ({"quiet_hours": "late"}, "quiet_hours"),
        ({"quiet_hours": "25:00-08:00"}, "quiet_hours"),
        ({"quiet_hours": "20:00+02:00-08:00"}, "quiet_hours"),
        ({"opening_hours": {"": 8}}, "opening_hours"),
        ({"opening_hours": "08:00-16:00"}, "opening_hours"),
        ({"opening_days": ["monday"]}, "opening_days"),
        ({"opening_days": []}, "opening_days"),
        ({"quiet_days": [1, 2, 3, 4, 5, 6, 7]}, "quiet_days"),
        ({"quiet_days": [[1]]}, "quiet_days"),
        ({"holidays": ["Christmas"]}, "holidays"),
        ({"holidays": [20261224]}, "holidays"),
        ({"sampling": {"": 2}}, "sampling"),
        ({"sampling": {"": "all"}}, "sampling"),
        ({"sampling": []}, "sampling"),
        ({"outbound_voice": {"": "on"}}, "outbound_voice"),
        ({"public_phone": {"": 7}}, "public_phone"),
        ({"public_phone": {"permits\n": "0770"}}, "public_phone"),
        ({"outbound_voice": {"x" * 65: True}}, "outbound_voice"),
        ({"sampling": {"permits/\u0000": 0.5}}, "sampling"),
        ({"languages": []}, "languages"),
        ({"languages": ["xx"]}, "languages"),
        ({"languages": [5]}, "languages"),
        ({"default_language": "xx"}, "default_language"),
        ({"queue_languages": {"permits": "xx"}}, "queue_languages"),
        ({"killed": ["everything"]}, "killed"),
        ({"killed": [1]}, "killed"),
        ({"allow_list": ["x"]}, "allow_list"),
        ({"allow_list": "+46701740612"}, "allow_list"),
        ({"allow_list": [46701740612]}, "allow_list"),
        ({"countries": ["Sweden"]}, "countries"),
        ({"excluded_queues": [1]}, "excluded_queues"),
        ({"style": "rude"}, "style"),
        ({"callback_consent": "never"}, "callback_consent"),
        ({"invite_delay_seconds": 10_000_000}, "invite_delay_seconds"),
        ({"reminder_hours": 100_000}, "reminder_hours"),
        ({"expiry_hours": 0}, "expiry_hours"),
        ({"callback_due_hours": 10_000_000}, "callback_due_hours"),
    ],
)
def test_a_setting_that_would_break_the_service_is_refused_by_its_name(
    stage: Stage, changes: object, field: str
) -> None:
    headers = stage.bearer | {"Content-Type": "application/json"}
    answer = stage.ask("PUT", "/api/settings", json.dumps(changes).encode(), headers)
    assert "701740612" not in refused(answer, 422, field)


# --- what is said before anything is read -----------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "method, path, kind, status",
    [
        ("GET", "/nowhere", "", 404),
        ("GET", "/api", "", 404),
        ("GET", "/api/calls/a/b", "", 404),
        ("GET", "/webhooks/calls", "", 405),
        ("DELETE", "/api/settings", "", 405),
        ("POST", "/health", "application/json", 405),
        ("PATCH", "/api/rates", "application/json", 405),
        ("POST", "/webhooks/calls", "text/xml", 415),
        ("PUT", "/api/settings", "image/png", 415),
        ("POST", "/webhooks/twilio/sms", "multipart/form-data; boundary=x", 415),
    ],
)
def test_a_wrong_address_method_or_kind_of_body_is_a_problem_document(
    stage: Stage, method: str, path: str, kind: str, status: int
) -> None:
    body = b"{}" if kind else None
    headers = {"Content-Type": kind} if kind else {}
    refused(stage.ask(method, path, body, headers), status)


def test_none_of_this_was_ever_a_failure_of_ours_and_no_number_was_written_down(stage: Stage) -> None:
    """Runs last: reads what the service said while it answered all of the above."""
    said = stage.said()
    assert "unexpected failure" not in said
    assert "Traceback" not in said
    assert re.findall(r".* 5\d\d \d+ ms", said) == []
    for digits in ("4477009", "46701740612", "46313900"):
        assert digits not in said
