"""Texts and their receipts, as events; and what the caller reads back, as TwiML."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from chalicelib import log
from chalicelib.carrier import codes, twiml
from chalicelib.dataclass import dataclass
from chalicelib.effects import Ask, Effect, Tell
from chalicelib.errors import BadRequest
from chalicelib.events import Answered, Desk, Outcome, Tongue
from chalicelib.numbers import Number, in_text, parse, screened
from chalicelib.ports import Office
from chalicelib.prompts import Prompts, load, stops
from chalicelib.reading import read
from chalicelib.script import Meaning, Reading, Value
from chalicelib.service import Said, Surveys
from chalicelib.store import Caller
from chalicelib.survey import Stage, Survey
from chalicelib.wording import Facts, text

Form = Mapping[str, str]
ONE_ANSWER = timedelta(hours=24)  # to however many late texts
LONGEST_REMARK = 1600  # a whole text of the carrier's
_TAKEN = {"STOP": Meaning.OPT_OUT, "HELP": Meaning.HELP}
PLAIN = 40  # characters: "please call me on […] instead, thank you"


@dataclass(frozen=True, slots=True)
class Conversation:
    surveys: Surveys

    def text_came(self, form: Form) -> str:
        """TwiML to answer an inbound text with. It is the caller's one open survey's, or it is late.

        Raises BadRequest without a MessageSid: two texts could not be told from one that came twice.
        """
        office = self.surveys.office
        sender = parse(form.get("From"))
        if sender is None:  # a short code or a name: nobody we asked anything
            return twiml.messages([])
        if not form.get("MessageSid"):
            raise BadRequest("MessageSid", "is required")
        caller = office.caller(sender.e164)
        survey_id = caller.open_survey
        result = None
        other = in_text(form.get("Body", ""), sender.region)
        callers = (caller.key, *caller.keys)
        body = form.get("Body", "")[:LONGEST_REMARK]
        said = Said(_event_id(form), body, other.e164 if other else None, callers)
        if survey_id:
            result = self.surveys.apply(survey_id, lambda survey: self._answered(survey, form, sender), said)
        if result and result[0].stage is not Stage.CLOSED:
            return self._texts(*result, form, sender)
        if result and Tell("late") not in result[1] and result[1]:
            return self._texts(*result, form, sender)
        return self._nothing_open(form, caller, other)

    def _answered(self, survey: Survey, form: Form, sender: Number) -> Answered:
        office, body = self.surveys.office, form.get("Body", "")
        prompts = office.prompts(survey)
        shown = 1 if survey.stage in (Stage.CONSENT, Stage.DONE) else len(survey.asked)
        reading = read(
            body,
            prompts.words,
            shown,
            self._our_texts(survey, prompts),
            offers=len(survey.offers),
            stops=stops(office.policy().languages),
        )
        reading = as_carrier_took_it(form, reading)
        other = in_text(body, sender.region) if survey.stage is Stage.DONE and self._owed(survey) else None
        return Answered(
            id=_event_id(form),
            at=office.now(),
            reading=reading,
            desk=desk_for(office, survey, reading),
            tongues=tuple(tongue(code) for code in survey.offers),
            other=self._othertongue(survey, body, reading),
            number=other.e164 if other else None,
            text=worth_keeping(body, other is not None),
            replied="OptOutType" in form and reading.meaning is not Meaning.ANSWERS,
            voice_on=office.can_ring(survey),
            max_texts=office.policy().max_texts,
        )

    def _owed(self, survey: Survey) -> bool:
        """Whether we still owe this caller a call: somebody may have rung meanwhile."""
        row = self.surveys.office.store.callback(survey.id) if survey.owed else None
        return row is not None and not row.finished

    def _our_texts(self, survey: Survey, prompts: Prompts) -> tuple[str, ...]:
        """What a phone's reaction may be quoting: the texts this survey can have sent."""
        facts = self.surveys.office.facts(survey.queue)
        asks = [Ask(question, lead) for question in survey.asked for lead in ("invite", "reminder", "")]
        last = [effect for event, _ in survey.seen[-1:] for effect in survey.recorded(event) or ()]
        said = [effect for effect in (*asks, *last) if isinstance(effect, Ask | Tell)]
        return tuple(text(effect, survey, prompts, facts) for effect in said)

    def _othertongue(self, survey: Survey, body: str, reading: Reading) -> Tongue | None:
        """The one other live language in which a short reply that makes no sense here is a plain yes or no."""
        if reading.meaning is not Meaning.UNCLEAR or reading.long or survey.language_from == "caller":
            return None
        others = [code for code in self.surveys.office.policy().languages if code != survey.language]
        return answering_in(body, others)

    def _texts(self, survey: Survey, effects: tuple[Effect, ...], form: Form, sender: Number) -> str:
        office = self.surveys.office
        other = in_text(form.get("Body", ""), sender.region)
        facts = office.facts(survey.queue, other.e164 if other else "")
        replies = [effect for effect in effects if isinstance(effect, Ask | Tell)]
        return twiml.messages([text(effect, survey, office.prompts(survey), facts) for effect in replies])

    def _nothing_open(self, form: Form, caller: Caller, other: Number | None) -> str:
        """No open survey: STOP, START, HELP still count, and what a call still owed depends on.

        Everything else gets one polite answer a day.
        """
        office, policy = self.surveys.office, self.surveys.office.policy()
        last = office.store.survey(caller.surveys[-1]) if caller.surveys else None
        prompts = load(last.language if last and last.language else policy.default_language)
        carrier_spoke = "OptOutType" in form
        reading = read(form.get("Body", ""), prompts.words, 0, stops=stops(office.policy().languages))
        match as_carrier_took_it(form, reading).meaning:
            case Meaning.OPT_OUT:
                self.surveys.opt_out(caller.key)
                reply = "opted_out"
            case Meaning.OPT_IN:
                office.store.opt_in(_event_id(form), *caller.keys, at=office.now())
                reply = "opted_in"
            case Meaning.HELP:
                reply = "help"
            case _ if told := self._of_the_call_owed(last, form.get("Body", ""), other):
                return twiml.messages([told])
            case _:
                if caller.opted_out or (
                    caller.told_late_at and office.now() < caller.told_late_at + ONE_ANSWER
                ):
                    return twiml.messages([])
                office.store.told_late(caller.key, office.now())
                reply = "late"
        if carrier_spoke:
            return twiml.messages([])
        return twiml.messages([_plain(reply, prompts, office.facts(last.queue if last else ""))])

    def _of_the_call_owed(self, last: Survey | None, body: str, other: Number | None) -> str | None:
        """Until we have rung, our texts say, "NO" calls it off and another number replaces the one to ring."""
        if last is None or not last.owed:
            return None
        office, callbacks = self.surveys.office, self.surveys.callbacks
        prompts = office.prompts(last)
        if read(body, prompts.words, shown=1).declines and callbacks.cancel(last.id):
            return _plain("no_callback", prompts, office.facts(last.queue))
        row = callbacks.change_number(last.id, other.e164) if other else None
        if row is None or other is None:
            return None
        day = row.due_at.astimezone(office.settings.zone).date()
        return _plain("other_number", prompts, replace(office.facts(last.queue, other.e164), today=day))

    def text_status(self, survey_id: str, attempt: int, form: Form) -> None:
        """A delivery report. What is only on its way costs nothing, not even a read."""
        code = form.get("ErrorCode", "")
        outcome = codes.of_message(form.get("MessageStatus", ""), int(code) if code.isdigit() else None)
        if outcome:
            log.metric("TextUndelivered", outcome is not Outcome.DELIVERED)  # its average is the share
            self.surveys.report(survey_id, attempt, outcome, form.get("MessageSid"))


def _event_id(form: Form) -> str:
    """The end of the MessageSid: it tells apart what one caller writes."""
    return form.get("MessageSid", "")[-10:]


def desk_for(office: Office, survey: Survey, reading: Reading) -> Desk:
    """Looked up only where the reply can lead to a promise."""
    needed = Value.NO in reading.answers or survey.stage in (Stage.CONSENT, Stage.DONE)
    return office.desk(survey) if needed else Desk()


def as_carrier_took_it(form: Form, reading: Reading) -> Reading:
    """A keyword of the number's own list, which Twilio has acted on and answered: so it means that to us as well.

    But an answer stays one: a list may hold "no" by mistake. START is not among them, for Twilio opts in on "YES" too.
    """
    taken = _TAKEN.get(form.get("OptOutType", ""))
    ours = reading.answers or reading.meaning is Meaning.OPT_OUT
    return Reading(taken) if taken and not ours else reading


def worth_keeping(body: str, number: bool) -> bool:
    """Whether a person should read it. Besides a number to ring there must be more than what goes with one."""
    return len(screened(body).strip()) > PLAIN if number else bool(body.strip())


def answering_in(body: str, languages: Iterable[str]) -> Tongue | None:
    """The one of these languages in which a text is a plain yes or no."""
    readings = {code: read(body, load(code).words, shown=1) for code in languages}
    plain = [code for code, one in readings.items() if one.meaning is Meaning.ANSWERS and one.plain]
    return tongue(plain[0]) if len(plain) == 1 else None


def tongue(code: str) -> Tongue:
    return Tongue(code, load(code).version)


def _plain(reply: str, prompts: Prompts, facts: Facts) -> str:
    return text(Tell(reply), None, prompts, facts)
