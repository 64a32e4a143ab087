"""What is said on a line of either kind, and what is taken for an answer there, seen through its TwiML."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import aloud, prompts
from chalicelib.errors import BadRequest
from chalicelib.phone import Turn
from chalicelib.reading import speech
from chalicelib.script import QUESTIONS, Meaning, Value
from chalicelib.survey import Stage, Survey
from infra.local.carrier import twiml
from tests.engine_fixture import Engine
from tests.fakes import Phone, planned
from tests.in_process import Bench, on
from tests.recorded import folder_of_its_own, record

CALLER, LANDLINE, LINE = "+46701740612", "+46313900612", "CA" + "1" * 32
BY_EAR = [code for code in prompts.languages() if prompts.load(code).speech]
SV = prompts.load("sv")


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    bench = on(engine.dynamodb, engine.table)
    bench.service.api.change_settings({"languages": ["sv", "en", "so", "fa", "th"]}, "ops")
    return bench


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with folder_of_its_own(tmp_path / "prompts") as made:
        yield made


def survey(bench: Bench, survey_id: str) -> Survey:
    kept = bench.store.survey(survey_id, strong=True)
    assert kept
    return kept


def picked_up(bench: Bench, language: str = "sv", **call: Any) -> tuple[str, str]:
    """A landline that was rung: the survey, and what it hears first."""
    survey_id = bench.invited(LANDLINE, language=language, **call)
    return survey_id, bench.service.phone.call_answered(survey_id, {"CallSid": LINE, "AnsweredBy": "human"})


def heard(answer: str) -> list[tuple[str, str]]:
    """What is said or played, in order."""
    assert twiml.parse(answer)  # as strict as the carrier's double
    found = ElementTree.fromstring(answer).iter()
    return [(each.tag.lower(), each.text or "") for each in found if each.tag in ("Say", "Play")]


def gather(answer: str) -> dict[str, str]:
    found = ElementTree.fromstring(answer).find("Gather")
    assert found is not None
    return dict(found.attrib)


def after(bench: Bench, survey_id: str, question: str, **form: str) -> str:
    return bench.service.phone.key_pressed(survey_id, question, {"CallSid": LINE, **form})


# --- listening --------------------------------------------------------------------------------------------


def test_words_are_listened_for_in_the_language_that_is_spoken(bench: Bench) -> None:
    survey_id, _ = picked_up(bench, "en")
    listening = gather(after(bench, survey_id, "who-1", Digits="1"))
    assert listening["input"] == "dtmf speech"
    assert (listening["language"], listening["speechTimeout"]) == ("en-GB", "auto")
    assert listening["hints"] == "yes, no, not sure"
    assert (listening["numDigits"], listening["actionOnEmptyResult"]) == ("1", "true")


def test_who_is_there_is_asked_for_by_key_alone(bench: Bench) -> None:
    _, who = picked_up(bench)
    assert gather(who)["input"] == "dtmf"
    assert "language" not in gather(who)


def test_a_key_outdoes_what_was_heard_beside_it(bench: Bench) -> None:
    survey_id, _ = picked_up(bench)
    after(bench, survey_id, "who-1", Digits="1")
    after(bench, survey_id, "service-1", Digits="2", SpeechResult="Ja.", Confidence="0.99")
    assert survey(bench, survey_id).answers == {"service": "no"}


def test_words_nobody_could_make_out_are_silence(bench: Bench) -> None:
    survey_id, _ = picked_up(bench)
    after(bench, survey_id, "who-1", Digits="1")
    again = after(bench, survey_id, "service-1", Digits="", SpeechResult="")
    assert heard(again)[0] == ("say", SV.spoken["no_input"])
    assert survey(bench, survey_id).charged == 0  # the first silence is free


def test_how_sure_the_carrier_is_changes_nothing(bench: Bench) -> None:
    survey_id, _ = picked_up(bench)
    after(bench, survey_id, "who-1", Digits="1")
    after(bench, survey_id, "service-1", SpeechResult="Nej.", Confidence="0.01")
    assert survey(bench, survey_id).answers == {"service": "no"}


def test_the_same_words_told_twice_count_once(bench: Bench) -> None:
    survey_id, _ = picked_up(bench)
    after(bench, survey_id, "who-1", Digits="1")
    first = after(bench, survey_id, "service-1", SpeechResult="Ja.")
    assert after(bench, survey_id, "service-1", SpeechResult="Ja.") == first
    assert survey(bench, survey_id).answers == {"service": "yes"}


@pytest.mark.parametrize(
    "words", ["Hjälp.", "Ändra.", "Start.", "Ring mig.", "1 1 2", "Ja och nej.", "?!", "🙂"]
)
def test_what_no_line_can_answer_is_asked_again_and_not_hung_up_on(bench: Bench, words: str) -> None:
    survey_id, _ = picked_up(bench)
    after(bench, survey_id, "who-1", Digits="1")
    again = after(bench, survey_id, "service-1", SpeechResult=words)
    assert ("say", SV.spoken["question_service"]) in heard(again)
    assert ("say", SV.spoken["wrong_key"]) not in heard(again)
    assert survey(bench, survey_id).answers == {}


def test_a_wrong_key_is_still_called_one(bench: Bench) -> None:
    survey_id, _ = picked_up(bench)
    after(bench, survey_id, "who-1", Digits="1")
    assert heard(after(bench, survey_id, "service-1", Digits="7"))[0] == ("say", SV.spoken["wrong_key"])


def test_a_word_to_who_is_there_makes_nobody_the_caller(bench: Bench) -> None:
    survey_id, _ = picked_up(bench)
    again = after(bench, survey_id, "who-1", SpeechResult="Ja?")
    assert gather(again)["action"].partition("#")[0].endswith("/who-2")
    assert survey(bench, survey_id).asked == ()


# --- voices -----------------------------------------------------------------------------------------------


def test_a_language_nobody_can_speak_is_asked_in_that_of_the_house_from_the_start(bench: Bench) -> None:
    survey_id, who = picked_up(bench, "so")
    assert survey(bench, survey_id).language == "sv"
    assert [kind for kind, _ in heard(who)] == ["say"]


def test_with_every_sentence_recorded_it_is_heard_in_recordings(bench: Bench, folder: Path) -> None:
    record(folder, "so", bench.service.office.facts(""))
    survey_id, who = picked_up(bench, "so")
    assert survey(bench, survey_id).language == "so"
    [(kind, address)] = heard(who)
    assert kind == "play"
    assert address.startswith("https://survey.example.org/audio/so/who-")
    assert {kind for kind, _ in heard(after(bench, survey_id, "who-1", Digits="1"))} == {"play"}


def test_words_are_heard_in_a_language_known_by_recordings_and_by_ear(bench: Bench, folder: Path) -> None:
    record(folder, "fa", bench.service.office.facts(""))
    survey_id, _ = picked_up(bench, "fa")
    assert gather(after(bench, survey_id, "who-1", Digits="1"))["language"] == "fa-IR"
    after(bench, survey_id, "service-1", SpeechResult="بله")
    assert survey(bench, survey_id).answers == {"service": "yes"}


def test_a_recording_lost_half_way_turns_the_call_to_the_language_of_the_house(
    bench: Bench, folder: Path
) -> None:
    record(folder, "so", bench.service.office.facts(""))
    survey_id, _ = picked_up(bench, "so")
    record(folder, "so", bench.service.office.facts(""), left_out="thanks")
    assert heard(after(bench, survey_id, "who-1", Digits="1"))[-1] == ("say", SV.spoken["question_service"])
    after(bench, survey_id, "service-1", SpeechResult="Nej.")
    assert survey(bench, survey_id).answers == {"service": "no"}


def test_a_queues_own_number_is_said_by_whoever_can_say_it(bench: Bench, folder: Path) -> None:
    record(folder, "so", bench.service.office.facts(""))
    own = {"public_phone": {"": "0770-000 000", "visas": "0770-111 111"}}
    bench.service.api.change_settings(own, "ops")
    survey_id, _ = picked_up(bench, "so", queue="visas")
    kept = survey(bench, survey_id)
    bench.store.save_survey(kept, replace(kept, stage=Stage.DONE), bench.now)
    answer = bench.service.phone.call_answered(survey_id, {"CallSid": LINE[:-1] + "2"})
    [(kind, sentence)] = heard(answer)
    assert kind == "say"
    assert "0770-111 111" in sentence


def test_a_recorded_sentence_is_played_where_there_is_a_voice_too(bench: Bench, folder: Path) -> None:
    record(folder, "sv", bench.service.office.facts(""), left_out="question_service")
    survey_id, who = picked_up(bench)
    assert heard(who)[0][0] == "play"
    assert [kind for kind, _ in heard(after(bench, survey_id, "who-1", Digits="1"))] == ["play", "say"]


# --- lines that know keys only, as inside an Amazon Connect flow -----------------------------------------------


def said(turn: Turn) -> str:
    assert turn.said
    return " ".join(text for text, _ in turn.said.sentences)


def test_where_only_keys_are_heard_nobody_is_told_to_speak(bench: Bench) -> None:
    turn = bench.service.phone.handed_over(bench.call(CALLER, channel="voice", on_the_line=True))
    again = bench.service.phone.pressed(turn.survey_id, "service-1", LINE, "")
    assert said(again) == SV.spoken["question_service"]


def test_where_nothing_is_played_recordings_are_no_voice(bench: Bench, folder: Path) -> None:
    record(folder, "so", bench.service.office.facts(""))
    call = bench.call(CALLER, channel="voice", on_the_line=True)
    turn = bench.service.phone.handed_over(replace(call, language="so"))
    assert SV.spoken["question_service"] in said(turn)
    assert turn.said
    assert turn.said.prompts.voice_language == "sv-SE"


# --- whatever is said -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", BY_EAR)
def test_no_listed_word_however_it_is_written_down_is_heard_as_its_opposite(language: str) -> None:
    words = prompts.load(language).words
    for listed, opposite in ((words.yes, Value.NO), (words.no, Value.YES)):
        for word in listed:
            for written in (
                word,
                f"{word[:1].upper()}{word[1:].rstrip('.')}.",
                f"{word.rstrip('.')}, {word}!",
            ):
                reading = speech(written, words)
                assert opposite not in reading.answers, (word, written)
                assert reading.meaning is not Meaning.OPT_OUT, (word, written)


WORDS = [
    word
    for code in BY_EAR
    for kind in ("yes", "no", "stop")
    for word in getattr(prompts.load(code).words, kind)
]


@given(
    st.sampled_from(BY_EAR),
    st.sampled_from([*QUESTIONS, "consent", "end", "who"]),
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)),
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_is_said_the_machine_has_an_answer_and_at_most_one_is_kept(
    language: str, question: str, words: str
) -> None:
    known = prompts.load(language)
    reading = aloud.heard(speech(words, known.words), question)
    assert len(reading.answers) <= 1
    phone = Phone(planned("voice", language=language))
    phone.looks()
    phone.picks_up()
    phone.presses("1")
    if question in QUESTIONS:
        for _ in range(QUESTIONS.index(question)):
            phone.presses("1")
    elif question == "consent":
        for key in "112":
            phone.presses(key)
    elif question == "end":
        phone.presses("0")
    given = dict(phone.survey.answers)
    phone.says(words)
    new = {name: value for name, value in phone.survey.answers.items() if given.get(name) != value}
    assert given.items() <= phone.survey.answers.items()
    assert len(new) <= 1


# --- at the edges ------------------------------------------------------------------------------------------


def handed_over(bench: Bench) -> tuple[str, str]:
    """A caller who stays on the line after the agent: the survey, and what it hears first."""
    form = {"CallSid": LINE, "From": LANDLINE, "DialCallStatus": "completed", "DialCallDuration": "200"}
    answer = bench.service.phone.line_opened(form)
    return gather(answer)["action"].split("/")[-2], answer


def test_what_is_said_to_the_agent_in_parting_is_no_answer(bench: Bench) -> None:
    survey_id, first = handed_over(bench)
    assert gather(first)["input"] == "dtmf"
    assert gather(after(bench, survey_id, "service-1", Digits="1"))["input"] == "dtmf speech"


def test_one_word_ends_the_call_and_the_second_is_for_good(bench: Bench) -> None:
    survey_id, _ = handed_over(bench)
    ending = after(bench, survey_id, "service-1", SpeechResult="Avsluta.", From=LANDLINE)
    assert heard(ending)[-1] == ("say", SV.spoken["end"])
    assert not bench.service.office.caller(LANDLINE).opted_out
    after(bench, survey_id, "end-1", SpeechResult="Sluta ringa mig!", From=LANDLINE)
    assert bench.service.office.caller(LANDLINE).opted_out


@pytest.mark.parametrize("refusal", [{"SpeechResult": "Sluta ringa mig!"}, {"Digits": "0"}])
def test_whoever_refuses_after_the_survey_was_taken_away_is_still_refused_for(
    bench: Bench, refusal: dict[str, str]
) -> None:
    survey_id, _ = handed_over(bench)
    after(bench, survey_id, "service-1", Digits="0", From=LANDLINE)
    bench.service.api.erase({}, {"number": LANDLINE}, "ops")
    goodbye = after(bench, survey_id, "end-1", From=LANDLINE, **refusal)
    assert heard(goodbye) == [("say", SV.spoken["opted_out"])]
    assert bench.service.office.caller(LANDLINE).opted_out


def test_a_digit_stands_only_for_a_language_that_was_offered_aloud(bench: Bench) -> None:
    bench.service.api.change_settings({"offered_languages": {"": ["so", "en"]}}, "ops")
    survey_id, first = handed_over(bench)
    assert "5" not in "".join(words for _, words in heard(first))
    after(bench, survey_id, "service-1", Digits="5")
    assert survey(bench, survey_id).language == "sv"
    after(bench, survey_id, "service-2", Digits="6")
    assert survey(bench, survey_id).language == "en"


def test_the_language_of_the_house_is_one_that_can_be_spoken(bench: Bench) -> None:
    with pytest.raises(BadRequest, match="no synthetic voice"):
        bench.service.api.change_settings({"default_language": "so"}, "ops")


def test_an_entry_that_says_nothing_stops_nobody(bench: Bench, folder: Path) -> None:
    (folder / "so" / "audio").mkdir(exist_ok=True)
    (folder / "so" / "audio" / "recordings.toml").write_text('[who]\nspeaker = "x"\n', encoding="utf-8")
    assert bench.service.intake.call_ended(bench.call(CALLER, language="so")).survey_id
