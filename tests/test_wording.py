"""From what the machine decided to what is read or heard."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.effects import Ask, Tell
from chalicelib.prompts import load
from chalicelib.script import QUESTIONS
from chalicelib.wording import Facts, Spoken, spoken, text
from tests.fakes import FACTS, planned

SV, EN = load("sv"), load("en")
SURVEY = planned(promised=date(2026, 11, 25))


@pytest.mark.parametrize("number, question", [*enumerate(QUESTIONS, start=1)])
def test_a_question_says_which_of_three_it_is_and_how_to_answer(number: int, question: str) -> None:
    words = text(Ask(question), SURVEY, SV, FACTS)
    assert words.startswith(f"{number} av 3: {SV.sms[f'question_{question}']}")
    assert "1 = ja" in words
    assert "2 = nej" in words


def _said(turn: Spoken) -> tuple[str, ...]:
    return tuple(sentence for sentence, _ in turn.sentences)


def test_the_first_text_of_a_call_from_the_day_before_says_so() -> None:
    today = text(Ask("service", "invite"), SURVEY, SV, FACTS)
    held = text(Ask("service", "invite"), SURVEY, SV, replace(FACTS, today=date(2026, 11, 25)))
    assert "tack för samtalet" in today
    assert "i går" in held


def test_three_questions_at_once_are_lettered() -> None:
    words = text(Ask("all", "invite"), SURVEY, EN, FACTS)
    assert all(letter in words for letter in ("A)", "B)", "C)"))


@pytest.mark.parametrize("lead", ["", "unclear", "one_digit", "saved", "moved_on", "undone", "reminder"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_whatever_goes_before_it_the_question_itself_is_repeated(question: str, lead: str) -> None:
    for prompts in (SV, EN):
        words = text(Ask(question, lead), SURVEY, prompts, FACTS)
        assert prompts.sms[f"question_{question}"] in words
        assert not words.startswith("\n")


@pytest.mark.parametrize("lead", ["unclear", "saved", "one_digit"])
def test_three_questions_not_understood_are_explained_together(lead: str) -> None:
    assert text(Ask("all", lead, 2), SURVEY, SV, FACTS) == SV.sms["unclear_all"]


def test_the_promise_names_day_hours_and_number() -> None:
    words = text(Tell("promise"), SURVEY, SV, FACTS)
    assert all(part in words for part in ("onsdag 25/11", "8-16", "0770-000 000"))
    assert "Wednesday 25/11" in text(Tell("late_promise"), SURVEY, EN, FACTS)


def test_without_a_survey_what_needs_none_can_still_be_said() -> None:
    for key in ("late", "help", "opted_out", "opted_in", "missed", "expired"):
        assert text(Tell(key), None, SV, FACTS)


def test_the_other_number_is_read_back() -> None:
    assert "+46701740613" in text(Tell("other_number"), SURVEY, SV, FACTS)


def test_braces_in_a_name_are_only_braces() -> None:
    facts = Facts("Myndigheten {0} för {x}", "1", "8-16", "1", date(2026, 11, 24))
    assert "Myndigheten {0} för {x}" in text(Ask("service", "invite"), SURVEY, SV, facts)


# --- on the phone -------------------------------------------------------------------------------------------


def test_a_turn_says_what_goes_before_then_the_question_and_where_the_key_goes() -> None:
    turn = spoken(Ask("time", "moved_on", 2), SURVEY, SV, FACTS)
    assert _said(turn) == (SV.spoken["moved_on"], SV.spoken["question_time"])
    assert turn.answer_to == "time-2"


def test_each_turn_of_a_question_has_a_path_of_its_own() -> None:
    paths = [spoken(Ask("time", "no_input", turn), SURVEY, SV, FACTS).answer_to for turn in (1, 2, 3)]
    assert paths == ["time-1", "time-2", "time-3"]


@pytest.mark.parametrize("question", ["who", "consent", "end"])
def test_what_is_no_question_of_the_three_is_listened_to_as_well(question: str) -> None:
    turn = spoken(Ask(question), SURVEY, EN, FACTS)
    assert _said(turn) == (EN.spoken[question].replace("{authority}", "Exempelverket"),)
    assert turn.answer_to == f"{question}-1"


def test_somebody_else_hears_of_the_key_that_is_for_good_and_can_press_it() -> None:
    turn = spoken(Ask("end", "not_the_caller"), SURVEY, SV, FACTS)
    assert _said(turn) == (SV.spoken["not_the_caller"],)
    assert turn.answer_to == "end-1"


@pytest.mark.parametrize(
    "key",
    [
        "thanks",
        "thanks_partial",
        "promise",
        "late_promise",
        "no_callback",
        "list_full",
        "opted_out",
        "nothing_open",
        "late",
    ],
)
def test_what_needs_no_answer_ends_the_call(key: str) -> None:
    turn = spoken(Tell(key), SURVEY, SV, FACTS)
    assert turn.answer_to is None
    assert len(turn.sentences) == 1
    assert "{" not in _said(turn)[0]
