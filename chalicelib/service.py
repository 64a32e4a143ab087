"""One survey, one event: load, advance, commit, perform. The only place that sequences those four.

What the machine decided is stored before it is done. A conflict means someone was first: load again, advance again.
An opt-out alone is done before it is stored, so that no crash can lose it.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib import log
from chalicelib.advance import advance
from chalicelib.dataclass import dataclass
from chalicelib.desk import Callbacks
from chalicelib.effects import (
    Ask,
    CancelCallback,
    ChangeNumber,
    Dial,
    Effect,
    EndQuarantine,
    KeepRemark,
    LookUp,
    OpenCallback,
    OptIn,
    OptOut,
    Send,
    Wake,
)
from chalicelib.errors import CarrierError, Conflict
from chalicelib.events import Due, Event, Outcome, Reported
from chalicelib.numbers import screened
from chalicelib.ports import Office
from chalicelib.survey import Attempt, Stage, Survey
from chalicelib.wording import text

TRIES = 6  # a record changed six times while we looked at it is no coincidence


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller just wrote, for the effects that keep it."""

    id: str = ""  # of the event it came with
    text: str = ""
    number: str | None = None
    callers: tuple[str, ...] = ()  # the caller's keys: of the record in use, then all


NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Surveys:
    """The loop."""

    office: Office
    callbacks: Callbacks

    def apply(
        self, survey_id: str, event_for: Callable[[Survey], Event], said: Said = NOTHING
    ) -> tuple[Survey, tuple[Effect, ...]] | None:
        """The survey after the event, and what it led to. None for an unknown id. Raises Conflict after TRIES."""
        store = self.office.store
        for turn in range(TRIES):
            survey = store.survey(survey_id, strong=turn > 0)
            if survey is None:
                if turn:
                    return None
                continue
            event = event_for(survey)
            after, effects = advance(survey, event)
            if OptOut() in effects and (caller := survey.caller or next(iter(said.callers), None)):
                self.opt_out(caller)
            if after is survey or self._saved(survey, after):
                self._perform(survey, after, effects, said)
                return after, effects
        raise Conflict(f"survey {survey_id} keeps changing")

    def _saved(self, before: Survey, after: Survey) -> bool:
        saved = self.office.store.save_survey(before, after, self.office.now())
        if saved and after.disposition is not before.disposition and after.disposition:
            log.metric(f"Survey{after.disposition.name.title().replace('_', '')}")
        if saved and after.reason and not before.reason:
            log.metric(f"NotSent{after.reason.title().replace('_', '')}")
        return saved

    def look(self, survey_id: str) -> None:
        """The clock's turn: whatever is due for this survey happens now."""

        def due(survey: Survey) -> Due:
            may_send = survey.stage in (Stage.PLANNED, Stage.ASKING)
            caller = self.office.caller_of(survey) if may_send else None
            return Due(self.office.now(), self.office.gate(survey, caller is not None and caller.opted_out))

        if self.apply(survey_id, due) is None:
            log.info("look: no such survey", survey=survey_id)

    def report(self, survey_id: str, attempt: int, outcome: Outcome, sid: str | None = None) -> None:
        """The carrier's news of one attempt. A survey that was taken over passes it on to the one that did."""

        def reported(survey: Survey) -> Reported:
            return Reported(attempt, self.office.now(), outcome, self.office.gate(survey), sid)

        result = self.apply(survey_id, reported)
        if result and result[0].superseded_by:
            self.report(result[0].superseded_by, attempt, outcome, sid)

    def opt_out(self, caller: str) -> None:
        """From now on this number is never invited; a call not yet claimed is no longer owed."""
        self.office.store.opt_out(caller, self.office.now())
        log.metric("OptOut")
        known = self.office.store.caller(caller)
        if known.surveys:
            self.callbacks.cancel(known.surveys[-1])

    def _perform(self, before: Survey, survey: Survey, effects: tuple[Effect, ...], said: Said) -> None:
        """Ask and Tell are said in the answer to the webhook, OptOut was done before the commit."""
        for effect in effects:
            match effect:
                case Send(n) | Dial(n) if attempt := survey.attempt(n):
                    self._reach(survey, attempt)
                case LookUp(n) if attempt := survey.attempt(n):
                    self._look_up(survey, attempt)
                case Wake():
                    self.office.queue.look("survey", survey.id)
                case KeepRemark(n):
                    self.office.store.add_remark(survey, n, screened(said.text), self.office.now())
                case _:
                    self._settle(before, survey, effect, said)

    def _settle(self, before: Survey, survey: Survey, effect: Effect, said: Said) -> None:
        """What concerns the caller's standing and the call owed.

        An event the carrier repeats must not outdo what the caller has said since: what holds now decides.
        """
        match effect:
            case OptIn():
                self.office.store.opt_in(said.id, *dict.fromkeys(said.callers), at=self.office.now())
            case EndQuarantine() if before.caller:
                self.office.store.end_quarantine(before.caller, survey.id)
            case OpenCallback() if survey.owed:
                self.callbacks.open(survey)
            case CancelCallback() if not survey.owed:
                self.callbacks.cancel(survey.id)
            case ChangeNumber() if said.number and survey.seen[-1][0] == said.id:
                self.callbacks.change_number(survey.id, said.number)

    def _reach(self, survey: Survey, attempt: Attempt) -> None:
        """The paid part. Its attempt is stored already; plain success is not stored again: the receipt will tell."""
        if survey.sealed is None:
            return
        number, office = office_number(self.office, survey), self.office
        status = f"{survey.id}/{attempt.n}"
        try:
            if attempt.voice:
                path = f"/webhooks/twilio/voice/{survey.id}"
                office.carrier.call(number, path, f"/webhooks/twilio/voice-status/{status}")
            else:
                receipt = f"/webhooks/twilio/sms-status/{status}" if attempt.kind == "invite" else None
                office.carrier.send(number, self._body(survey, attempt), receipt)
        except CarrierError as error:
            log.metric("SendFailed")
            log.info(
                "attempt failed", survey=survey.id, attempt=attempt.n, outcome=error.outcome, code=error.code
            )
            self.report(survey.id, attempt.n, error.outcome)
        else:
            log.metric("CallsPlaced" if attempt.voice else "TextsSent")

    def _look_up(self, survey: Survey, attempt: Attempt) -> None:
        number = office_number(self.office, survey)
        try:
            if attempt.voice:
                outcome, sid = self.office.carrier.look_up_call(number, attempt.at)
            else:
                outcome, sid = self.office.carrier.look_up_text(
                    number, self._body(survey, attempt), attempt.at
                )
        except CarrierError:
            outcome, sid = Outcome.UNREACHABLE, None
        log.info("attempt looked up", survey=survey.id, attempt=attempt.n, outcome=outcome)
        self.report(survey.id, attempt.n, outcome, sid)

    def _body(self, survey: Survey, attempt: Attempt) -> str:
        """The wording of a text we sent or are about to: the same whenever it is made again."""
        everything = survey.style == "all_in_one" and attempt.kind == "invite"
        effect = Ask("all" if everything else (survey.asked or ("service",))[0], attempt.kind)
        local_day = attempt.at.astimezone(self.office.settings.zone).date()
        facts = replace(self.office.facts(survey.queue), today=local_day)
        return text(effect, survey, self.office.prompts(survey), facts)


def office_number(office: Office, survey: Survey) -> str:
    """The caller's number, unsealed: it lives in this process as long as the request."""
    assert survey.sealed is not None
    return office.vault.open(survey.sealed, survey.id)
