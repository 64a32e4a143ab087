"""The whole loop, from outside: calls end, phones ring and get texts, people answer, record and rates say so."""

import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.stage import FORM, ROOT, Json, Stage, at_once, fields, until

FIXTURES = ROOT / "tests" / "fixtures" / "twilio"
SMS = "/webhooks/twilio/sms"


@pytest.fixture(autouse=True)
def calm(stage: Stage) -> Iterator[None]:
    """It is day, and nothing is wrong at the carrier when a test begins, nor after it."""
    stage.daytime()
    stage.faults()
    yield
    stage.faults()


def invited(stage: Stage, caller: str, **call: Any) -> Json:
    """A call whose first text has arrived, or whose phone rings."""
    decision = stage.post_call(caller, **call)
    assert decision["decision"] == "invited", decision
    stage.tick()
    return decision


def answers(stage: Stage, call: Json) -> str:
    """ "yn-": the three answers' first letters."""
    given = stage.survey(call)["answers"].values()
    return "".join((answer or "-")[0] for answer in given)


def recorded(name: str, **changes: str) -> str:
    """The body of a real request, with some fields as this test needs them."""
    body = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))["raw_body"]
    return urlencode(fields(body) | changes)


# --- by text ----------------------------------------------------------------------------------------------


def test_three_texts_are_answered_and_counted(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    (first,) = stage.texts(caller)
    assert "Exempelverket" in first
    assert "STOPP" in first
    assert ["2 av 3" in text for text in stage.reply(caller, "1")] == [True]
    assert ["3 av 3" in text for text in stage.reply(caller, "nej")] == [True]
    (thanks,) = stage.reply(caller, "Ja!")
    assert "Tack" in thanks
    survey = stage.survey(call)
    assert survey["answers"] == {"service": "yes", "time": "no", "resolved": "yes"}
    assert (survey["disposition"], survey["channel"], survey["delivered"]) == ("complete", "sms", True)
    assert [attempt["status"] for attempt in survey["attempts"]] == ["delivered"]


def test_a_text_comes_within_five_seconds_and_each_reply_is_answered_within_one(stage: Stage) -> None:
    caller = stage.mobile()
    stage.post_call(caller)
    assert until(lambda: bool(stage.texts(caller)), 5)
    for answer in ("1", "2", "1"):
        began = time.monotonic()
        assert stage.reply(caller, answer)
        assert time.monotonic() - began < 1


def test_english_callers_are_asked_in_english_all_at_once_where_that_is_the_style(stage: Stage) -> None:
    stage.change(style="all_in_one")
    caller = stage.mobile()
    call = invited(stage, caller, language="en")
    stage.change(style="one_by_one")
    (first,) = stage.texts(caller)
    assert "C)" in first
    assert "1 1 2" not in first
    (thanks,) = stage.reply(caller, "1 2 1")
    assert "Thank" in thanks
    assert answers(stage, call) == "yny"


def test_real_texts_as_twilio_sent_them_are_understood(stage: Stage) -> None:
    caller = "+14135550111"
    call = invited(stage, caller, language="en")
    for name in ("sms_inbound_yes", "sms_inbound_no", "sms_inbound_digit", "sms_inbound_empty"):
        answer = stage.twilio(SMS, recorded(name, From=caller))
        assert answer.status == 200
        assert answer.kind.startswith("text/xml")
    assert answers(stage, call) == "yn-"  # a 4 and an empty text answer nothing
    again = stage.twilio(SMS, recorded("sms_inbound_yes", From=caller))
    assert b"2 of 3" in again.body  # the answer it got the first time
    assert answers(stage, call) == "yn-"
    stop = stage.twilio(SMS, recorded("sms_inbound_optout_advanced", From=caller))
    assert b"<Message" not in stop.body  # Twilio has answered already
    assert stage.survey(call)["disposition"] == "partial"
    refused = stage.post_call(caller)
    assert refused["reason"] == "opted_out"


def test_real_receipts_belong_to_the_attempt_in_their_path(stage: Stage) -> None:
    caller = stage.mobile()
    stage.faults({"on": "send", "do": "no_receipt"})
    call = invited(stage, caller)
    path = f"/webhooks/twilio/sms-status/{call['survey_id']}"
    for name, status in (("sms_status_sent", "sent"), ("sms_status_delivered", "delivered")):
        assert stage.twilio(f"{path}/2", recorded(name)).status == 204
        assert stage.survey(call)["attempts"][0]["status"] != "delivered"
        assert stage.twilio(f"{path}/1", recorded(name)).status == 204
        assert stage.survey(call)["attempts"][0]["status"] == status
    assert stage.twilio(f"{path}/1", recorded("sms_status_failed_21610")).status == 204
    assert stage.survey(call)["disposition"] == "open"  # delivered it was, whatever comes later


def test_a_number_the_carrier_knows_as_opted_out_is_opted_out_with_us(stage: Stage) -> None:
    caller = stage.mobile()
    call = stage.post_call(caller)
    stage.twilio(
        f"/webhooks/twilio/sms-status/{call['survey_id']}/1", recorded("sms_status_failed_21610", To=caller)
    )
    stage.phone(caller, "texts", body="STOP")
    stage.tick()
    assert stage.post_call(caller)["reason"] == "opted_out"


def test_stop_ends_the_survey_is_confirmed_once_and_keeps_us_from_asking_again(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    stage.reply(caller, "1")
    (confirmed,) = stage.reply(caller, "stopp tack")
    assert confirmed
    assert stage.survey(call)["disposition"] == "opted_out"
    assert answers(stage, call) == "y--"
    later = stage.post_call(caller)
    assert (later["decision"], later["reason"]) == ("not_invited", "opted_out")
    stage.reply(caller, "ja")
    assert stage.post_call(caller)["reason"] == "opted_out"
    stage.reply(caller, "START")
    assert stage.post_call(caller)["reason"] != "opted_out"


def test_a_caller_who_was_asked_lately_is_left_alone(stage: Stage) -> None:
    caller = stage.mobile()
    invited(stage, caller)
    stage.reply(caller, "1")
    assert stage.post_call(caller)["reason"] == "survey_open"
    stage.reply(caller, "1")
    stage.reply(caller, "1")
    assert stage.post_call(caller)["reason"] == "quarantined"


def test_a_newer_call_takes_the_invitation_over_and_no_second_text_is_sent(stage: Stage) -> None:
    caller = stage.mobile()
    older = invited(stage, caller, queue="permits")
    stage.clock(stage.now() + timedelta(minutes=5))
    newer = invited(stage, caller, queue="visas")
    assert len(stage.texts(caller)) == 1
    stage.reply(caller, "2")
    assert (answers(stage, older), answers(stage, newer)) == ("---", "n--")
    assert stage.survey(older)["not_sent"] == "superseded"
    assert stage.survey(older)["superseded_by"] == newer["survey_id"]


def test_remarks_corrections_help_and_nonsense_find_their_answer(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    for said in ("hjälp", "kanske lite grann", "1", "ändra", "2", "1", "1", "Jag fick vänta länge men tack"):
        assert stage.reply(caller, said), said
    survey = stage.survey(call)
    assert survey["answers"] == {"service": "no", "time": "yes", "resolved": "yes"}
    assert survey["remarks"] == 2


def test_a_text_that_comes_twice_counts_once(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    stage.faults({"on": "webhook", "do": "duplicate", "times": 3})
    for answer in ("1", "2", "1"):
        stage.reply(caller, answer)
    assert answers(stage, call) == "yny"
    assert len(stage.texts(caller)) == 4


def test_a_text_from_somebody_we_never_asked_gets_one_polite_answer_a_day(stage: Stage) -> None:
    stranger = stage.mobile()
    assert len(stage.reply(stranger, "1")) == 1
    assert stage.reply(stranger, "hello?") == []
    stage.clock(stage.now() + timedelta(hours=25))
    assert len(stage.reply(stranger, "hello?")) == 1


def test_a_stop_that_comes_before_our_text_keeps_it_from_going_out(stage: Stage) -> None:
    stage.change(invite_delay_seconds=600)
    try:
        caller = stage.mobile()
        call = stage.post_call(caller)
        assert len(stage.reply(caller, "stopp")) == 1
        stage.ahead(minutes=11)
        assert len(stage.texts(caller)) == 1  # that it is so
        assert stage.survey(call)["attempts"] == []
    finally:
        stage.change(invite_delay_seconds=0)


def test_two_texts_at_once_answer_two_questions(stage: Stage) -> None:
    for _ in range(5):
        caller = stage.mobile()
        call = invited(stage, caller)
        at_once([partial(stage.reply, caller, "1"), partial(stage.reply, caller, "1")])
        assert answers(stage, call) == "yy-"


# --- by the clock -----------------------------------------------------------------------------------------


def test_the_silent_are_reminded_once_and_expire(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    stage.ahead(hours=3, minutes=50)
    assert len(stage.texts(caller)) == 1
    stage.ahead(minutes=15)
    assert len(stage.texts(caller)) == 2
    stage.ahead(hours=12)
    assert len(stage.texts(caller)) == 2
    stage.ahead(hours=13)
    assert stage.survey(call)["disposition"] == "non_contact"
    (late,) = stage.reply(caller, "1")
    assert late
    assert answers(stage, call) == "---"


def test_the_half_silent_are_asked_the_open_question_again_and_count_as_far_as_they_came(
    stage: Stage,
) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    stage.reply(caller, "1")
    stage.ahead(hours=5)
    assert "rimlig tid" in stage.texts(caller)[-1]
    stage.reply(caller, "2")
    stage.ahead(hours=25)
    assert (stage.survey(call)["disposition"], answers(stage, call)) == ("partial", "yn-")


def test_quiet_hours_hold_a_text_till_the_morning_and_not_longer_than_eighteen_hours(stage: Stage) -> None:
    stage.change(quiet_hours="20:00-08:00")
    try:
        evening = stage.morning().replace(hour=21, minute=30)
        stage.clock(evening)
        caller = stage.mobile()
        call = invited(stage, caller)
        assert stage.texts(caller) == []
        stage.clock(evening + timedelta(hours=10, minutes=29))
        stage.tick()
        assert stage.texts(caller) == []
        stage.clock(evening + timedelta(hours=10, minutes=31))
        stage.tick()
        assert "i går" in stage.texts(caller)[0]
        assert stage.survey(call)["disposition"] == "open"
        stage.change(quiet_days=[1, 2, 3, 4, 5, 6])  # from now on nothing may go out before Sunday
        stage.morning()
        other = stage.mobile()
        dropped = stage.post_call(other)
        stage.ahead(hours=1)
        assert stage.texts(other) == []
        stage.ahead(days=7)
        assert stage.texts(other) == []
        assert stage.survey(dropped)["not_sent"] == "too_late"
    finally:
        stage.change(quiet_hours="00:00-00:00", quiet_days=[])


def test_a_call_reported_hours_later_is_too_late_and_is_counted_in_its_own_hour(stage: Stage) -> None:
    now = stage.morning()
    late = stage.post_call(
        stage.mobile(), ended_at=(now - timedelta(hours=30)).isoformat(), queue="reported-late"
    )
    assert late["reason"] == "too_late"
    stage.tick()
    (group,) = stage.api("/api/rates?queue=reported-late")["groups"]
    assert group["funnel"]["not_invited"] == {"too_late": 1}


# --- switches ---------------------------------------------------------------------------------------------


def test_in_trial_only_numbers_on_the_list_are_texted(stage: Stage) -> None:
    known, stranger = stage.mobile(), stage.mobile()
    try:
        stage.change(mode="trial", allow_list=[known])
        shown = json.dumps(stage.api("/api/settings"))
        assert known[-7:] not in shown
        assert stage.post_call(stranger)["reason"] == "trial"
        invited(stage, known)
        assert len(stage.texts(known)) == 1
        assert stage.texts(stranger) == []
    finally:
        stage.change(mode="live", allow_list=[])


@pytest.mark.parametrize("killed", ["all", "queue:permits", "language:sv"])
def test_the_kill_switch_stops_what_is_planned_and_refuses_what_comes(stage: Stage, killed: str) -> None:
    stage.change(invite_delay_seconds=600)
    try:
        caller = stage.mobile()
        planned = stage.post_call(caller)
        stage.change(killed=[killed])
        stage.ahead(minutes=11)
        assert stage.texts(caller) == []
        assert stage.survey(planned)["not_sent"] == "killed"
        assert stage.post_call(stage.mobile())["reason"] == "killed"
        elsewhere = stage.post_call(stage.mobile(), queue="visas", language="en")
        assert elsewhere["reason"] == ("killed" if killed == "all" else None)
    finally:
        stage.change(killed=[], invite_delay_seconds=0)


# --- by voice ---------------------------------------------------------------------------------------------


def test_a_landline_is_rung_asked_who_it_is_and_answers_by_keys(stage: Stage) -> None:
    caller = stage.landline()
    call = invited(stage, caller)
    assert stage.rung(caller)
    who, _ = stage.line(caller, "answer")
    assert "Exempelverket" in who
    first, _ = stage.line(caller, "press", digits="1")
    assert "service" in first
    stage.line(caller, "press", digits="1")
    stage.line(caller, "press", digits="2")
    goodbye, line = stage.line(caller, "press", digits="1")
    assert goodbye
    assert line["status"] == "completed"
    survey = stage.survey(call)
    assert (survey["disposition"], survey["channel"]) == ("complete", "voice")
    assert answers(stage, call) == "yny"


def test_the_landline_of_the_bars_is_rung(stage: Stage) -> None:
    call = invited(stage, "+46313900601")
    assert stage.rung("+46313900601")
    stage.line("+46313900601", "answer")
    stage.line("+46313900601", "press", digits="2")
    assert stage.survey(call)["disposition"] == "other"


def test_what_was_pressed_before_hanging_up_is_kept(stage: Stage) -> None:
    caller = stage.landline()
    call = invited(stage, caller)
    assert stage.rung(caller)
    stage.line(caller, "answer")
    for key in "12":
        stage.line(caller, "press", digits=key)
    stage.phone(caller, "hangup")
    stage.tick()
    assert (stage.survey(call)["disposition"], answers(stage, call)) == ("break_off", "n--")


def test_a_machine_is_not_talked_to(stage: Stage) -> None:
    caller = stage.landline()
    stage.carrier("/phones/api/numbers", {"number": caller, "behaviour": "machine"})
    call = invited(stage, caller)
    assert until(lambda: (stage.phone(caller)["call"] or {}).get("status") == "completed", 10)
    assert stage.phone(caller)["call"]["lines"] == []
    stage.settled()
    assert stage.survey(call)["disposition"] == "non_contact"


def test_a_phone_nobody_answers_is_rung_three_times_and_no_more(stage: Stage) -> None:
    stage.morning()
    caller = stage.landline()
    stage.carrier("/phones/api/numbers", {"number": caller, "behaviour": "busy"})
    call = invited(stage, caller)
    for _ in range(5):
        stage.ahead(minutes=46)
    rung = [each for each in stage.log()["calls"] if each["to"] == caller]
    assert len(rung) == 3
    assert stage.survey(call)["disposition"] == "non_contact"


def test_the_number_answers_when_rung_and_takes_the_survey_there(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    first, _ = stage.line(caller, "ring")
    assert "service" in first
    for key in "113":
        stage.line(caller, "press", digits=key)
    assert answers(stage, call) == "yys"
    assert stage.survey(call)["channel"] == "voice"
    nothing, line = stage.line(stage.mobile(), "ring")
    assert nothing
    assert line["status"] == "completed"


def test_whoever_asks_to_be_rung_is_rung(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    assert stage.reply(caller, "ring")
    stage.tick()
    assert stage.rung(caller)
    stage.line(caller, "answer")
    for key in "1121":
        stage.line(caller, "press", digits=key)
    assert answers(stage, call) == "yny"


def test_a_caller_handed_over_after_the_agent_is_asked_on_the_line(stage: Stage) -> None:
    caller = stage.mobile()
    line = stage.carrier("/phones/api/calls", {"number": caller, "handover": True})["call"]
    assert "service" in line["lines"][0]["text"] + line["lines"][-1]["text"]
    for key in "122":
        stage.line(caller, "press", digits=key)
    call = {"call_id": line["sid"]}
    assert answers(stage, call) == "ynn"
    stage.phone(caller, "hangup")
    stage.tick()
    assert stage.survey(call)["disposition"] == "complete"
    assert stage.texts(caller) == []


def test_an_opted_out_caller_handed_over_hears_nothing(stage: Stage) -> None:
    caller = stage.mobile()
    stage.reply(caller, "STOP")
    line = stage.carrier("/phones/api/calls", {"number": caller, "handover": True})["call"]
    assert (line["status"], line["lines"]) == ("completed", [])
    assert stage.survey({"call_id": line["sid"]})["reason"] == "opted_out"


def test_zero_ends_the_call_and_a_second_zero_opts_out(stage: Stage) -> None:
    caller = stage.mobile()
    call = invited(stage, caller)
    stage.line(caller, "ring")
    stage.line(caller, "press", digits="0")
    assert stage.survey(call)["disposition"] == "refused"
    stage.line(caller, "press", digits="0")
    assert stage.post_call(caller)["reason"] == "opted_out"


def test_real_reports_of_calls_on_the_centres_own_number_end_calls_or_are_let_be(stage: Stage) -> None:
    caller, at = stage.mobile(), format_datetime(stage.now())
    path, inbound = "/webhooks/twilio/call-status", {"Direction": "inbound", "From": caller, "Timestamp": at}
    sids = [f"CA{secrets.token_hex(16)}" for _ in range(4)]
    outbound = recorded("voice_status_completed_human", CallSid=sids[0])
    ringing = recorded("voice_inbound_ringing", CallSid=sids[1])
    busy = recorded("voice_status_busy_486", CallSid=sids[2], **inbound)
    completed = recorded("voice_status_completed_human", CallSid=sids[3], **inbound)
    for body in (outbound, ringing, busy, completed, completed):
        assert stage.twilio(path, body).status == 204
    for sid in sids[:2]:
        assert stage.ask("GET", f"/api/calls/{sid}", headers=stage.bearer).status == 404
    assert stage.survey({"call_id": sids[2]})["reason"] == "unanswered"
    assert stage.survey({"call_id": sids[3]})["decision"] == "invited"
    stage.tick()
    assert len(stage.texts(caller)) == 1


def test_real_reports_of_a_call_we_placed_belong_to_their_attempt(stage: Stage) -> None:
    stage.morning()
    caller = stage.landline()
    call = invited(stage, caller)
    path = f"/webhooks/twilio/voice-status/{call['survey_id']}/1"
    for name, status in (
        ("voice_status_in-progress", "sent"),
        ("voice_status_no-answer", "no_answer"),
    ):
        assert stage.twilio(path, recorded(name)).status == 204
        assert stage.survey(call)["attempts"][0]["status"] == status, name


def test_keys_are_kept_once_each_when_one_in_ten_of_our_answers_fails(stage: Stage) -> None:
    stage.morning()
    callers = [stage.landline() for _ in range(12)]
    calls = {caller: stage.post_call(caller) for caller in callers}
    stage.tick()
    for caller in callers:
        assert stage.rung(caller)
    stage.faults(
        {"on": "webhook", "do": "duplicate", "one_in": 10, "seed": 11},
        {"on": "reply", "do": "drop", "one_in": 20, "seed": 12},
        {"on": "reply", "do": "500_after", "one_in": 20, "seed": 13},
    )
    for caller in callers:
        stage.line(caller, "answer")
    for key in range(4):
        keys = {caller: "1" if key == 0 else answer(caller, key - 1) for caller in callers}
        at_once([partial(stage.line, caller, "press", digits=keys[caller]) for caller in callers])
    assert sum(rule["hits"] for rule in stage.log()["faults"]) > 4
    stage.faults()
    for caller, call in calls.items():
        assert answers(stage, call) == "".join("yn"[answer(caller, n) == "2"] for n in range(3))


# --- the callback -----------------------------------------------------------------------------------------


def owed(stage: Stage, **call: Any) -> tuple[str, str]:
    """A caller who was promised a call: their number and the callback's id."""
    caller = stage.mobile()
    decision = invited(stage, caller, **call)
    for answer in ("1", "1", "2", "1"):
        stage.reply(caller, answer)
    return caller, decision["survey_id"]


def act(stage: Stage, callback: str, verb: str, owner: str, **body: Any) -> Any:
    sent = json.dumps({"owner": owner, **body}).encode()
    return stage.ask("POST", f"/api/callbacks/{callback}/{verb}", sent, stage.bearer)


def test_of_two_who_claim_at_once_one_gets_the_number_and_the_other_the_name(stage: Stage) -> None:
    (caller, callback), pair = owed(stage), ("Kim", "Robin")
    for _ in range(50):
        answers = at_once([partial(act, stage, callback, "claim", who) for who in pair])
        (won, winner), (lost, _) = sorted(zip(answers, pair, strict=True), key=lambda each: each[0].status)
        assert (won.status, lost.status) == (200, 409)
        assert won.json()["number"] == caller
        assert lost.json()["owner"] == winner
        assert caller[-7:].encode() not in lost.body
        assert act(stage, callback, "release", winner).status == 200


def signed_in(stage: Stage, name: str) -> tuple[dict[str, str], str, str]:
    """A cookie, the callback page as it is then shown, and the mark its forms carry."""
    form = urlencode({"token": stage.secret["API_TOKEN"], "name": name}).encode()
    answer = stage.ask("POST", "/sign-in", form, {"Content-Type": FORM})
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    page = stage.ask("GET", "/callbacks", headers=cookie).body.decode()
    return cookie, page, re.findall(r'name="csrf" value="(\w+)"', page)[0]


def test_whoever_is_signed_in_acts_in_their_own_name(stage: Stage) -> None:
    caller, callback = owed(stage)
    assert act(stage, callback, "claim", "Kim").status == 200
    cookie, page, mark = signed_in(stage, "Robin")
    assert caller not in page
    sent = json.dumps({"owner": "Kim"}).encode()
    answer = stage.ask("POST", f"/api/callbacks/{callback}/claim", sent, cookie | {"X-CSRF-Token": mark})
    assert (answer.status, answer.json()["owner"]) == (409, "Kim")


def test_a_callback_is_missed_told_reached_and_resolved(stage: Stage) -> None:
    stage.morning()
    caller, callback = owed(stage)
    before = len(stage.texts(caller))
    assert act(stage, callback, "reach", "Kim").status == 409  # nobody holds it
    assert act(stage, callback, "claim", "Kim").status == 200
    assert act(stage, callback, "attempt", "Kim", outcome="no_answer").json()["state"] == "attempted"
    assert until(lambda: len(stage.texts(caller)) == before + 1, 5)
    for verb, state in (("claim", "claimed"), ("reach", "reached"), ("resolve", "resolved")):
        answer = act(stage, callback, verb, "Kim")
        assert (answer.status, answer.json()["state"]) == (200, state)
    assert "number" not in answer.json()
    assert act(stage, callback, "claim", "Kim").status == 409
    assert len(stage.texts(caller)) == before + 1


def test_whoever_was_just_rung_in_vain_is_not_next_and_can_be_taken_by_hand(stage: Stage) -> None:
    stage.morning()
    (_, callback), (_, other) = owed(stage), owed(stage)
    act(stage, callback, "claim", "Kim")
    act(stage, callback, "attempt", "Kim", outcome="busy")
    cookie, _, mark = signed_in(stage, "Robin")

    def take_next() -> str:
        form = urlencode({"csrf": mark}).encode()
        answer = stage.ask("POST", "/callbacks/next/claim", form, cookie | {"Content-Type": FORM})
        return answer.headers["location"].partition("?")[2]

    while (told := take_next()) == "done=claim":
        pass
    assert told == "problem=gone"
    rows = {row["id"]: row for row in everything(stage, "/api/callbacks", "callbacks")}
    assert (rows[callback]["state"], rows[other]["owner"]) == ("attempted", "Robin")
    assert act(stage, callback, "claim", "Robin").status == 200
    act(stage, callback, "attempt", "Robin", outcome="busy")
    stage.ahead(hours=4)
    assert take_next() == "done=claim"


def test_three_misses_end_it(stage: Stage) -> None:
    stage.morning()
    _, callback = owed(stage)
    for state in ("attempted", "attempted", "unreachable"):
        act(stage, callback, "claim", "Kim")
        assert act(stage, callback, "attempt", "Kim", outcome="busy").json()["state"] == state
    open_rows = stage.api("/api/callbacks")["callbacks"]
    assert callback not in {row["id"] for row in open_rows}


def test_no_withdraws_stop_withdraws_and_a_promise_not_kept_is_said(stage: Stage) -> None:
    stage.morning()
    withdrawn, stopped, forgotten = owed(stage), owed(stage), owed(stage)
    assert stage.reply(withdrawn[0], "nej")
    assert stage.reply(stopped[0], "stopp")
    gone = {row["id"] for row in everything(stage, "/api/callbacks?state=cancelled", "callbacks")}
    assert {withdrawn[1], stopped[1]} <= gone
    before = len(stage.texts(forgotten[0]))
    stage.ahead(days=8)
    states = {
        row["id"]: row["state"] for row in everything(stage, "/api/callbacks?state=expired", "callbacks")
    }
    assert states.get(forgotten[1]) == "expired"
    assert len(stage.texts(forgotten[0])) == before + 1


def test_a_newer_call_that_helped_closes_the_callback_and_one_that_did_not_moves_it_up(stage: Stage) -> None:
    stage.morning()
    helped, waiting = owed(stage, queue="permits"), owed(stage, queue="permits")
    was = due(stage, waiting[1])
    stage.post_call(helped[0], queue="permits", talk_seconds=300)
    stage.post_call(waiting[0], queue="visas", talk_seconds=300)
    assert due(stage, helped[1]) is None
    assert (due(stage, waiting[1]) or "") < (was or "")


def due(stage: Stage, callback: str) -> str | None:
    rows = everything(stage, "/api/callbacks", "callbacks")
    return next((row["due_at"] for row in rows if row["id"] == callback), None)


def test_another_number_replaces_the_one_to_ring(stage: Stage) -> None:
    caller, callback = owed(stage)
    other = stage.mobile()
    (confirmed,) = stage.reply(caller, f"ring {other} istället")
    assert other in confirmed
    assert act(stage, callback, "claim", "Kim").json()["number"] == other


def test_until_we_have_rung_no_and_another_number_count_after_the_survey_has_closed_too(stage: Stage) -> None:
    stage.morning()
    caller, callback = owed(stage)
    stage.ahead(hours=25)
    other = stage.mobile()
    (confirmed,) = stage.reply(caller, f"Ring {other} istället, tack")
    assert other in confirmed
    assert act(stage, callback, "claim", "Kim").json()["number"] == other
    for _ in range(2):  # a text that comes twice gets the same answer
        assert "vi ringer inte" in " ".join(stage.reply(caller, "Nej tack"))
    gone = {row["id"] for row in everything(stage, "/api/callbacks?state=cancelled", "callbacks")}
    assert callback in gone


# --- when things go wrong ---------------------------------------------------------------------------------


def test_no_answer_is_lost_or_counted_twice_when_one_in_ten_of_ours_fails(stage: Stage) -> None:
    """On every leg: the report of a text to us, and our answer to it. The carrier tries again as #rc and #rp say."""
    stage.change(reminder_hours=0)
    callers = [stage.mobile() for _ in range(60)]
    calls = {caller: stage.post_call(caller) for caller in callers}
    stage.tick()
    began = len(stage.log()["webhooks"])
    stage.faults(
        {"on": "webhook", "do": "drop", "one_in": 20, "seed": 1},
        {"on": "webhook", "do": "500_before", "one_in": 20, "seed": 2},
        {"on": "webhook", "do": "duplicate", "one_in": 20, "seed": 3},
        {"on": "reply", "do": "drop", "one_in": 20, "seed": 4},
        {"on": "reply", "do": "500_after", "one_in": 20, "seed": 5},
    )
    for n in range(3):
        at_once([partial(stage.reply, caller, answer(caller, n)) for caller in callers[:30]])
        at_once([partial(stage.reply, caller, answer(caller, n)) for caller in callers[30:]])
    failed = Counter(rule["do"] for rule in stage.log()["faults"] for _ in range(rule["hits"]))
    assert all(failed[kind] > 3 for kind in ("drop", "500_before", "duplicate", "500_after")), failed
    stage.faults()
    reached: dict[str, list[str]] = {caller: [] for caller in callers}
    for post in stage.log()["webhooks"][began:]:
        if post["kind"] == "text" and set(post["tries"]) - {"ct", "503"}:  # one of the tries got to us
            reached[post["form"]["From"]].append("yn"[post["form"]["Body"] == "2"])
    assert sum(map(len, reached.values())) >= 175
    for caller, call in calls.items():
        assert answers(stage, call) == "".join(reached[caller]).ljust(3, "-"), caller
    stage.change(reminder_hours=4)


def answer(caller: str, n: int) -> str:
    """What a caller says to question n: a pattern of their own."""
    return "12"[int(caller[-3:]) >> n & 1]


def test_a_text_whose_fate_is_not_known_is_looked_up_and_sent_exactly_once(stage: Stage) -> None:
    stage.morning()
    kinds = ("500_after", "timeout_after", "500_before", "timeout_before", "reset", "429")
    callers = [stage.mobile() for _ in kinds for _ in range(5)]
    stage.faults(
        *({"on": "send", "do": kind, "times": 5, "seconds": 0.1} for kind in kinds),
        {"on": "webhook", "do": "drop", "one_in": 1},  # and no receipt tells
    )
    calls = [stage.post_call(caller) for caller in callers]
    stage.tick()
    assert [rule["hits"] for rule in stage.log()["faults"] if rule["on"] == "send"] == [5] * len(kinds)
    stage.faults()
    for seconds in (31, 61, 31, 61, 31):
        stage.ahead(seconds=seconds)
    assert [len(stage.texts(caller)) for caller in callers] == [1] * len(callers)
    for caller in callers:
        stage.reply(caller, "1")
    assert {answers(stage, call) for call in calls} == {"y--"}


def test_a_text_nobody_can_say_anything_about_is_given_up_and_counted(stage: Stage) -> None:
    stage.morning()
    caller = stage.mobile()
    stage.faults(
        {"on": "send", "do": "timeout_before", "seconds": 0.2},
        {"on": "list", "do": "500_before", "one_in": 1},
    )
    call = stage.post_call(caller)
    for _ in range(14):
        stage.ahead(seconds=61)
    assert stage.survey(call)["not_sent"] == "unknown"
    assert stage.texts(caller) == []
    stage.faults()
    assert stage.post_call(caller)["decision"] == "invited"  # nobody was reached, nobody is spared


@pytest.mark.parametrize(
    "code, disposition, texts",
    [("30005", "non_contact", 0), ("30003", "open", 1), ("21610", "opted_out", 0), ("30006", "open", 0)],
)
def test_each_kind_of_undelivered_text_has_its_own_consequence(
    stage: Stage, code: str, disposition: str, texts: int
) -> None:
    stage.morning()
    caller = stage.mobile()
    stage.faults({"on": "send", "do": f"undelivered:{code}"})
    call = invited(stage, caller)
    stage.ahead(minutes=11)
    assert stage.survey(call)["disposition"] == disposition
    assert len(stage.texts(caller)) == texts
    assert stage.rung(caller) if code == "30006" else stage.phone(caller)["call"] is None


# --- the count --------------------------------------------------------------------------------------------


def everything(stage: Stage, path: str, name: str) -> list[Json]:
    """All pages of a list."""
    rows: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        page = stage.api(f"{path}{'&' if '?' in path else '?'}cursor={cursor}" if cursor else path)
        rows += page[name]
        cursor = page["next"]
    return rows


@pytest.fixture(scope="module")
def listed(stage: Stage) -> tuple[str, list[Json], list[Json]]:
    """A period, and all its calls and responses, when the tests above are through."""
    stage.faults()
    stage.tick()
    today = stage.now().date()
    period = f"from={today - timedelta(days=150)}&to={today + timedelta(days=2)}"
    calls = everything(stage, f"/api/calls?{period}", "calls")
    return period, calls, everything(stage, f"/api/responses?{period}", "responses")


@pytest.mark.parametrize("by", ["", "team", "queue", "language", "channel", "day"])
def test_every_number_can_be_had_by_hand_from_the_calls_and_the_responses(
    stage: Stage, listed: tuple[str, list[Json], list[Json]], by: str
) -> None:
    period, calls, responses = listed
    assert len({call["call_id"] for call in calls}) == len(calls) > 100
    groups = stage.api(f"/api/rates?{period}{f'&by={by}' if by else ''}")["groups"]
    assert sum(group["funnel"]["calls"] for group in groups) == len(calls)
    for group in groups:
        wanted = group["by"].get(by)
        mine = [call for call in calls if not by or (call[by] or "") == wanted]
        said = [row for row in responses if not by or (row[by] or "") == wanted]
        assert by_hand(mine) == {name: value for name, value in group["funnel"].items() if value}, wanted
        for question, share in group["questions"].items():
            given = Counter(row["answers"][question] for row in said if row["disposition"] != "not_eligible")
            if not share.get("suppressed"):
                assert (share["yes"], share["n"]) == (given["yes"], given["yes"] + given["no"])


def by_hand(calls: list[Json]) -> Json:
    """The funnel, as a reader of the list would count it."""
    sent = [call for call in calls if call["decision"] == "invited" and not call["not_sent"]]
    started = [
        call
        for call in sent
        if any(call["answers"].values()) or call["disposition"] in ("refused", "break_off")
    ]
    finished = [call for call in sent if call["disposition"] != "open"]
    funnel = {
        "calls": len(calls),
        "not_invited": dict(Counter(call["reason"] for call in calls if call["reason"])),
        "not_sent": dict(Counter(call["not_sent"] for call in calls if call["not_sent"])),
        "invited": len(sent),
        **Counter(call["disposition"] for call in sent),
        "started": sum(call in finished for call in started),
        "delivered": sum(call["delivered"] or call in started for call in finished),
    }
    return {name: value for name, value in funnel.items() if value}


def test_no_number_and_no_failure_of_ours_is_in_what_the_service_said(stage: Stage) -> None:
    said = stage.said()
    for digits in ("4477009", "46313900", "46846504", "14135550111"):
        assert digits not in said
    assert "Traceback" not in said
