"""What the API really answers is what its description says."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.described import DOCUMENT, check
from tests.stage import FORM, Answer, Stage


@pytest.fixture(scope="module")
def talked(stage: Stage) -> Mapping[str, Any]:
    """A caller who answered, was not helped, and is to be called back; one by voice; one never invited."""
    stage.daytime()
    caller, landline = stage.mobile(), stage.landline()
    calls = [stage.post_call(caller), stage.post_call(landline), stage.post_call(None)]
    stage.ahead(seconds=5)
    for reply in ("1", "3", "2", "1"):
        stage.reply(caller, reply)
    assert stage.rung(landline)
    stage.line(landline, "answer")
    stage.line(landline, "press", digits="1121")
    stage.settled()
    stage.tick()
    return {"survey": calls[0]["survey_id"], "calls": [call["call_id"] for call in calls]}


def read(stage: Stage, path: str, query: str = "") -> Any:
    return check(stage.ask("GET", path + query, None, stage.bearer), "get", path)


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize(
    "by", ["", *(f"?by={name}" for name in ("day", "week", "team", "queue", "language", "wave"))]
)
def test_rates_are_as_described(stage: Stage, by: str) -> None:
    assert read(stage, "/api/rates", by)["groups"]


def test_calls_are_as_described(stage: Stage, talked: Mapping[str, Any]) -> None:
    assert read(stage, "/api/calls")["calls"]
    for call_id in talked["calls"]:
        answer = stage.ask("GET", f"/api/calls/{quote(call_id)}", None, stage.bearer)
        assert check(answer, "get", "/api/calls/{call_id}")["call_id"] == call_id


@pytest.mark.usefixtures("talked")
def test_responses_are_as_described(stage: Stage) -> None:
    assert read(stage, "/api/responses")["responses"]
    assert read(stage, "/api/responses", "?format=csv").startswith(b"survey_id,")


def test_callbacks_are_as_described_held_or_not(stage: Stage, talked: Mapping[str, Any]) -> None:
    assert read(stage, "/api/callbacks")["callbacks"]
    for verb, owner, status in (("claim", "Anna", 200), ("claim", "Yusuf", 409), ("cheer", "Anna", 404)):
        answer = act(stage, talked["survey"], verb, {"owner": owner})
        assert answer.status == status
        assert ("number" in check(answer, "post", "/api/callbacks/{callback_id}/{verb}")) is (status == 200)
    for verb, body in (
        ("attempt", {"owner": "Anna", "outcome": "busy"}),
        ("claim", {}),
        ("reach", {}),
        ("resolve", {}),
    ):
        assert check(act(stage, talked["survey"], verb, body), "post", "/api/callbacks/{callback_id}/{verb}")
    assert read(stage, "/api/callbacks", "?state=resolved")["callbacks"]


def act(stage: Stage, callback: str, verb: str, body: object) -> Answer:
    headers = stage.bearer | {"Content-Type": "application/json"}
    return stage.ask("POST", f"/api/callbacks/{callback}/{verb}", json.dumps(body).encode(), headers)


def test_what_is_kept_of_a_number_is_told_and_forgotten_as_described_and_never_logged(stage: Stage) -> None:
    stage.daytime()
    caller, stranger = stage.mobile(), stage.mobile()
    stage.post_call(caller)
    stage.ahead(seconds=5)
    for reply in ("1", "2", "2", "1", "please look at my case again, I wait since May"):
        stage.reply(caller, reply)
    told = wish(stage, "disclosures", {"number": caller})
    assert told["surveys"][0]["callback"]["number"] == "this number"
    assert told["surveys"][0]["remarks"]
    stage.settled()
    proof = wish(stage, "erasures", {"number": caller})["proof"]
    assert (proof["surveys_unlinked"], proof["read_again_and_gone"]) == (1, True)
    assert proof["carrier_records_deleted"] >= 6
    assert wish(stage, "erasures", {"number": caller})["proof"]["nothing_was_kept"]
    for number in (caller, stranger):
        assert wish(stage, "disclosures", {"number": number})["nothing_is_kept"]
    for body in ({}, {"number": f"{caller}{caller}"}, {"number": 7}, []):
        for kind in ("disclosures", "erasures"):
            assert wish(stage, kind, body, 422)["field"] in ("number", "body")
    assert caller[1:] not in stage.said()
    assert caller[4:] not in stage.said()


def test_a_wish_needs_a_token_and_keeps_the_number_out_of_the_address(stage: Stage) -> None:
    for kind in ("disclosures", "erasures"):
        path, body = f"/api/{kind}", b'{"number": "+46701740605"}'
        unsigned = stage.ask("POST", path, body, {"Content-Type": "application/json"})
        assert unsigned.status == 401
        check(unsigned, "post", path)
        headers = stage.bearer | {"Content-Type": "application/json"}
        named = stage.ask("POST", f"{path}?number=%2B46701740605", body, headers)
        assert named.status == 422
        assert check(named, "post", path)["field"] == "number"


def wish(stage: Stage, kind: str, body: object, status: int = 200) -> Any:
    headers = stage.bearer | {"Content-Type": "application/json"}
    answer = stage.ask("POST", f"/api/{kind}", json.dumps(body).encode(), headers)
    assert answer.status == status, answer.body
    return check(answer, "post", f"/api/{kind}")


def test_settings_health_and_this_document_are_as_described(stage: Stage) -> None:
    headers = stage.bearer | {"Content-Type": "application/json"}
    for status, change in ((200, {"callback_capacity": 21}), (422, {"callback_capacity": "many"}), (422, {})):
        answer = stage.ask("PUT", "/api/settings", json.dumps(change).encode(), headers)
        assert answer.status == status
        check(answer, "put", "/api/settings")
    assert read(stage, "/api/settings")["history"]
    check(stage.ask("GET", "/health"), "get", "/health")
    assert stage.api("/api/openapi.json") == DOCUMENT


def test_the_decision_about_a_call_is_as_described(stage: Stage) -> None:
    report = stage.call(stage.mobile())
    bad = [(report | {"ended_at": "soon"}, 422), (report, 202), (report, 200)]
    for sent, status in bad:
        answer = stage.post(sent)
        assert answer.status == status
        check(answer, "post", "/webhooks/calls")
    check(
        stage.ask("POST", "/webhooks/calls", b"{}", {"Content-Type": "application/json"}),
        "post",
        "/webhooks/calls",
    )
    check(
        stage.ask("POST", "/webhooks/calls", b" " * 70_000, {"Content-Type": "application/json"}),
        "post",
        "/webhooks/calls",
    )
    check(
        stage.ask("POST", "/webhooks/calls", b"<a/>", {"Content-Type": "text/xml"}), "post", "/webhooks/calls"
    )


@pytest.mark.parametrize(
    "path", sorted(path for path in DOCUMENT["paths"] if path.startswith("/webhooks/twilio/"))
)
def test_what_twilio_is_answered_is_as_described(stage: Stage, path: str) -> None:
    there = path.replace("{survey_id}", "a" * 26).replace("{attempt}", "1").replace("{question}", "time-1")
    form = {
        "CallSid": "CA" + "0" * 32,
        "MessageSid": "SM" + "0" * 32,
        "CallStatus": "ringing",
        "From": stage.mobile(),
    }
    answer = stage.twilio(there, form)
    assert answer.status < 300
    check(answer, "post", path)
    unsigned = stage.ask("POST", there, b"Body=1", {"Content-Type": FORM})
    assert unsigned.status == 403
    check(unsigned, "post", path)


@pytest.mark.parametrize(
    "path", ["/", "/callbacks", "/calls", "/remarks", "/settings", "/sign-in", "/static/{name}"]
)
def test_a_page_is_as_described(stage: Stage, path: str) -> None:
    check(stage.ask("GET", path.replace("{name}", "none.css")), "get", path)
