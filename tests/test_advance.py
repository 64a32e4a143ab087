"""The machine, by text: replies, corrections, remarks, consent, opt-out. The numbers are those of the survey rules."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.advance import advance
from chalicelib.effects import (
    Ask,
    CancelCallback,
    ChangeNumber,
    Dial,
    KeepRemark,
    OpenCallback,
    OptIn,
    OptOut,
    Send,
    Tell,
    Wake,
)
from chalicelib.events import Answered, Desk, Gate
from chalicelib.script import Meaning, Reading, Value
from chalicelib.survey import Disposition, Stage
from tests.fakes import DESK, HOUR, NOON, Phone, planned


def not_helped(**changes: object) -> Phone:
    """Three answers by text; what the caller rang for was not resolved."""
    phone = Phone.invited(**changes)
    for digit in ("1", "2", "2"):
        phone.writes(digit)
    return phone


def promised() -> Phone:
    phone = not_helped()
    phone.writes("1")
    return phone


# --- rule 3: the first text ---------------------------------------------------------------------------------


def test_one_by_one_shows_the_first_question_and_all_in_one_the_three() -> None:
    assert Phone.invited().survey.asked == ("service",)
    assert Phone.invited(style="all_in_one").survey.asked == ("service", "time", "resolved")


def test_the_first_text_names_the_authority_asks_and_says_how_to_answer_and_to_stop() -> None:
    for style in ("one_by_one", "all_in_one"):
        (first,) = Phone.invited(style=style).heard
        assert all(
            part in first for part in ("Exempelverket", "service", "1 = ja", "2 = nej", "ärende", "STOPP")
        )
        assert "1 1 2" not in first


# --- rule 4: understanding a reply --------------------------------------------------------------------------


def test_each_answer_leads_to_the_next_question_and_the_third_to_thanks() -> None:
    phone = Phone.invited()
    assert phone.writes("1") == (Ask("time"),)
    assert phone.writes("2") == (Ask("resolved"),)
    assert phone.writes("1") == (Tell("thanks"),)
    assert phone.survey.disposition is Disposition.COMPLETE
    assert phone.answers == ["yes", "no", "yes"]


def test_three_is_not_sure_and_counts_as_no_answer() -> None:
    phone = Phone.invited()
    assert phone.writes("3") == (Ask("time"),)
    phone.writes("1")
    assert phone.writes("1") == (Tell("thanks_partial"),)
    assert phone.answers == ["skipped", "yes", "yes"]
    assert phone.survey.disposition is Disposition.PARTIAL


def test_three_times_not_sure_is_a_refusal() -> None:
    phone = Phone.invited()
    for _ in range(3):
        phone.writes("3")
    assert phone.survey.disposition is Disposition.REFUSED


def test_several_answers_fill_the_questions_shown_in_order() -> None:
    phone = Phone.invited(style="all_in_one")
    assert phone.writes("1 2 1") == (Tell("thanks"),)
    assert phone.answers == ["yes", "no", "yes"]


def test_two_answers_to_three_questions_leave_the_third_to_be_asked_alone() -> None:
    phone = Phone.invited(style="all_in_one")
    assert phone.writes("1 2") == (Ask("resolved"),)
    assert phone.survey.asked == ("resolved",)
    assert phone.answers == ["yes", "no", "-"]


def test_one_question_shown_takes_one_answer() -> None:
    phone = Phone.invited()
    assert phone.writes("1 2") == (KeepRemark(1), Ask("service", "unclear", 2))
    assert not phone.survey.answers


def test_unclear_is_asked_again_once_kept_as_a_remark_and_then_closes_the_question() -> None:
    phone = Phone.invited()
    assert phone.writes("kanske") == (KeepRemark(1), Ask("service", "unclear", 2))
    assert phone.writes("jo kanske") == (KeepRemark(2), Ask("time", "moved_on"))
    assert phone.answers == ["unanswered", "-", "-"]
    assert phone.writes("kanske") == (
        KeepRemark(3),
        Ask("time", "unclear", 2),
    )  # each question has a re-ask of its own


def test_unclear_twice_to_all_three_goes_on_with_the_first_alone() -> None:
    phone = Phone.invited(style="all_in_one")
    assert phone.writes("kanske") == (KeepRemark(1), Ask("all", "unclear", 2))
    assert phone.writes("kanske") == (KeepRemark(2), Ask("service", "moved_on"))
    assert not phone.survey.answers


def test_an_empty_reply_or_a_picture_is_asked_for_one_digit_and_leaves_no_remark() -> None:
    assert Phone.invited().writes(" ") == (Ask("service", "one_digit", 2),)


def test_a_long_text_is_told_that_it_is_saved_and_read() -> None:
    phone = Phone.invited()
    assert phone.writes("jag har väntat i åtta månader på ett beslut") == (
        KeepRemark(1),
        Ask("service", "saved", 2),
    )


def test_no_more_than_five_remarks_are_kept_of_a_survey() -> None:
    phone = Phone.invited()
    for _ in range(12):
        phone.writes("kanske")
    kept = [effect for effect in phone.everything if isinstance(effect, KeepRemark)]
    assert kept == [KeepRemark(n) for n in (1, 2, 3, 4, 5)]


def test_beyond_the_cap_on_texts_the_survey_listens_and_stays_silent() -> None:
    phone = Phone.invited()
    phone.max_texts = 2
    assert phone.writes("1") == (Ask("time"),)
    assert phone.writes("1") == ()
    assert phone.writes("1") == ()
    assert phone.survey.disposition is Disposition.COMPLETE
    assert phone.writes("stopp") == (OptOut(), Tell("opted_out"))  # a STOP is always confirmed


def test_a_reply_where_the_carrier_has_answered_already_is_not_answered_twice() -> None:
    survey = Phone.invited().survey
    reading = Reading(Meaning.OPT_OUT)
    after, effects = advance(survey, Answered("SM1", NOON, reading, DESK, text=True, replied=True))
    assert effects == (OptOut(),)
    assert after.stage is Stage.CLOSED


def test_help_is_answered_and_changes_nothing_asked() -> None:
    phone = Phone.invited()
    assert phone.writes("hjälp") == (Tell("help"),)
    assert phone.survey.asked == ("service",)


# --- rule 4: correction -------------------------------------------------------------------------------------


def test_a_correction_reopens_the_last_answer_once_a_question() -> None:
    phone = Phone.invited()
    phone.writes("1")
    assert phone.writes("ändra") == (Ask("service", "undone"),)
    assert phone.answers == ["-", "-", "-"]
    assert phone.writes("2") == (Ask("time"),)
    assert phone.writes("ändra") == (KeepRemark(1), Ask("time", "unclear", 2))
    assert phone.answers == ["no", "-", "-"]


def test_a_correction_after_the_last_answer_opens_the_result_again() -> None:
    phone = Phone.invited()
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    assert phone.writes("fel") == (Ask("resolved", "undone"),)
    assert phone.survey.disposition is None
    assert phone.writes("2") == (Ask("consent"),)
    assert phone.survey.disposition is Disposition.COMPLETE


def test_a_correction_to_resolved_cancels_the_call_owed() -> None:
    phone = promised()
    assert phone.writes("ändra") == (CancelCallback(), Ask("resolved", "undone"))
    assert phone.writes("1") == (Tell("thanks"),)
    assert phone.survey.consent == ""


def test_nothing_is_promised_to_a_corrected_caller_whose_call_carried_consent() -> None:
    phone = not_helped(callback_consent=True)
    phone.writes("ändra")
    phone.writes("1")
    assert phone.writes("070-174 06 13") == (
        KeepRemark(1),
        Tell("remark_kept"),
    )  # and not "we ring that number"


# --- rule 4: "I never called" -------------------------------------------------------------------------------


def test_i_never_called_ends_the_survey_as_not_eligible_without_opting_out() -> None:
    phone = Phone.invited()
    assert phone.writes("fel nummer") == (Tell("not_me"),)
    assert phone.survey.stage is Stage.CLOSED
    assert phone.survey.disposition is Disposition.NOT_ELIGIBLE
    assert phone.survey.sealed is None


def test_i_never_called_after_an_answer_keeps_it_and_asks_nothing_more() -> None:
    phone = Phone.invited()
    phone.writes("1")
    assert phone.writes("fel nummer") == (Tell("not_me"),)
    assert phone.waits(days=5) == []
    assert phone.answers == ["yes", "-", "-"]
    assert phone.survey.disposition is Disposition.BREAK_OFF


# --- rule 5: opt-out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["STOPP", "stop", "unsubscribe", "Sluta skicka sms!", "end"])
def test_stop_ends_the_survey_at_once_with_one_confirmation(body: str) -> None:
    phone = Phone.invited()
    assert phone.writes(body) == (OptOut(), Tell("opted_out"))
    assert phone.survey.stage is Stage.CLOSED
    assert phone.survey.disposition is Disposition.OPTED_OUT
    assert phone.waits(days=5) == []


@pytest.mark.parametrize(
    "digits, disposition",
    [
        ("1", Disposition.OPTED_OUT),
        ("11", Disposition.PARTIAL),
        ("111", Disposition.COMPLETE),
        ("333", Disposition.OPTED_OUT),  # refused already, and now for good
    ],
)
def test_stop_takes_no_answer_back(digits: str, disposition: Disposition) -> None:
    phone = Phone.invited()
    for digit in digits:
        phone.writes(digit)
    given = phone.answers
    assert OptOut() in phone.writes("stopp")
    assert phone.survey.disposition is disposition
    assert phone.answers == given


def test_stop_before_anything_was_sent_is_no_case_of_the_survey() -> None:
    phone = Phone(planned())
    assert phone.writes("stopp") == (OptOut(), Tell("opted_out"))
    assert phone.survey.reason == "opted_out"
    assert phone.survey.disposition is None


def test_stop_cancels_the_call_owed() -> None:
    assert promised().writes("stopp") == (CancelCallback(), OptOut(), Tell("opted_out"))


def test_stop_counts_when_the_survey_is_closed_and_leaves_it_as_it_was() -> None:
    phone = Phone.invited()
    phone.waits(days=5)
    closed = phone.survey
    assert phone.writes("stopp") == (OptOut(), Tell("opted_out"))
    assert phone.survey is closed


def test_yes_never_undoes_an_opt_out_and_start_does() -> None:
    phone = Phone.invited()
    phone.writes("stopp")
    assert phone.writes("yes") == (Tell("late"),)
    assert phone.writes("start") == (OptIn(), Tell("opted_in"))


# --- rule 6: not resolved -----------------------------------------------------------------------------------


def test_not_resolved_leads_to_consent_and_the_result_stands_before_it() -> None:
    phone = not_helped()
    assert phone.said == (Ask("consent"),)
    assert phone.survey.disposition is Disposition.COMPLETE


def test_a_yes_is_kept_with_its_time_and_answered_with_day_and_number() -> None:
    phone = promised()
    assert phone.said == (OpenCallback(), Tell("promise"))
    assert (phone.survey.consent, phone.survey.consent_at) == ("yes", NOON)
    assert phone.survey.promised == date(2026, 11, 25)
    assert "onsdag 25/11" in phone.heard[-1]
    assert "0770-000 000" in phone.heard[-1]


def test_an_opinion_is_not_taken_for_a_wish_not_to_be_called() -> None:
    phone = not_helped()
    assert phone.writes("Uselt") == (KeepRemark(1), Ask("consent", "consent_unclear", 2))
    assert phone.writes("ok") == (OpenCallback(), Tell("promise"))


@pytest.mark.parametrize("reply", ["2", "nej", "3", "0770"])
def test_everything_but_a_clear_yes_is_a_no(reply: str) -> None:
    phone = not_helped()
    phone.writes(reply)
    if phone.survey.stage is Stage.CONSENT:  # one re-ask
        assert phone.said[-1] == Ask("consent", "consent_unclear", 2)
        phone.writes(reply)
    assert phone.said[-1] == Tell("no_callback")
    assert phone.survey.consent == "no"


def test_consent_given_during_the_call_is_not_asked_for_again() -> None:
    assert not_helped(callback_consent=True).said == (OpenCallback(), Tell("promise"))
    assert not_helped(callback_consent=False).said == (Tell("thanks"),)


def test_without_asking_only_consent_from_the_call_counts() -> None:
    phone = Phone.invited()
    phone.desk = Desk(ask=False)
    for digit in ("1", "2", "2"):
        phone.writes(digit)
    assert phone.said == (Tell("thanks"),)


def test_a_full_list_is_said_and_recorded_instead_of_asked() -> None:
    phone = Phone.invited()
    phone.desk = Desk(full=True)
    for digit in ("1", "2", "2"):
        phone.writes(digit)
    assert phone.said == (Tell("list_full"),)
    assert phone.survey.consent == "full"
    assert phone.writes("ring mig") == (Tell("list_full"),)


def test_another_number_after_the_promise_is_read_back() -> None:
    phone = promised()
    assert phone.writes("ring 070-174 06 13 i stället") == (ChangeNumber(), Tell("other_number"))


def test_another_number_in_a_long_text_leaves_the_rest_of_it_as_a_remark() -> None:
    phone = promised()
    said = (
        "ring 070-174 06 13 i stället, jag har väntat på besked i mitt ärende sedan i maj och undrar varför"
    )
    assert phone.writes(said) == (KeepRemark(1), ChangeNumber(), Tell("other_number"))
    assert phone.survey.remarks == 1


def test_no_after_the_promise_withdraws_and_a_later_yes_brings_it_back() -> None:
    phone = promised()
    assert phone.writes("nej") == (CancelCallback(), Tell("no_callback"))
    assert phone.survey.consent == "withdrawn"
    assert phone.writes("1") == (OpenCallback(), Tell("late_promise"))


def test_ok_and_terrible_change_no_mind() -> None:
    phone = promised()
    assert phone.writes("Uselt!") == (KeepRemark(1), Tell("remark_kept"))
    assert phone.survey.consent == "yes"
    phone.writes("nej")
    assert phone.writes("ok") == ()
    assert phone.writes("Perfekt") == (KeepRemark(2),)
    assert phone.survey.consent == "withdrawn"


@pytest.mark.parametrize("reply", ["Fick ingen hjälp!", "Nej?", "Ring inte?", "Ingen hjälpte mig"])
def test_no_complaint_and_no_question_takes_a_promise_back(reply: str) -> None:
    phone = promised()
    assert CancelCallback() not in phone.writes(reply)
    assert phone.survey.consent == "yes"


@pytest.mark.parametrize("reply", ["Nej tack", "Ring inte", "Nej, ring inte tack", "Nej nej!"])
def test_a_plain_no_takes_it_back(reply: str) -> None:
    phone = promised()
    assert phone.writes(reply) == (CancelCallback(), Tell("no_callback"))


def test_who_never_called_is_promised_nothing_for_saying_ok() -> None:
    phone = not_helped()
    assert phone.writes("fel nummer") == (Tell("not_me"),)
    assert phone.writes("ok") == ()


def test_one_opinion_about_three_questions_answers_none() -> None:
    phone = Phone.invited(style="all_in_one")
    assert phone.writes("inte än") == (KeepRemark(1), Ask("all", "unclear", 2))
    assert phone.writes("121") == (Tell("thanks"),)


@pytest.mark.parametrize("reply", ["Tack!", "ok", "Tack så mycket 🙏", "👍"])
def test_mere_courtesy_at_the_end_is_no_remark_and_gets_no_answer(reply: str) -> None:
    phone = promised()
    assert phone.writes(reply) == ()
    assert phone.survey.consent == "yes"


@pytest.mark.parametrize("reply", ["1", "ja, ring mig", "RING", "ok"])
def test_a_late_yes_counts_until_72_hours_after_the_call(reply: str) -> None:
    phone = not_helped()
    phone.waits(hours=70)
    assert phone.writes(reply) == (OpenCallback(), Tell("late_promise"))


def test_a_yes_later_than_that_is_late() -> None:
    phone = not_helped()
    phone.waits(hours=73)
    assert phone.writes("1") == (Tell("late"),)


# --- rule 2: "RING" -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["RING", "CALL", "ring mig nu"])
def test_a_caller_who_writes_ring_is_rung_at_once(word: str) -> None:
    phone = Phone.invited()
    assert phone.writes(word) == (Wake(), Tell("ringing"))
    assert phone.looks() == (Dial(2),)
    assert phone.survey.asked == ("service",)  # and may still answer by text


def test_a_caller_is_rung_on_request_at_most_twice_and_only_where_we_can() -> None:
    phone = Phone.invited()
    for _ in range(2):
        phone.writes("ring")
        phone.looks()
    assert phone.writes("ring") == (Tell("ring_later"),)
    phone = Phone.invited()
    phone.voice_on = False
    assert phone.writes("ring") == (Tell("ring_later"),)


def test_a_caller_who_has_finished_by_text_is_not_rung_after_all() -> None:
    phone = Phone.invited()
    phone.writes("ring")
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    phone.writes("ändra")
    assert phone.looks() == ()


@pytest.mark.parametrize("gate", [Gate(refused="killed"), Gate(voice=False)])
def test_what_was_switched_off_meanwhile_is_not_dialled(gate: Gate) -> None:
    phone = Phone.invited()
    phone.writes("ring")
    phone.gate = gate
    assert phone.looks() == ()
    assert not phone.survey.ring


# --- rule 10: another language ------------------------------------------------------------------------------


def test_an_assumed_language_offers_others_as_digits_and_goes_on_in_the_one_chosen() -> None:
    phone = Phone.invited(offers=("en",), language_from="default")
    assert "English = 5" in phone.heard[0]
    assert phone.writes("5") == (Ask("service", "", 2),)
    assert (phone.survey.language, phone.survey.language_from, phone.survey.offers) == ("en", "caller", ())
    assert "Did you receive" in phone.heard[-1]
    assert phone.writes("6") == (KeepRemark(1), Ask("service", "unclear", 3))  # nothing is offered any more
    assert phone.writes("yes") == (Ask("time"),)


def test_without_an_offer_5_is_only_unclear() -> None:
    assert Phone.invited().writes("5") == (KeepRemark(1), Ask("service", "unclear", 2))


def test_a_word_of_one_other_language_changes_the_language_once_and_answers_nothing() -> None:
    phone = Phone.invited()
    assert phone.writes("yes") == (Ask("service", "", 2),)
    assert not phone.survey.answers
    assert phone.survey.language == "en"
    assert phone.writes("ja") == (KeepRemark(1), Ask("service", "unclear", 3))
    assert phone.survey.language == "en"


def test_a_language_asked_for_at_the_consent_question_is_neither_yes_nor_no() -> None:
    phone = not_helped(offers=("en",))
    assert phone.writes("5") == (Ask("consent", "consent_unclear", 2),)
    assert phone.writes("1") == (OpenCallback(), Tell("promise"))


# --- rule 9: late, early, crossed, repeated -----------------------------------------------------------------


def test_the_same_text_delivered_twice_is_told_the_same_and_counts_once() -> None:
    survey = Phone.invited().survey
    event = Answered("SM1", NOON, Reading(Meaning.ANSWERS, (Value.YES,)), DESK, text=True)
    after, effects = advance(survey, event)
    again, repeated = advance(after, replace(event, at=NOON + HOUR))
    assert again is after
    assert repeated == effects == (Ask("time"),)


def test_a_second_1_is_a_second_answer() -> None:
    phone = Phone.invited()
    phone.writes("1")
    phone.writes("1")
    assert phone.answers == ["yes", "yes", "-"]


def test_a_text_before_ours_answers_nothing_and_is_kept() -> None:
    phone = Phone(planned())
    assert phone.writes("1") == (KeepRemark(1),)
    assert phone.looks() == (Send(1),)
    assert not phone.survey.answers


def test_a_reply_to_a_closed_survey_is_late_and_changes_nothing() -> None:
    phone = Phone.invited()
    phone.waits(days=3)
    closed = phone.survey
    assert phone.writes("1") == (Tell("late"),)
    assert phone.survey is closed


# --- rule 11: remarks ---------------------------------------------------------------------------------------


def test_what_comes_after_the_last_answer_is_kept_and_thanked_for_once() -> None:
    phone = Phone.invited()
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    assert phone.writes("Handläggaren var toppen") == (KeepRemark(1), Tell("remark_kept"))
    assert phone.writes("Jättebra") == (KeepRemark(2),)
    assert phone.survey.disposition is Disposition.COMPLETE


def test_a_1_after_the_last_answer_is_neither_answer_nor_remark() -> None:
    phone = Phone.invited()
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    assert phone.writes("2") == ()
    assert phone.answers == ["yes", "yes", "yes"]


@pytest.mark.parametrize("before", ["2", "nej"])
def test_a_no_to_the_call_can_be_changed_to_a_yes_at_any_time(before: str) -> None:
    phone = Phone.invited()
    for reply in ("1", "1", "2", before):
        phone.writes(reply)
    assert phone.survey.consent == "no"
    phone.writes("1")
    assert phone.survey.consent == "yes"
    assert OpenCallback() in phone.said
