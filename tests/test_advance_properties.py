"""The machine's laws, whatever comes, in whatever order, repeated or lost."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.advance import advance
from chalicelib.advance.questions import REMARKS, RINGS
from chalicelib.advance.reports import DIALS
from chalicelib.effects import Ask, Dial, Effect, LookUp, OptOut, Send, Tell, decode, encode
from chalicelib.events import (
    Answered,
    Desk,
    Due,
    Event,
    Gate,
    Outcome,
    PickedUp,
    Reported,
    Superseded,
    Tongue,
)
from chalicelib.prompts import load
from chalicelib.reading import key
from chalicelib.script import QUESTIONS, Meaning, Reading, Value
from chalicelib.store.records import survey_from, survey_item
from chalicelib.survey import SEEN, Disposition, Stage, Survey
from chalicelib.wording import spoken, text
from tests.fakes import DAY, FACTS, HOUR, NOON, Phone, planned
from tests.units import size

FAILED = {
    Outcome.NOT_FOUND,
    Outcome.WAIT,
    Outcome.STOPPED,
    Outcome.ONCE_MORE,
    Outcome.LANDLINE,
    Outcome.NO_ANSWER,
    Outcome.BUSY,
}
MAX_TEXTS = 9
TEXTED = sorted(set(Meaning) - {Meaning.END, Meaning.REPEAT})  # what a text can mean
ENGLISH = Tongue("en", "9c1f0001")
PATHS = [f"{question}-{turn}" for question in (*QUESTIONS, "who", "consent", "end") for turn in (1, 2, 3)]
answers = st.lists(st.sampled_from([Value.YES, Value.NO, Value.SKIPPED]), min_size=1, max_size=3).map(tuple)
desks = st.sampled_from([Desk(latest_day=date(2026, 11, 25)), Desk(full=True), Desk(ask=False)])
gates = st.sampled_from([
    *[Gate()] * 4, Gate(refused="killed"), Gate(voice=False), Gate(reminder=None),
    Gate(reminder=timedelta(hours=30)), Gate(expiry=timedelta(hours=72)),
])  # fmt: skip


def ended(
    survey: Survey, now: datetime, gate: Gate, quiet: timedelta | None = None
) -> tuple[Survey, list[Effect]]:
    """The survey when nothing happens any more but the clock, which looks only when told to."""
    began = now
    effects: list[Effect] = []
    for _ in range(80):
        if survey.stage is Stage.CLOSED:
            return survey, effects
        assert survey.due_at, "an open survey nobody will look at"
        now = max(now, survey.due_at)
        assert now <= began + 8 * DAY
        survey, more = advance(survey, Due(now, replace(gate, open_at=now + quiet if quiet else None)))
        effects += more
    raise AssertionError(f"looked at without end: {survey}")


class Anything(RuleBasedStateMachine):
    """One survey, and a carrier, a caller and a clock that keep to no order."""

    survey: Survey
    now: datetime

    @initialize(
        channel=st.sampled_from(["sms", "sms", "voice"]),
        style=st.sampled_from(["one_by_one", "all_in_one"]),
        consent=st.sampled_from([None, None, True, False]),
        offers=st.sampled_from([(), ("en",)]),
    )
    def a_call_ended(self, channel: str, style: str, consent: bool | None, offers: tuple[str, ...]) -> None:
        self.now, self.ids = NOON, 0
        self.survey = planned(channel, style=style, callback_consent=consent, offers=offers)
        self.past: list[Answered | PickedUp] = []
        self.effects: list[Effect] = []
        self.told = 0
        self.opted_out = False

    # what may happen

    @rule(
        meaning=st.sampled_from([*TEXTED, *[Meaning.ANSWERS] * 6]), given=answers, desk=desks, data=st.data()
    )
    def a_text_comes(
        self, meaning: Meaning, given: tuple[Value, ...], desk: Desk, data: st.DataObject
    ) -> None:
        shown = 1 if self.survey.stage in (Stage.CONSENT, Stage.DONE) else len(self.survey.asked)
        if meaning is Meaning.ANSWERS and not shown:
            meaning = Meaning.UNCLEAR
        taken = given[:shown] if meaning is Meaning.ANSWERS else ()
        reading = Reading(meaning, taken, offer=1, long=data.draw(st.booleans()))
        if meaning is Meaning.SKIP:
            reading = replace(reading, answers=(Value.SKIPPED,))
        self.happens(Answered(
            self.new_id(), self.now, reading, desk, text=meaning is not Meaning.EMPTY, max_texts=MAX_TEXTS,
            number=data.draw(st.sampled_from([None, None, "+46701740613"])),
            tongues=(ENGLISH,) * len(self.survey.offers), other=data.draw(st.sampled_from([None, None, None, ENGLISH])),
            voice_on=data.draw(st.booleans()), replied=data.draw(st.sampled_from([False, False, False, True])),
        ))  # fmt: skip

    @rule(digit=st.sampled_from(["1", "1", "2", "3", "9", "0", "", "", "7", "5"]), desk=desks, data=st.data())
    def a_key_is_pressed(self, digit: str, desk: Desk, data: st.DataObject) -> None:
        current = f"{(self.survey.asked or ('consent',))[0]}-{self.survey.turn}"
        path = data.draw(st.sampled_from([current, current, *PATHS]))
        reading, tongues = key(digit, len(self.survey.offers)), (ENGLISH,) * len(self.survey.offers)
        self.happens(
            Answered(self.new_id(), self.now, reading, desk, voice=True, question=path, tongues=tongues)
        )

    @rule(placed=st.booleans())
    def a_line_opens(self, placed: bool) -> None:
        self.happens(PickedUp(self.new_id(), self.now, placed))

    @rule(outcome=st.sampled_from(Outcome), back=st.sampled_from([0, 0, 0, 1, 2, 9]), gate=gates)
    def the_carrier_reports(self, outcome: Outcome, back: int, gate: Gate) -> None:
        self.happens(Reported(max(0, len(self.survey.attempts) - back), self.now, outcome, gate))

    @rule(gate=gates, held=st.sampled_from([None, None, 1, 10, 17]))
    def the_clock_looks(self, gate: Gate, held: int | None) -> None:
        self.happens(Due(self.now, replace(gate, open_at=self.now + held * HOUR if held else None)))

    @rule(gate=gates)
    @precondition(lambda self: self.survey.due_at)
    def what_is_due_is_looked_at(self, gate: Gate) -> None:
        before = self.survey
        self.now = max(self.now, before.due_at or self.now)
        self.happens(Due(self.now, gate))
        after = self.survey
        assert after != before or after.due_at is None or after.due_at > self.now, "a look that leads nowhere"

    @rule()
    def a_newer_call_takes_over(self) -> None:
        self.happens(Superseded(self.now, by="newer"))

    @rule(span=st.timedeltas(timedelta(seconds=1), timedelta(hours=30)))
    def time_passes(self, span: timedelta) -> None:
        self.now += timedelta(seconds=span // timedelta(seconds=1))

    @rule(back=st.integers(1, SEEN))
    def something_is_delivered_again(self, back: int) -> None:
        if self.survey.stage is Stage.CLOSED or len(self.past) < back:
            return
        event = replace(self.past[-back], at=self.now)
        recorded = self.survey.recorded(event.id)
        if recorded is not None:
            assert advance(self.survey, event) == (self.survey, recorded)

    # what always holds

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.ids:012}"

    def happens(self, event: Event) -> None:
        before = self.survey
        self.survey, effects = advance(before, event)
        self.effects += effects
        self.checked_twice(event, effects)
        self.checked_answers(before, event)
        self.checked_attempts(before, event, effects)
        self.checked_words(event, effects)
        if before.stage is Stage.CLOSED:
            self.checked_frozen(before, effects)
        if isinstance(event, Answered | PickedUp):
            self.past.append(event)

    def checked_twice(self, event: Event, effects: tuple[Effect, ...]) -> None:
        if isinstance(event, Due):
            return
        again, repeated = advance(self.survey, event)
        assert again == self.survey
        assert repeated == (effects if isinstance(event, Answered | PickedUp) else ())

    def checked_answers(self, before: Survey, event: Event) -> None:
        undone = isinstance(event, Answered) and event.reading.meaning is Meaning.UNDO
        for question, value in before.answers.items():
            assert self.survey.answers.get(question) is value or (undone and question in self.survey.undone)
        gone = set(before.answers) - set(self.survey.answers)
        assert len(gone) <= 1

    def checked_attempts(self, before: Survey, event: Event, effects: tuple[Effect, ...]) -> None:
        made = [effect.attempt for effect in effects if isinstance(effect, Send | Dial)]
        assert made == [attempt.n for attempt in self.survey.attempts[len(before.attempts) :]]
        for n in made:
            assert not self.opted_out
            assert self.survey.attempts[n - 1].at == event.at
            if self.survey.attempts[n - 1].kind == "invite":
                assert {attempt.outcome for attempt in before.attempts if attempt.kind == "invite"} <= FAILED
        looked_up = [effect.attempt for effect in effects if isinstance(effect, LookUp)]
        assert all(before.attempts[n - 1].unheard for n in looked_up)
        self.opted_out |= OptOut() in effects

    def checked_words(self, event: Event, effects: tuple[Effect, ...]) -> None:
        said = [effect for effect in effects if isinstance(effect, Ask | Tell)]
        assert len(said) <= 1
        by_voice = isinstance(event, PickedUp) or (isinstance(event, Answered) and event.voice)
        for effect in said:
            for language in ("sv", "en"):
                if by_voice:
                    assert spoken(effect, self.survey, load(language), FACTS).sentences
                else:
                    assert text(effect, self.survey, load(language), FACTS)
        if not by_voice and self.survey.stage is not Stage.CLOSED:
            self.told += len(said)
        for effect in effects:
            assert decode(encode(effect)) == effect
            if isinstance(effect, Send):
                assert self.survey.asked  # the question its text puts

    def checked_frozen(self, before: Survey, effects: tuple[Effect, ...]) -> None:
        assert not any(isinstance(effect, Ask | Send | Dial | LookUp) for effect in effects)
        receipts = {"attempts": before.attempts, "disposition": before.disposition}
        assert replace(self.survey, **receipts) == before

    @invariant()
    def every_loop_has_a_cap(self) -> None:
        attempts = self.survey.attempts
        assert (
            sum(attempt.outcome in (Outcome.NO_ANSWER, Outcome.BUSY) for attempt in attempts) <= DIALS + RINGS
        )
        assert sum(attempt.kind == "ring" for attempt in attempts) <= RINGS
        assert sum(attempt.kind == "reminder" for attempt in attempts) <= 1
        assert self.survey.remarks <= REMARKS
        assert self.told <= MAX_TEXTS

    @invariant()
    def the_result_is_what_was_answered(self) -> None:
        survey = self.survey
        if survey.disposition is not None:
            assert (survey.disposition is Disposition.COMPLETE) == (survey.answered == 3)
            assert (survey.disposition is Disposition.PARTIAL) == (survey.answered == 2)
            assert survey.stage in (Stage.CONSENT, Stage.DONE, Stage.CLOSED)
            assert survey.reason is None
        if survey.stage in (Stage.CONSENT, Stage.DONE):
            assert survey.disposition is not None

    @invariant()
    def closed_holds_no_number(self) -> None:
        survey = self.survey
        if survey.stage is Stage.CLOSED:
            assert (survey.caller, survey.sealed, survey.due_at) == (None, None, None)
            assert (survey.asked, survey.ring) == ((), False)
            assert survey.reason or survey.disposition
        else:
            assert survey.due_at is not None

    @invariant()
    def the_record_is_the_survey(self) -> None:
        assert survey_from(survey_item(self.survey)) == self.survey

    def teardown(self) -> None:
        if not hasattr(self, "survey"):
            return
        for gate in (Gate(), Gate(refused="killed"), Gate(voice=False)):
            survey, effects = ended(self.survey, self.now, gate, quiet=10 * HOUR if gate == Gate() else None)
            assert (survey.caller, survey.sealed) == (None, None)
            assert survey.answers == self.survey.answers
            assert not (self.opted_out and any(isinstance(effect, Send | Dial) for effect in effects))


Anything.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestAnything = Anything.TestCase


names = st.sampled_from(["", "unclear", "moved_on", "consent", "time", "not_the_caller"])
numbers = st.integers(0, 99)


@given(st.one_of(
    st.builds(Ask, names, names, numbers), st.builds(Tell, names.filter(bool)), st.builds(Send, numbers),
    *[st.just(kind(*[3] * len(kind.__match_args__))) for kind in Effect.__args__ if kind not in (Ask, Tell)],
))  # fmt: skip
def test_every_effect_comes_back_from_its_code(effect: Effect) -> None:
    code = encode(effect)
    assert decode(code) == effect
    assert " " not in code  # several are kept side by side


@pytest.mark.parametrize(
    "replies", [["1", "2", "1"], ["1", "2", "2", "1"], ["1", "kanske", "2", "ändra", "2", "1"]]
)
def test_the_record_of_a_typical_survey_stays_under_a_thousand_bytes(replies: list[str]) -> None:
    phone = Phone.invited(
        queue="residence-permits", team="north", call_id="0d6a4f0e-7f0c-4a8e-9a51-3a2b1c0d9e8f",
        sealed=b"s" * 40, planned_at=NOON, version=7,
    )  # fmt: skip
    largest = 0
    for reply in replies:
        phone.writes(reply)
        largest = max(largest, item_size(phone.survey))
    phone.waits(hours=80)
    assert phone.survey.stage is Stage.CLOSED
    assert max(largest, item_size(phone.survey)) < 1000


def item_size(survey: Survey) -> int:
    item: dict[str, Any] = survey_item(survey)
    return size({name: TypeSerializer().serialize(value) for name, value in item.items()})
