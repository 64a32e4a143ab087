"""The machine, on the phone: who is there, keys, silence, hanging up. The numbers are those of the survey rules."""

import pytest

from chalicelib.effects import Ask, CancelCallback, Dial, KeepRemark, OpenCallback, OptOut, Send, Tell
from chalicelib.events import Outcome
from chalicelib.survey import Disposition, Stage
from tests.fakes import NOON, Phone, planned


def rung() -> Phone:
    """A fixed line that was rung and picked up; nobody has said who it is."""
    phone = Phone(planned("voice"))
    phone.looks()
    phone.picks_up()
    return phone


def handed_over() -> Phone:
    """The caller stayed on the line after the agent."""
    phone = Phone(planned("voice"))
    phone.rings_us()
    return phone


# --- rule 8: who is there -----------------------------------------------------------------------------------


def test_on_a_call_we_place_the_first_thing_is_whether_this_is_who_called() -> None:
    phone = rung()
    assert phone.said == (Ask("who"),)
    assert phone.presses("1") == (Ask("service", "assurance"),)


def test_somebody_else_is_asked_nothing_and_may_still_refuse_for_good() -> None:
    phone = rung()
    assert phone.presses("2") == (Ask("end", "not_the_caller"),)
    assert phone.survey.disposition is Disposition.OTHER
    assert phone.presses("0") == (OptOut(), Tell("opted_out"))
    assert phone.survey.disposition is Disposition.OTHER  # they were not the caller, and now are left alone
    assert phone.waits(days=4) == []


def test_a_text_back_to_a_call_of_ours_is_kept_and_asked_the_first_question() -> None:
    phone = Phone(planned("voice"))
    phone.looks()
    assert phone.writes("vem ringer?") == (KeepRemark(1), Ask("service"))
    assert phone.writes("1") == (Ask("time"),)


def test_somebody_else_on_a_call_the_caller_asked_for_leaves_the_survey_to_its_texts() -> None:
    phone = Phone.invited()
    phone.writes("1")
    phone.writes("ring")
    phone.looks()
    phone.picks_up()
    assert phone.presses("2") == (Ask("end", "not_the_caller"),)
    assert phone.writes("2") == (Ask("resolved"),)
    assert phone.answers == ["yes", "no", "-"]


def test_silence_at_the_door_is_asked_twice_more_and_then_left() -> None:
    phone = rung()
    assert phone.presses("") == (Ask("who", "no_input", 2),)
    assert phone.presses("5") == (Ask("who", "wrong_key", 3),)
    assert phone.presses("") == (Tell("thanks"),)


def test_whoever_rings_the_number_or_was_handed_over_is_not_asked_who_they_are() -> None:
    assert handed_over().said == (Ask("service", "welcome"),)


def test_the_number_answers_when_rung_and_goes_on_where_the_texts_were() -> None:
    phone = Phone.invited()
    phone.writes("1")
    assert phone.rings_us() == (Ask("time", "welcome"),)
    assert phone.presses("2") == (Ask("resolved"),)
    phone.hangs_up()
    assert phone.writes("1") == (Tell("thanks"),)
    assert phone.answers == ["yes", "no", "yes"]
    assert phone.survey.channel == "sms"  # as its first question was answered


def test_ringing_the_number_and_hanging_up_leaves_a_survey_by_text() -> None:
    phone = Phone.invited()
    phone.rings_us()
    phone.hangs_up()
    assert phone.survey.stage is Stage.ASKING
    assert phone.survey.channel == "sms"


def test_nothing_is_asked_on_a_line_when_nothing_is_open() -> None:
    phone = Phone.invited()
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    assert phone.rings_us() == (Tell("nothing_open"),)
    phone.waits(days=3)
    assert phone.rings_us() == (Tell("nothing_open"),)


def test_who_is_there_no_longer_matters_once_the_texts_are_answered() -> None:
    phone = Phone.invited()
    phone.writes("ring")
    phone.looks()
    phone.picks_up()
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    assert phone.presses("1", "who-1") == (Tell("thanks"),)
    assert phone.survey.stage is Stage.DONE


# --- rule 8: keys -------------------------------------------------------------------------------------------


def test_keys_answer_one_by_one_as_texts_do() -> None:
    phone = Phone.invited("voice")
    assert phone.presses("1") == (Ask("time"),)
    assert phone.presses("3") == (Ask("resolved"),)
    assert phone.presses("2") == (Ask("consent"),)
    assert phone.presses("1") == (OpenCallback(), Tell("promise"))
    assert phone.answers == ["yes", "skipped", "no"]
    assert phone.survey.disposition is Disposition.PARTIAL
    assert phone.survey.channel == "voice"


def test_nine_says_it_again_but_not_for_ever() -> None:
    phone = Phone.invited("voice")
    turns = 1
    while phone.presses("9")[0] == Ask("service", "", turns + 1):
        turns += 1
    assert turns == 6
    assert phone.said == (Ask("time", "moved_on"),)


def test_the_first_silence_is_free_and_two_more_are_asked_again() -> None:
    phone = Phone.invited("voice")
    for turn in (2, 3, 4):
        assert phone.presses("") == (Ask("service", "no_input", turn),)
    assert phone.presses("") == (Tell("thanks"),)  # nobody is there
    assert phone.survey.answers == {"service": "unanswered"}


def test_a_wrong_key_is_asked_again_twice_and_then_it_goes_on() -> None:
    phone = Phone.invited("voice")
    assert phone.presses("7") == (Ask("service", "wrong_key", 2),)
    assert phone.presses("8") == (Ask("service", "wrong_key", 3),)
    assert phone.presses("7") == (Ask("time", "moved_on"),)


def test_silence_to_the_last_question_fixes_what_was_said_before() -> None:
    phone = Phone.invited("voice")
    phone.presses("1")
    phone.presses("1")
    for _ in range(4):
        phone.presses("")
    assert phone.said == (Tell("thanks_partial"),)
    assert phone.survey.disposition is Disposition.PARTIAL
    assert Send not in map(type, phone.waits(days=5))


def test_silence_on_a_call_a_texting_caller_asked_for_asks_no_finished_question_again() -> None:
    phone = Phone.invited()
    phone.writes("1")
    phone.writes("1")
    phone.rings_us()
    for _ in range(4):
        phone.presses("")
    assert phone.survey.stage is Stage.DONE
    assert phone.answers == ["yes", "yes", "unanswered"]


def test_a_key_for_a_question_no_longer_open_answers_nothing() -> None:
    phone = Phone.invited("voice")
    phone.presses("1")
    assert phone.presses("2", "service-1") == (Ask("time"),)
    assert phone.answers == ["yes", "-", "-"]


def test_zero_ends_the_call_whatever_was_asked_last() -> None:
    phone = Phone.invited("voice")
    phone.presses("1")
    assert phone.presses("0", "service-1") == (Ask("end"),)
    assert phone.survey.stage is Stage.DONE


# --- rule 10: another language ------------------------------------------------------------------------------


def test_who_is_there_is_put_again_in_the_language_chosen() -> None:
    phone = Phone(planned("voice", offers=("en",)))
    phone.looks()
    phone.picks_up()
    assert "press 5" in phone.heard[-1]
    assert phone.presses("5") == (Ask("who", "", 2),)
    assert "Did you call us" in phone.heard[-1]
    assert phone.presses("1") == (Ask("service", "assurance"),)
    assert phone.survey.language == "en"


def test_a_language_may_also_be_chosen_at_the_first_question() -> None:
    phone = Phone(planned("voice", offers=("en",)))
    assert phone.rings_us() == (Ask("service", "welcome"),)
    assert phone.presses("5") == (Ask("service", "", 2),)
    assert "Did you receive" in phone.heard[-1]


# --- rules 5 and 8: zero ------------------------------------------------------------------------------------


def test_one_zero_refuses_this_survey_and_no_more() -> None:
    phone = Phone.invited("voice")
    assert phone.presses("0") == (Ask("end"),)
    assert phone.presses("") == (Tell("thanks"),)
    assert phone.survey.disposition is Disposition.REFUSED
    assert OptOut() not in phone.everything


def test_two_zeros_opt_out() -> None:
    phone = Phone.invited("voice")
    phone.presses("0")
    assert phone.presses("0") == (OptOut(), Tell("opted_out"))
    assert phone.survey.disposition is Disposition.OPTED_OUT
    assert phone.survey.stage is Stage.CLOSED


def test_zero_at_the_door_refuses_too() -> None:
    phone = rung()
    assert phone.presses("0") == (Ask("end"),)
    assert phone.survey.disposition is Disposition.REFUSED


def test_zero_after_an_answer_keeps_it() -> None:
    phone = Phone.invited("voice")
    phone.presses("1")
    phone.presses("0")
    assert phone.survey.disposition is Disposition.BREAK_OFF
    assert phone.answers == ["yes", "-", "-"]


# --- rule 8: consent by voice -------------------------------------------------------------------------------


def consent_asked() -> Phone:
    phone = Phone.invited("voice")
    for digit in ("1", "1", "2"):
        phone.presses(digit)
    assert phone.said == (Ask("consent"),)
    return phone


@pytest.mark.parametrize("keys", ["2", "3", "0", "77"])
def test_any_key_but_1_is_no_consent(keys: str) -> None:
    phone = consent_asked()
    for digit in keys:
        phone.presses(digit)
    assert phone.said == (Tell("no_callback"),)
    assert CancelCallback() not in phone.everything


def test_hanging_up_at_the_consent_question_keeps_the_answers_and_owes_nothing() -> None:
    phone = consent_asked()
    phone.hangs_up()
    assert phone.survey.disposition is Disposition.COMPLETE
    assert phone.waits(days=5) == []
    assert OpenCallback() not in phone.everything


# --- rule 8: hanging up, machines, calls nobody takes -------------------------------------------------------


@pytest.mark.parametrize(
    "keys, disposition",
    [
        ("", Disposition.BREAK_OFF),  # said it was them, and no more
        ("1", Disposition.BREAK_OFF),
        ("12", Disposition.PARTIAL),
    ],
)
def test_hanging_up_keeps_what_was_said(keys: str, disposition: Disposition) -> None:
    phone = Phone.invited("voice")
    for digit in keys:
        phone.presses(digit)
    phone.hangs_up()
    assert phone.survey.disposition is disposition
    assert phone.survey.answered == len(keys)


def test_hanging_up_at_the_offer_is_a_refusal() -> None:
    phone = handed_over()
    phone.hangs_up()
    assert phone.survey.disposition is Disposition.REFUSED


def test_picking_up_and_saying_nothing_is_no_contact() -> None:
    phone = rung()
    phone.hangs_up()
    assert phone.survey.disposition is Disposition.NON_CONTACT


def test_a_machine_is_never_talked_to_and_not_rung_again() -> None:
    phone = Phone(planned("voice"))
    phone.looks()
    phone.report(Outcome.MACHINE)
    assert phone.survey.disposition is Disposition.NON_CONTACT
    assert phone.waits(days=4) == []
    assert not phone.heard


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.BUSY])
def test_a_call_nobody_takes_is_placed_twice_more(outcome: Outcome) -> None:
    phone = Phone(planned("voice"))
    phone.looks()
    for n in (2, 3):
        assert phone.report(outcome) == ()
        assert phone.waits(minutes=44) == []
        assert phone.waits(minutes=1) == [Dial(n)]
    phone.report(outcome)
    assert phone.survey.disposition is Disposition.NON_CONTACT
    assert phone.waits(days=4) == []


def test_a_caller_who_rings_back_between_two_tries_is_asked_and_not_rung_again() -> None:
    phone = Phone(planned("voice"))
    phone.looks()
    phone.report(Outcome.NO_ANSWER)
    phone.now = NOON.replace(minute=20)
    assert phone.rings_us() == (Ask("service", "welcome"),)
    assert phone.presses("1") == (Ask("time"),)
    phone.hangs_up()
    assert Dial not in map(type, phone.waits(days=4))
    assert phone.answers == ["yes", "-", "-"]


def test_news_that_nobody_answered_does_not_end_a_line_on_which_somebody_did() -> None:
    phone = Phone.invited("voice")
    for outcome in (Outcome.NO_ANSWER, Outcome.MACHINE, Outcome.ONCE_MORE, Outcome.NEVER):
        phone.report(outcome)
        assert phone.survey.stage is Stage.ASKING
    assert phone.presses("1") == (Ask("time"),)
