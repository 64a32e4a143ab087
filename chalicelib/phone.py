"""Lines: what is said on one, turn by turn, and what a key or a word does. Twilio's webhooks; others use the turns."""

from collections.abc import Mapping
from datetime import timedelta

from chalicelib import aloud, log
from chalicelib.carrier import codes, twiml
from chalicelib.conversation import desk_for, tongue
from chalicelib.dataclass import dataclass
from chalicelib.effects import Ask, Effect, Tell
from chalicelib.events import Answered, CallEnded, Outcome, PickedUp
from chalicelib.intake import Intake
from chalicelib.numbers import parse
from chalicelib.prompts import load
from chalicelib.service import Said, Surveys
from chalicelib.sources import NotACall
from chalicelib.sources.twilio import call_status
from chalicelib.survey import Survey
from chalicelib.wording import Spoken, spoken

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said now on the line of this survey; silence, and the end of the line, where `said` is None."""

    survey_id: str
    said: Spoken | None


@dataclass(frozen=True, slots=True)
class Phone:
    surveys: Surveys
    intake: Intake

    # turns, for every kind of line: one that `hears` takes words too, and plays recordings

    def handed_over(self, call: CallEnded, hears: bool = False) -> Turn:
        """Asked on the spot, and in the ledger like every other call. Who must not be asked hears nothing."""
        decision = self.intake.call_ended(call)
        if decision.survey_id is None:
            return Turn("", None)
        return self.picked_up(decision.survey_id, call.call_id, placed=False, hears=hears)

    def picked_up(self, survey_id: str, line: str, placed: bool, hears: bool = False) -> Turn:
        """`line` names the connection; `placed` when we rang."""
        event = PickedUp(line[-10:], self.surveys.office.now(), placed)
        result = self.surveys.apply(survey_id, lambda survey: event) if survey_id else None
        return self._turn(*result, hears) if result else self._nothing_open()

    def pressed(
        self,
        survey_id: str,
        question: str,
        line: str,
        digits: str,
        words: str | None = None,
        caller: str | None = None,
    ) -> Turn:
        """The key belongs to the question it was pressed after, whatever has been asked since.

        `words`: what was spoken, "" where nothing was; None on a line that hears keys only. A key outdoes them.
        `caller`: the number on the line, as far as it shows: whoever refuses is known by it once the survey is not.
        """
        number = parse(caller)
        callers = self.surveys.office.vault.hashes(number.e164) if number else ()

        def answered(survey: Survey) -> Answered:
            reading = aloud.understood(self.surveys.office, survey, question, digits, words)
            return Answered(
                id=f"{line[-8:]}-{question}",
                at=self.surveys.office.now(),
                reading=reading,
                desk=desk_for(self.surveys.office, survey, reading),
                voice=True,
                question=question,
                tongues=tuple(tongue(code) for code in survey.offers),
            )

        result = self.surveys.apply(survey_id, answered, Said(callers=tuple(callers)))
        if result is None:
            return Turn(survey_id, None)
        return self._turn(*result, hears=words is not None, by_word=bool(words and not digits))

    def _turn(self, survey: Survey, effects: tuple[Effect, ...], hears: bool, by_word: bool = False) -> Turn:
        said = next((effect for effect in effects if isinstance(effect, Ask | Tell)), None)
        if said is None:
            return Turn(survey.id, None)
        said = aloud.fitting(said, hears, by_word)
        return Turn(survey.id, aloud.sentences(self.surveys.office, said, survey, hears))

    def _nothing_open(self) -> Turn:
        office = self.surveys.office
        prompts = load(office.policy().default_language)
        return Turn("", spoken(Tell("nothing_open"), None, prompts, office.facts("")))

    # Twilio

    def line_opened(self, form: Form) -> str:
        """Somebody rang the survey's number, or was handed over after the agent (`<Dial action>`)."""
        if form.get("DialCallStatus"):
            return self._said(self.handed_over(self._dialled(form), hears=True))
        office, line = self.surveys.office, form.get("CallSid", "")
        number = parse(form.get("From"))
        caller = office.caller(number.e164) if number else None
        survey_id = (caller.open_survey if caller else None) or ""
        office.store.add_line(line, survey_id, office.now())
        return self._said(self.picked_up(survey_id, line, placed=False, hears=True))

    def _dialled(self, form: Form) -> CallEnded:
        talked = form.get("DialCallDuration", "")
        return CallEnded(
            call_id=form.get("CallSid", ""),
            caller=form.get("From"),
            ended_at=self.surveys.office.now(),
            answered=form["DialCallStatus"] in ("completed", "answered"),
            talk=timedelta(seconds=int(talked)) if talked.isdigit() else None,
            channel="voice",
            on_the_line=True,
        )

    def call_answered(self, survey_id: str, form: Form) -> str:
        """The call we placed was picked up. A machine is never talked to."""
        line = form.get("CallSid", "")
        if not codes.is_machine(form.get("AnsweredBy", "")):
            return self._said(self.picked_up(survey_id, line, placed=True, hears=True))
        survey = self.surveys.office.store.survey(survey_id)
        self.surveys.report(survey_id, len(survey.attempts) if survey else 0, Outcome.MACHINE, line)
        return twiml.hang_up()

    def key_pressed(self, survey_id: str, question: str, form: Form) -> str:
        """The result of a `<Gather>`: Digits, or SpeechResult, or neither."""
        line, digits, words = (form.get(name, "") for name in ("CallSid", "Digits", "SpeechResult"))
        caller = form.get("From" if form.get("Direction", "inbound") == "inbound" else "To")
        return self._said(self.pressed(survey_id, question, line, digits, words, caller))

    def _said(self, turn: Turn) -> str:
        if turn.said is None:
            return twiml.hang_up()
        return twiml.turn(turn.said, self.surveys.office.settings.public_url, turn.survey_id)

    def call_status(self, survey_id: str, attempt: int, form: Form) -> None:
        """How a call we placed ended."""
        if outcome := codes.of_call(form):
            self.surveys.report(survey_id, attempt, outcome, form.get("CallSid"))

    def centre_call_status(self, form: Form) -> None:
        """A call on the centre's own Twilio number ended: maybe one we were handed, maybe the survey's own line."""
        office = self.surveys.office
        ended = call_status(form, office.now())
        if isinstance(ended, NotACall):
            log.info("call status ignored", reason=ended.reason)
            return
        line = office.store.line(ended.call_id)
        if line is None:
            decision = self.intake.call_ended(ended)
            on_this_line = not (decision.first or decision.survey.attempts or decision.survey.superseded_by)
            line = decision.survey_id if on_this_line else None
        if line:
            self.surveys.report(line, 0, Outcome.ENDED)
