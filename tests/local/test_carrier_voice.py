"""Phone calls on the simulated carrier: ringing, listening, pressing keys, hanging up."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Gather, VoiceResponse

from infra.local.carrier.script import join
from infra.local.carrier.twiml import Rejected, parse
from tests.local.carrier_stage import AMINA, LANDLINE, NUMBER, Reply, Stage, stage, twiml

VOICE = "/webhooks/twilio/voice"
ENDED = "/webhooks/twilio/call-status"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "twilio"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def ask(question: str, action: str, **more: Any) -> Reply:
    """One question, made with Twilio's own library."""
    answer = VoiceResponse()
    gather = Gather(num_digits=1, action=action, timeout=8, action_on_empty_result=True, **more)
    gather.say(question, language="sv-SE")
    answer.append(gather)
    return 200, "text/xml; charset=utf-8", str(answer)


def bye(words: str = "Hej då!") -> Reply:
    return twiml(f'<Say language="sv-SE">{words}</Say><Hangup/>')


def place(on: Stage, to: str = AMINA, **more: Any) -> Any:
    url, status = f"{on.public_url}/voice/7", f"{on.public_url}/status/7"
    placed = on.client().calls.create(to=to, from_=NUMBER, url=url, status_callback=status, **more)
    on.settled()
    return placed


def phone(on: Stage, action: str, number: str = AMINA, **body: Any) -> Any:
    return on.post(f"/numbers/{number}/{action}", body)["call"]


def final_report(on: Stage, path: str = "/status/7") -> dict[str, str]:
    on.settled()
    return on.service.got(path)[-1].form


def test_a_call_is_answered_questions_are_asked_and_keys_reach_the_service(on: Stage) -> None:
    on.service.says("/voice/7", ask("Fick du bra service?", "/voice/7/service#rc=3&rp=5xx,ct,rt"))
    on.service.says("/voice/7/service", bye())
    place(on)
    assert on.get(f"/numbers/{AMINA}")["call"]["status"] == "ringing"
    call = phone(on, "answer")
    assert call["lines"][0] == {
        "kind": "say",
        "text": "Fick du bra service?",
        "language": "sv-SE",
        "voice": "",
    }
    assert (call["awaiting"]["digits"], call["awaiting"]["seconds"]) == (1, 8.0)
    call = phone(on, "press", digits="1")
    assert call["status"] == "completed"
    assert on.said() == ["Fick du bra service?", "1", "Hej då!"]
    form = on.service.got("/voice/7/service")[0].form
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == ("1", "", "Gather End")
    report = final_report(on)
    assert report["CallStatus"] == "completed"
    assert int(report["CallDuration"]) >= 1
    assert report["Duration"] == "1"


def fields(name: str) -> set[str]:
    return {field for field, _ in json.loads((FIXTURES / f"{name}.json").read_text())["params"]}


def test_voice_forms_have_the_fields_twilio_sends(on: Stage) -> None:
    on.service.says(VOICE, ask("?", "/next"))
    phone(on, "ring")
    phone(on, "press", digits="2")
    assert set(on.service.got(VOICE)[0].form) == fields("voice_inbound_ringing") - {"CallToken"}
    assert set(on.service.got("/next")[0].form) == fields("gather_action_digits")
    on.post("/numbers", {"number": AMINA, "behaviour": "busy"})
    place(on)
    assert set(final_report(on)) == fields("voice_status_busy_486")


@pytest.mark.parametrize(
    "behaviour, status, sip", [("busy", "busy", "486"), ("no_answer", "no-answer", "487")]
)
def test_a_call_nobody_takes_is_reported_without_asking_for_instructions(
    on: Stage, behaviour: str, status: str, sip: str
) -> None:
    on.post("/numbers", {"number": AMINA, "behaviour": behaviour})
    place(on)
    report = final_report(on)
    assert (report["CallStatus"], report["CallDuration"], report["SipResponseCode"]) == (status, "0", sip)
    assert on.service.got("/voice/7") == []


def test_it_stops_ringing_after_the_time_asked_for(on: Stage) -> None:
    place(on, timeout=1)
    assert on.get(f"/numbers/{AMINA}")["call"]["status"] == "ringing"
    time.sleep(1.2)
    assert final_report(on)["CallStatus"] == "no-answer"


@pytest.mark.parametrize(
    "mode, heard", [("Enable", "machine_start"), ("DetectMessageEnd", "machine_end_beep"), (None, None)]
)
def test_a_machine_answers_and_says_nothing(on: Stage, mode: str | None, heard: str | None) -> None:
    on.post("/numbers", {"number": AMINA, "behaviour": "machine"})
    on.service.says("/voice/7", ask("Är det du som ringde?", "/voice/7/who"))
    on.service.says("/voice/7/who", bye())
    place(on, **({"machine_detection": mode} if mode else {}))
    assert on.service.got("/voice/7")[0].form.get("AnsweredBy") == heard
    assert on.service.got("/voice/7/who")[0].form["Digits"] == ""
    assert final_report(on)["CallStatus"] == "completed"


def test_all_events_asked_for_are_reported_with_their_numbers(on: Stage) -> None:
    on.service.says("/voice/7", bye())
    place(on, status_callback_event=["initiated", "ringing", "answered", "completed"])
    phone(on, "answer")
    on.settled()
    told = {each.form["CallStatus"]: each.form["SequenceNumber"] for each in on.service.got("/status/7")}
    assert told == {"initiated": "0", "ringing": "1", "in-progress": "2", "completed": "3"}


def test_silence_without_action_on_empty_result_falls_through_unasked(on: Stage) -> None:
    falling = '<Gather numDigits="1" action="/never"><Say>One?</Say></Gather><Redirect>/again</Redirect>'
    on.service.says(VOICE, twiml(falling))
    on.service.says("/again", twiml("<Say>Goodbye</Say>"))
    phone(on, "ring")
    call = phone(on, "silence")
    assert on.service.got("/never") == []
    assert len(on.service.got("/again")) == 1
    assert (call["status"], on.said()) == ("completed", ["One?", "Goodbye"])


def test_a_silence_about_an_earlier_question_ends_no_later_one(on: Stage) -> None:
    on.service.says(VOICE, ask("A?", "/b"))
    on.service.says("/b", ask("B?", "/c"))
    first = phone(on, "ring")["awaiting"]["turn"]
    phone(on, "press", digits="1")
    assert phone(on, "silence", turn=first)["awaiting"] is not None
    assert on.service.got("/c") == []


def test_a_number_of_any_length_ends_with_the_hash_key(on: Stage) -> None:
    on.service.says(VOICE, twiml('<Gather action="/number"><Say>Number?</Say></Gather>'))
    phone(on, "ring")
    phone(on, "press", digits="0701#")
    form = on.service.got("/number")[0].form
    assert (form["Digits"], form["FinishedOnKey"]) == ("0701", "#")


def test_two_keys_go_to_two_questions(on: Stage) -> None:
    on.service.says(VOICE, ask("Stop?", "/b"))
    on.service.says("/b", ask("For good?", "/c"))
    on.service.says("/c", bye())
    phone(on, "ring")
    phone(on, "press", digits="00")
    assert [len(on.service.got(path)) for path in ("/b", "/c")] == [1, 1]


def test_a_gather_without_action_comes_back_to_where_it_was_given(on: Stage) -> None:
    on.service.says(VOICE, twiml('<Gather numDigits="1"><Say>?</Say></Gather>'), bye())
    phone(on, "ring")
    phone(on, "press", digits="1")
    assert [each.form.get("Digits") for each in on.service.got(VOICE)] == [None, "1"]


@pytest.mark.parametrize(
    "answer",
    [
        (500, "text/plain", "Traceback"),
        (403, "text/plain", "no"),
        (200, "text/xml", "<Response><Say>a & b</Say></Response>"),
        (200, "text/html; charset=utf-8", "<!doctype html><p>login"),
        (200, "application/json", "{}"),
    ],
)
def test_an_error_is_read_aloud_and_the_line_closed(on: Stage, answer: Any) -> None:
    on.service.says(VOICE, answer)
    call = phone(on, "ring")
    assert call["status"] == "completed"
    assert "application error" in on.said()[-1]
    assert on.get("/errors")["errors"]


def test_an_endless_redirect_is_cut_off(on: Stage) -> None:
    on.service.says(VOICE, twiml(f"<Redirect>{VOICE}</Redirect>"))
    assert phone(on, "ring")["status"] == "completed"
    assert len(on.service.got(VOICE)) < 20


def test_hanging_up_in_the_middle_is_reported_as_completed(on: Stage) -> None:
    on.service.says(VOICE, ask("?", "/next"))
    phone(on, "ring")
    assert phone(on, "hangup")["status"] == "completed"
    report = final_report(on, ENDED)
    assert (report["CallStatus"], report["Direction"], report["From"]) == ("completed", "inbound", AMINA)


def test_a_declined_call_is_busy(on: Stage) -> None:
    place(on)
    phone(on, "hangup")
    assert final_report(on)["CallStatus"] == "busy"


def test_a_second_call_meets_a_busy_line(on: Stage) -> None:
    on.service.says(VOICE, ask("?", "/next"))
    phone(on, "ring")
    place(on)
    assert final_report(on)["CallStatus"] == "busy"
    assert on.get(f"/numbers/{AMINA}")["call"]["status"] == "in-progress"


def test_a_call_canceled_while_queued_is_reported_to_nobody(on: Stage) -> None:
    on.fail(on="call", do="delay", seconds=0.3)
    client = on.client()
    url, status = f"{on.public_url}/voice/7", f"{on.public_url}/status/7"
    placed = client.calls.create(to=AMINA, from_=NUMBER, url=url, status_callback=status)
    client.calls(placed.sid).update(status="canceled")
    on.settled()
    assert client.calls(placed.sid).fetch().status == "canceled"
    assert on.service.requests == []


def test_a_call_can_be_ended_and_redirected_from_the_service(on: Stage) -> None:
    on.service.says(VOICE, ask("?", "/next"))
    on.service.says("/other", ask("Another?", "/next"))
    sid = phone(on, "ring")["sid"]
    on.client().calls(sid).update(url=f"{on.public_url}/other")
    assert on.said() == ["?", "Another?"]
    assert on.client().calls(sid).update(status="completed").status == "completed"


def test_a_caller_who_stays_on_the_line_is_handed_over_and_reported_later(on: Stage) -> None:
    on.service.says(VOICE, ask("Tack för samtalet. Fick du bra service?", "/next"))
    on.service.says("/next", bye())
    call = on.post("/calls", {"number": LANDLINE, "handover": True, "talk_seconds": 300})["call"]
    form = on.service.got(VOICE)[0].form
    assert (form["DialCallStatus"], form["DialCallDuration"], form["From"]) == ("completed", "300", LANDLINE)
    assert on.service.got(ENDED) == []
    phone(on, "press", LANDLINE, digits="1")
    report = final_report(on, ENDED)
    assert report["CallSid"] == call["sid"]
    assert int(report["CallDuration"]) >= 301


def test_a_call_put_through_comes_back_when_the_other_side_hangs_up(on: Stage) -> None:
    on.service.says(VOICE, twiml('<Say>One moment</Say><Dial action="/after">+46846500400</Dial>'))
    on.service.says("/after", bye())
    assert phone(on, "ring")["status"] == "completed"
    form = on.service.got("/after")[0].form
    assert (form["DialCallStatus"], form["DialCallDuration"]) == ("completed", "60")
    assert on.said() == ["One moment", "(connected with +46846500400)", "Hej då!"]


def test_a_call_the_network_cannot_put_through_is_reported_as_failed(on: Stage) -> None:
    on.fail(on="call", do="failed:30003")
    place(on)
    assert final_report(on)["CallStatus"] == "failed"


SOUND = (200, "audio/wav", "RIFF")


def test_pauses_and_recordings_are_part_of_what_is_heard(on: Stage) -> None:
    on.service.says("/audio/sv/hello.wav", SOUND)
    on.service.says(
        VOICE, twiml('<Play>/audio/sv/hello.wav</Play><Pause length="2"/><Say loop="2">Hej</Say>')
    )
    lines = phone(on, "ring")["lines"]
    assert [line["kind"] for line in lines] == ["play", "note", "say", "say"]
    assert lines[0]["text"] == f"{on.public_url}/audio/sv/hello.wav"


@pytest.mark.parametrize(
    "answer, alone, in_gather",
    [
        ((404, "application/problem+json", "{}"), 11200, 11200),
        ((500, "audio/wav", "RIFF"), 11200, 11200),
        ((200, "text/html", "<p>login"), 13420, 13325),
        ((200, "application/octet-stream", "RIFF"), 13420, 13325),
        ((200, "audio/wav", ""), 13420, 13325),
    ],
)
def test_a_recording_that_cannot_be_played_is_noted_and_the_call_goes_on(
    on: Stage, answer: Reply, alone: int, in_gather: int
) -> None:
    on.service.says("/hello.wav", answer)
    play = "<Play>/hello.wav</Play>"
    on.service.says(VOICE, twiml(f'{play}<Gather action="/b">{play}<Say>Ja?</Say></Gather>'))
    call = phone(on, "ring")
    assert [line["kind"] for line in call["lines"]] == ["note", "note", "say"]
    assert call["awaiting"]
    assert [error["code"] for error in on.get("/errors")["errors"]] == [alone, in_gather]


@pytest.mark.parametrize(
    "url", ["", "ftp://h/a.wav", "http://127.0.0.1:9/a.wav", "http:///a.wav", "http://h:x/a"]
)
def test_an_address_nobody_answers_at_is_noted(on: Stage, url: str) -> None:
    on.service.says(VOICE, twiml(f"<Play>{url}</Play>"))
    assert phone(on, "ring")["status"] == "completed"
    assert on.get("/errors")["errors"]


def listen(action: str, **more: Any) -> Reply:
    """A question that takes words, made with Twilio's own library."""
    heard = {"input": "dtmf speech", "language": "sv-SE", "hints": "ja, nej", "speech_timeout": "auto"}
    return ask("Fick du bra service?", action, **{**heard, **more})


def test_words_reach_the_service_as_the_carrier_wrote_them_down(on: Stage) -> None:
    on.service.says(VOICE, listen("/next"))
    on.service.says("/next", bye())
    assert phone(on, "ring")["awaiting"]["speech"] == "sv-SE"
    call = phone(on, "say", words=" Ja, tack. ")
    assert [line["kind"] for line in call["lines"]] == ["say", "spoken", "say"]
    form = on.service.got("/next")[0].form
    assert (form["SpeechResult"], form["Language"]) == ("Ja, tack.", "sv-SE")
    assert 0 < float(form["Confidence"]) <= 1
    assert "Digits" not in form


def test_where_words_are_taken_keys_and_silence_are_too(on: Stage) -> None:
    on.service.says(VOICE, listen("/b"))
    on.service.says("/b", listen("/c"))
    phone(on, "ring")
    phone(on, "press", digits="2")
    phone(on, "silence")
    assert on.service.got("/b")[0].form["Digits"] == "2"
    assert on.service.got("/c")[0].form["Digits"] == ""
    assert "SpeechResult" not in on.service.got("/c")[0].form


def test_words_fall_on_deaf_ears_where_only_keys_are_taken_and_keys_where_only_words_are(on: Stage) -> None:
    on.service.says(VOICE, ask("?", "/next"))
    phone(on, "ring")
    assert phone(on, "say", words="ja")["awaiting"]["speech"] == ""
    assert on.service.got("/next") == []
    phone(on, "hangup")
    on.service.says(VOICE, listen("/next", input="speech"))
    phone(on, "ring")
    assert phone(on, "press", digits="1")["awaiting"]
    assert on.service.got("/next") == []


def test_nothing_said_is_nothing_to_be_taken(on: Stage) -> None:
    on.service.says(VOICE, listen("/next"))
    phone(on, "ring")
    assert on.ask("POST", f"/phones/api/numbers/{AMINA}/say", {"words": " "})[0] == 422


@pytest.mark.parametrize(
    "attributes, code",
    [
        ('input="dtmf speech" language="sv-SE" speechTimeout="auto" hints="ja, nej"', 0),
        ('input="speech" language="cmn-Hans-CN" speechTimeout="3"', 0),
        ('input="speech dtmf"', 0),
        ('input="telepathy"', 12200),
        ('input="dtmf speech" language="sv"', 13512),
        ('input="dtmf speech" language=""', 13512),
        ('input="speech" speechTimeout="0"', 13327),
        ('input="speech" speechTimeout="soon"', 13327),
        ('input="speech" speechTimeout="auto" speechModel="phone_call"', 13327),
        (f'input="speech" hints="{"ja" * 51}"', 12200),
        (f'input="speech" hints="{",".join(["ja"] * 501)}"', 12200),
    ],
)
def test_what_twilio_would_not_listen_for_is_rejected(attributes: str, code: int) -> None:
    assert outcome(f"<Response><Gather {attributes}/></Response>") == code


def test_no_fault_of_a_call_order_rings_twice(on: Stage) -> None:
    on.fail(on="call", do="500_after")
    with pytest.raises(Exception, match="500"):
        place(on)
    on.settled()
    assert [call["status"] for call in on.get("/log")["calls"]] == ["ringing"]


@pytest.mark.parametrize(
    "base, url, expected",
    [
        ("http://h:1/voice/7#rc=3", "/voice/7/time", "http://h:1/voice/7/time"),
        ("http://h:1/voice/7#rc=3", "time#rc=1", "http://h:1/voice/time#rc=1"),
        ("http://h:1/voice/7", "https://other/x", "https://other/x"),
    ],
)
def test_addresses_are_read_relative_to_the_document(base: str, url: str, expected: str) -> None:
    assert join(base, url) == expected


def outcome(document: str) -> int:
    """Twilio's error code; 0 when the instructions can be followed."""
    try:
        parse(document)
    except Rejected as rejected:
        return rejected.code
    return 0


TAGS = st.sampled_from(
    ["Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Reject", "Dial", "Message", "Sms"]
)
VALUES = st.one_of(st.text(), st.integers().map(str), st.floats().map(str))


@given(
    TAGS, st.sampled_from(["loop", "length", "numDigits", "timeout", "action", "input"]), VALUES, st.text()
)
def test_any_instruction_can_be_followed_or_is_rejected_with_a_code(
    tag: str, name: str, value: str, text: str
) -> None:
    document = f"<Response><{tag} {name}={quoteattr(value)}>{escape(text)}</{tag}></Response>"
    assert outcome(document) in (0, 12100, 12200)


@given(st.text())
def test_what_is_no_document_is_rejected(document: str) -> None:
    assert outcome(document) == 12100
