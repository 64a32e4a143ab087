"""The machine and the clock: sending, quiet hours, reports, looking up, reminding, expiring."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.advance import advance
from chalicelib.advance.clock import BEHIND, LOOKS
from chalicelib.effects import Ask, Dial, Effect, EndQuarantine, LookUp, OptOut, Send, Tell, Wake
from chalicelib.events import Due, Gate, Outcome, Reported
from chalicelib.survey import Disposition, Stage
from tests.fakes import DAY, HOUR, MINUTE, NOON, Phone, planned

SECOND = timedelta(seconds=1)


def sent() -> Phone:
    """The first text left us; the carrier has said nothing of it."""
    return Phone.invited(receipts=False)


def later(phone: Phone, by: timedelta) -> Phone:
    phone.now += by
    return phone


# --- rule 1: when it is sent, and when it no longer is ------------------------------------------------------


def test_an_attempt_is_recorded_by_the_step_that_asks_for_it() -> None:
    phone = Phone(planned())
    assert phone.looks() == (Send(1),)
    (attempt,) = phone.survey.attempts
    assert (attempt.n, attempt.kind, attempt.at) == (1, "invite", NOON)


def test_nothing_is_sent_before_its_time() -> None:
    phone = Phone(planned(planned_at=NOON + MINUTE, due_at=NOON + 4 * HOUR))
    assert phone.looks() == ()
    assert phone.survey.due_at == NOON + 4 * HOUR  # an early look costs no write
    assert later(phone, MINUTE).looks() == (Send(1),)


def test_a_look_that_came_too_early_is_followed_by_one_in_time() -> None:
    phone = Phone(planned(planned_at=NOON + HOUR, due_at=NOON))
    assert phone.looks() == ()
    assert phone.survey.due_at == NOON + HOUR


@pytest.mark.parametrize("refused", ["killed", "opted_out", "trial"])
def test_what_may_no_longer_be_sent_is_not_sent_and_says_why(refused: str) -> None:
    phone = Phone(planned(), gate=Gate(refused=refused))
    assert phone.looks() == (EndQuarantine(),)
    assert (phone.survey.stage, phone.survey.reason, phone.survey.disposition) == (
        Stage.CLOSED,
        refused,
        None,
    )


def test_what_waits_because_we_are_behind_is_dropped_after_two_hours() -> None:
    assert later(Phone(planned()), BEHIND).looks() == (Send(1),)
    phone = later(Phone(planned()), BEHIND + SECOND)
    assert phone.looks() == (EndQuarantine(),)
    assert phone.survey.reason == "too_late"


def test_what_waits_for_the_morning_may_wait_eighteen_hours() -> None:
    phone = Phone(planned(), gate=Gate(open_at=NOON + 18 * HOUR))
    assert phone.looks() == ()
    assert phone.survey.due_at == NOON + 18 * HOUR
    phone.gate = Gate()
    assert phone.waits(hours=18) == [Send(1)]


def test_and_no_longer() -> None:
    phone = Phone(planned(), gate=Gate(open_at=NOON + 18 * HOUR + SECOND))
    assert phone.looks() == (EndQuarantine(),)
    assert phone.survey.reason == "too_late"


def test_no_call_is_placed_where_calling_was_switched_off_meanwhile() -> None:
    phone = Phone(planned("voice"), gate=Gate(voice=False))
    assert phone.looks() == (EndQuarantine(),)
    assert phone.survey.reason == "killed"


def test_a_call_nobody_took_stays_a_case_when_the_next_try_comes_too_late() -> None:
    phone = Phone(planned("voice"))
    phone.looks()
    phone.report(Outcome.NO_ANSWER)
    phone.gate = Gate(open_at=NOON + 20 * HOUR)
    assert phone.waits(hours=1) == []
    assert (phone.survey.disposition, phone.survey.reason) == (Disposition.NON_CONTACT, None)


def test_a_newer_call_takes_over_a_silent_survey_and_no_other() -> None:
    phone = Phone.invited()
    assert phone.calls_again() == ()
    assert (phone.survey.reason, phone.survey.superseded_by) == ("superseded", "newer")
    phone = Phone.invited()
    phone.writes("1")
    before = phone.survey
    phone.calls_again()
    assert phone.survey is before


# --- rule 2: a text that cannot get there -------------------------------------------------------------------


def test_a_line_that_goes_down_does_not_take_the_place_of_a_known_failure() -> None:
    phone = sent()
    assert phone.report(Outcome.LANDLINE) == (Wake(),)
    before = phone.survey
    assert phone.report(Outcome.ENDED) == ()
    assert phone.survey == before


def test_a_text_to_a_landline_falls_over_to_voice_once() -> None:
    phone = sent()
    assert phone.report(Outcome.LANDLINE) == (Wake(),)
    assert phone.looks() == (Dial(2),)
    assert phone.survey.channel == "voice"
    assert phone.report(Outcome.LANDLINE) == (EndQuarantine(),)
    assert phone.survey.disposition is Disposition.NON_CONTACT


def test_but_not_where_we_do_not_ring_nor_hours_later() -> None:
    phone = sent()
    phone.gate = Gate(voice=False)
    assert phone.report(Outcome.LANDLINE) == (EndQuarantine(),)
    assert later(sent(), BEHIND + SECOND).report(Outcome.LANDLINE) == (EndQuarantine(),)


# --- what the carrier says ----------------------------------------------------------------------------------


def test_a_number_that_is_dead_ends_the_survey_as_no_contact() -> None:
    phone = sent()
    assert phone.report(Outcome.NEVER) == (EndQuarantine(),)
    assert phone.survey.disposition is Disposition.NON_CONTACT


def test_a_stop_the_carrier_kept_is_an_opt_out() -> None:
    phone = sent()
    assert phone.report(Outcome.OPTED_OUT) == (OptOut(),)
    assert phone.survey.disposition is Disposition.OPTED_OUT


def test_a_passing_fault_is_tried_once_more_after_ten_minutes() -> None:
    phone = sent()
    phone.report(Outcome.ONCE_MORE)
    assert phone.waits(minutes=10) == [Send(2)]
    phone.report(Outcome.ONCE_MORE)
    assert Send(3) not in phone.waits(hours=3)
    phone.gate = Gate(reminder=None)
    phone.waits(days=2)
    assert phone.survey.disposition is Disposition.UNKNOWN


@pytest.mark.parametrize("outcome", [Outcome.WAIT, Outcome.STOPPED])
def test_what_was_certainly_not_sent_is_tried_again_until_it_is_too_late(outcome: Outcome) -> None:
    phone = sent()
    while phone.survey.stage is not Stage.CLOSED:
        phone.report(outcome)
        phone.now = phone.survey.due_at or phone.now
        phone.looks()
    assert phone.now - NOON <= BEHIND + 30 * MINUTE
    assert (phone.survey.reason, phone.survey.disposition) == ("too_late", None)
    assert len(phone.survey.attempts) < 15


@pytest.mark.parametrize("outcome", [Outcome.WAIT, Outcome.STOPPED, Outcome.ONCE_MORE])
def test_a_look_before_the_time_of_the_next_try_does_not_bring_it_forward(outcome: Outcome) -> None:
    """The queue may deliver twice; a throttled carrier is not to be asked at each look."""
    phone = sent()
    phone.report(outcome)
    again = phone.survey.due_at
    assert again
    assert again >= phone.now + 30 * SECOND
    before = phone.survey
    assert later(phone, 10 * SECOND).looks() == ()
    assert phone.survey == before
    phone.now = again
    assert phone.looks() == (Send(2),)


def test_a_reply_to_a_text_the_carrier_gave_up_on_is_an_answer() -> None:
    phone = sent()
    phone.report(Outcome.ONCE_MORE)
    assert phone.writes("1") == (Ask("time"),)
    assert Send(2) not in phone.waits(hours=1)


@pytest.mark.parametrize("outcome", [*Outcome])
def test_no_news_of_the_first_text_disturbs_a_caller_who_has_answered(outcome: Outcome) -> None:
    for digits in ("1", "111", "112"):
        phone = sent()
        for digit in digits:
            phone.writes(digit)
        before = phone.survey
        later(phone, 2 * MINUTE).report(outcome)
        if outcome is not Outcome.OPTED_OUT:
            assert replace(phone.survey, attempts=()) == replace(before, attempts=())
        assert phone.survey.answers == before.answers


def test_news_of_an_attempt_whose_end_is_known_changes_nothing() -> None:
    phone = Phone.invited()  # delivered
    before = phone.survey
    for outcome in set(Outcome) - {Outcome.ENDED}:
        assert phone.report(outcome) == ()
        assert phone.survey is before


def test_news_of_an_attempt_there_never_was_changes_nothing() -> None:
    phone = Phone.invited()
    before = phone.survey
    assert phone.report(Outcome.NEVER, attempt=7) == ()
    assert phone.survey is before


# --- section 3: at most once --------------------------------------------------------------------------------


def test_an_unknown_outcome_is_looked_up_before_anything_is_sent_again() -> None:
    phone = sent()
    assert phone.report(Outcome.UNKNOWN) == ()
    assert phone.waits(seconds=20) == [LookUp(1)]
    assert phone.report(Outcome.NOT_FOUND) == ()  # the list may lag: a minute must have passed
    assert phone.waits(seconds=60) == [LookUp(1)]
    assert phone.report(Outcome.NOT_FOUND) == (Wake(),)
    assert phone.looks() == (Send(2),)


def test_an_attempt_the_carrier_knows_is_not_made_again() -> None:
    phone = sent()
    phone.report(Outcome.UNKNOWN)
    phone.waits(seconds=20)
    phone.report(Outcome.ACCEPTED)
    later(phone, 5 * MINUTE).report(Outcome.NOT_FOUND)  # an older look, crossed with the news
    assert Send(2) not in phone.waits(hours=3)


def test_news_of_the_first_text_after_its_reminder_sends_nothing_again() -> None:
    phone = sent()
    phone.report(Outcome.ACCEPTED)
    assert phone.waits(hours=4) == [Send(2)]
    assert phone.report(Outcome.ONCE_MORE, attempt=1) == ()
    assert phone.waits(days=3) == []


@pytest.mark.parametrize("answer", [Outcome.UNREACHABLE, None])
def test_what_can_neither_be_confirmed_nor_denied_ends_unknown_after_ten_minutes(
    answer: Outcome | None,
) -> None:
    phone = sent()
    phone.report(Outcome.UNKNOWN)
    looks: list[Effect] = []
    while phone.survey.stage is not Stage.CLOSED:
        phone.now = phone.survey.due_at or phone.now
        looks += phone.looks()
        if answer:
            phone.report(answer)
    assert looks == [LookUp(1)] * LOOKS + [EndQuarantine()]
    assert (phone.survey.reason, phone.survey.disposition) == ("unknown", None)
    assert phone.now - NOON < 11 * MINUTE


def test_looking_often_does_not_hurry_it() -> None:
    phone = sent()
    later(phone, MINUTE)
    for _ in range(50):
        phone.looks()
    assert phone.everything.count(LookUp(1)) == 1
    assert phone.survey.stage is Stage.ASKING


def test_a_text_without_receipt_is_looked_up_before_its_reminder() -> None:
    phone = sent()
    assert phone.waits(hours=4) == [LookUp(1)]
    phone.report(Outcome.ACCEPTED)
    assert phone.waits(minutes=10) == [Send(2)]


# --- rule 7: reminder ---------------------------------------------------------------------------------------


def test_one_reminder_goes_to_the_silent_after_four_hours() -> None:
    phone = Phone.invited()
    assert phone.waits(hours=3.9) == []
    assert phone.waits(hours=0.1) == [Send(2)]
    assert "service" in phone.heard[-1]
    assert "Enda påminnelsen" in phone.heard[-1]
    assert phone.waits(days=3) == []


def test_the_half_silent_are_asked_the_first_open_question_again() -> None:
    phone = Phone.invited()
    phone.waits(hours=1)
    phone.writes("1")
    assert phone.waits(hours=5) == [Send(2)]
    assert "rimlig tid" in phone.heard[-1]
    assert phone.writes("2") == (Ask("resolved"),)


def test_a_reminder_waits_for_allowed_hours_and_never_comes_after_expiry() -> None:
    phone = Phone.invited()
    phone.gate = Gate(open_at=NOON + 20 * HOUR)
    assert phone.waits(hours=19) == []
    phone.gate = Gate()
    assert phone.waits(hours=2) == [Send(2)]
    phone = Phone.invited()
    phone.gate = Gate(open_at=NOON + 25 * HOUR)
    assert phone.waits(days=3) == []
    assert phone.survey.closes_at == NOON + 24 * HOUR


@pytest.mark.parametrize("gate", [Gate(reminder=None), Gate(refused="killed"), Gate(refused="opted_out")])
def test_no_reminder_where_it_is_switched_off_or_refused(gate: Gate) -> None:
    phone = Phone.invited()
    phone.gate = gate
    assert phone.waits(days=3) == []
    assert phone.survey.disposition is Disposition.NON_CONTACT


def test_nobody_is_reminded_by_telephone() -> None:
    phone = Phone.invited("voice")
    assert phone.waits(days=3) == []


def test_a_reminder_that_may_not_have_left_keeps_nothing_from_ending() -> None:
    phone = Phone.invited()
    phone.receipts = False
    phone.waits(hours=4)
    phone.report(Outcome.UNKNOWN)
    assert phone.waits(days=3) == []
    assert phone.survey.disposition is Disposition.NON_CONTACT


# --- rule 7: expiry -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "replies, disposition",
    [
        ("", Disposition.NON_CONTACT),  # delivered, silent
        ("1", Disposition.BREAK_OFF),
        ("12", Disposition.PARTIAL),
        ("3", Disposition.BREAK_OFF),  # a reply, and no answer
        ("x", Disposition.BREAK_OFF),
    ],
)
def test_expiry_closes_with_what_is_there(replies: str, disposition: Disposition) -> None:
    phone = Phone.invited()
    for reply in replies:
        phone.writes(reply)
    phone.waits(hours=29)  # four until the reminder, twenty-four after it
    assert (phone.survey.stage, phone.survey.disposition) == (Stage.CLOSED, disposition)


def test_silence_after_a_text_of_which_no_receipt_came_is_unknown() -> None:
    phone = sent()
    phone.report(Outcome.ACCEPTED)
    phone.waits(days=3)
    assert phone.survey.disposition is Disposition.UNKNOWN


def test_a_reminder_restarts_the_day_but_fifty_two_hours_are_the_end() -> None:
    phone = Phone.invited()
    for _ in range(2):
        phone.waits(hours=20)
        phone.writes("1")
    phone.waits(hours=20)
    assert phone.survey.disposition is Disposition.PARTIAL
    assert phone.survey.closes_at == NOON + 52 * HOUR


def test_consent_is_waited_for_without_holding_back_the_result() -> None:
    phone = Phone.invited()
    for digit in ("1", "1", "2"):
        phone.writes(digit)
    assert phone.waits(hours=71) == []
    assert phone.survey.disposition is Disposition.COMPLETE
    assert phone.survey.sealed is not None
    phone.waits(hours=1)
    assert phone.survey.sealed is None


def test_a_finished_survey_is_frozen_after_a_day_and_holds_no_number() -> None:
    phone = Phone.invited()
    for digit in ("1", "1", "1"):
        phone.writes(digit)
    phone.waits(hours=23)
    assert phone.survey.stage is Stage.DONE
    phone.waits(hours=1)
    assert phone.survey.stage is Stage.CLOSED
    assert (phone.survey.caller, phone.survey.sealed, phone.survey.due_at) == (None, None, None)


def test_a_late_receipt_tells_silence_from_a_text_that_never_came_for_72_hours() -> None:
    def closed() -> Phone:
        phone = sent()
        phone.report(Outcome.ACCEPTED)
        phone.gate = Gate(reminder=None)
        phone.waits(hours=24)
        assert phone.survey.disposition is Disposition.UNKNOWN
        return phone

    phone = later(closed(), 72 * HOUR)
    assert phone.report(Outcome.DELIVERED) == ()
    assert phone.survey.disposition is Disposition.NON_CONTACT
    again, _ = advance(phone.survey, Reported(1, phone.now, Outcome.DELIVERED, Gate()))
    assert again is phone.survey
    phone = later(closed(), 72 * HOUR + SECOND)
    phone.report(Outcome.DELIVERED)
    assert phone.survey.disposition is Disposition.UNKNOWN


def test_the_clock_leaves_what_is_closed_alone() -> None:
    phone = Phone.invited()
    phone.writes("stopp")
    closed = phone.survey
    after, effects = advance(closed, Due(NOON + DAY, Gate()))
    assert after is closed
    assert effects == ()


def test_the_look_set_first_is_not_moved_for_an_answer() -> None:
    phone = Phone.invited()
    due_at = phone.survey.due_at
    phone.writes("1")
    phone.writes("1")
    assert phone.survey.due_at == due_at == NOON + 4 * HOUR
    assert Tell("help") in phone.writes("hjälp")
    assert phone.survey.due_at == due_at
    phone.now += HOUR
    assert phone.looks() == ()  # nor for a look nobody asked for
    assert phone.survey.due_at == due_at
