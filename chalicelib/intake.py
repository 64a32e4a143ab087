"""A call ended: decide once whether it is surveyed, keep the decision, and plan the invitation."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib import eligibility, log
from chalicelib.advance import advance
from chalicelib.dataclass import dataclass
from chalicelib.errors import BadRequest, Conflict
from chalicelib.events import CallEnded, Superseded
from chalicelib.numbers import Number, parse
from chalicelib.policy import Policy
from chalicelib.ports import Office
from chalicelib.prompts import load
from chalicelib.recordings import speakable
from chalicelib.script import QUESTIONS
from chalicelib.service import Surveys
from chalicelib.store import Caller
from chalicelib.survey import Stage, Survey

TRIES = 6
AHEAD = timedelta(
    hours=1
)  # a call cannot have ended later than this from now: their clock, or their zone, is wrong
SOON = timedelta(
    minutes=14
)  # what the queue can delay (15 minutes at most); anything later waits for the sweep


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to the source, the same however often it asks."""

    call_id: str
    survey_id: str | None
    reason: str | None
    first: bool  # decided now: 202; else decided before: 200
    survey: Survey

    def body(self) -> dict[str, str | None]:
        decision = "not_invited" if self.reason else "invited"
        return {
            "call_id": self.call_id,
            "survey_id": self.survey_id,
            "decision": decision,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Intake:
    office: Office
    surveys: Surveys

    def call_ended(self, call: CallEnded) -> Decision:
        """Raises BadRequest for a call from the future, Conflict when too many calls of one caller end at once."""
        office, now = self.office, self.office.now()
        if call.ended_at > now + AHEAD:
            raise BadRequest("ended_at", "is in the future")
        survey_id = office.vault.survey_id(call.call_id)
        for turn in range(TRIES):
            if existing := office.store.survey(survey_id, strong=turn > 0):
                return _decided(existing, first=False)
            survey = self._decide(call, survey_id)
            if survey and office.store.add_survey(survey, now):
                log.metric("CallsNotInvited" if survey.stage is Stage.NOT_INVITED else "CallsInvited")
                return _decided(survey, first=True)
        raise Conflict(f"call {call.call_id}: too many calls of this caller at once; send it again")

    def told(self, call: CallEnded) -> Decision:
        """The same for sources that tell of one call in several messages, in any order.

        What a later message knows better is put right while nothing has been sent: a person did answer after all, or
        the call was handed on to another queue.
        """
        decision = self.call_ended(call)
        return decision if decision.first else self._amended(decision, call)

    def _amended(self, decision: Decision, call: CallEnded) -> Decision:
        known, office = decision.survey, self.office
        if known.reason == "unanswered" and known.stage is Stage.NOT_INVITED and call.answered:
            better = self._decide(call, known.id)
        elif len(call.chain) > len(known.chain) and not known.attempts and known.stage is not Stage.CLOSED:
            better = replace(known, queue=call.queue, team=call.team, agent=call.agent, chain=call.chain)
        else:
            return decision
        if better is None or not office.store.save_survey(known, better, office.now()):
            return decision
        return _decided(replace(better, version=known.version + 1), first=False)

    def _decide(self, call: CallEnded, survey_id: str) -> Survey | None:
        """The call's record, its caller claimed and its invitation queued; None: someone was first, look again."""
        office, policy = self.office, self.office.policy()
        number = None if eligibility.withheld(call.caller) else parse(call.caller)
        if number and number.e164 in (office.settings.sender, office.settings.voice_from):
            number = None  # our own number never called anybody
        caller = office.caller(number.e164) if number else None
        open_survey = self._open_survey(caller, survey_id)
        takes_over = (
            open_survey is not None and not open_survey.replied and call.ended_at > open_survey.ended_at
        )
        standing = eligibility.Standing(
            key=next((key for key in caller.keys if key in policy.allow_list), None) if caller else None,
            opted_out=bool(caller and caller.opted_out),
            survey_open=open_survey is not None and not takes_over,
            takes_over=takes_over,
            quarantine_until=caller.quarantine_until if caller and caller.open_survey != survey_id else None,
            invited_today=self.office.invited_today(),
        )
        last = open_survey.language if open_survey else self._last_language(caller)
        language, source = eligibility.language_for(call, last, policy)
        now, zone = office.now(), office.settings.zone
        case = eligibility.Case(call, number, standing, language, policy, zone, now)
        reason = eligibility.reason_not_to_invite(case)
        survey = self._record(call, survey_id, language or policy.default_language, source, reason)
        if caller and caller.surveys and caller.surveys[-1] != survey_id:
            self.surveys.callbacks.rang_again(caller.surveys[-1], call)
        if reason or number is None or caller is None:
            return survey
        survey = self._planned(survey, call, number, caller, policy)
        return self._claimed(survey, caller, open_survey if takes_over else None)

    def _open_survey(self, caller: Caller | None, survey_id: str) -> Survey | None:
        others = [known for known in caller.surveys if known != survey_id] if caller else []
        survey = self.office.store.survey(others[-1]) if others else None
        if (
            survey is None or survey.superseded_by == survey_id
        ):  # taken over by this very call, before a crash
            return survey
        return survey if survey.stage in (Stage.PLANNED, Stage.ASKING, Stage.CONSENT) else None

    def _last_language(self, caller: Caller | None) -> str | None:
        if caller is None or not caller.surveys:
            return None
        last = self.office.store.survey(caller.surveys[-1])
        return last.language if last and last.answers else None

    def _record(
        self, call: CallEnded, survey_id: str, language: str, source: str, reason: str | None
    ) -> Survey:
        zone = self.office.settings.zone
        return Survey(
            id=survey_id,
            call_id=call.call_id,
            ended_at=call.ended_at.replace(microsecond=0),
            local_day=call.ended_at.astimezone(zone).date(),
            stage=Stage.NOT_INVITED,
            queue=call.queue,
            team=call.team,
            agent=call.agent,
            chain=call.chain,
            reason=reason,
            language=language,
            language_from=source,
            callback_consent=call.callback_consent,
        )

    def _planned(
        self, survey: Survey, call: CallEnded, number: Number, caller: Caller, policy: Policy
    ) -> Survey:
        now = self.office.now()
        planned_at = now + timedelta(seconds=0 if call.on_the_line else policy.invite_delay_seconds)
        held = self.office.policy().quiet_until(planned_at, self.office.settings.zone)
        first_look = timedelta(hours=policy.reminder_hours or policy.expiry_hours)
        soon = held is None and planned_at - now <= SOON
        channel = eligibility.channel(call, number, survey.language, policy)
        if channel == "voice" and not speakable(load(survey.language), self.office.facts("")):
            # nobody to say it: in the language of the house
            survey = replace(survey, language=policy.default_language, language_from="default")
        offers = _offers(survey, policy)
        return replace(
            survey,
            stage=Stage.PLANNED,
            channel=channel,
            wording=load(survey.language).version,
            style="one_by_one" if offers else policy.style,
            offers=offers,
            caller=caller.key,
            sealed=self.office.vault.seal(number.e164, survey.id),
            planned_at=held or planned_at,
            due_at=planned_at + first_look if soon else held or planned_at,
        )

    def _claimed(self, survey: Survey, caller: Caller, over: Survey | None) -> Survey | None:
        office, now = self.office, self.office.now()
        if over:
            taken = self._taken_over(survey, over, now)
            if taken is None:
                return None
            survey = taken
        until = now + timedelta(days=office.policy().quarantine_days)
        if not office.store.claim_caller(caller, survey.id, over.id if over else None, until, now):
            return None
        if survey.stage is Stage.PLANNED and survey.planned_at and survey.planned_at - now <= SOON:
            office.queue.look("survey", survey.id, max(survey.planned_at - now, timedelta(seconds=1)))
        return survey

    def _taken_over(self, survey: Survey, over: Survey, now: datetime) -> Survey | None:
        """The newer call takes the invitation: what was sent counts as sent for it, and nothing is sent twice."""
        if over.superseded_by != survey.id:
            closed, _ = advance(over, Superseded(now, by=survey.id))
            if not self.office.store.save_survey(over, closed, now):
                return None
        if not over.attempts or survey.channel != over.channel:
            return survey
        shown = QUESTIONS if over.style == "all_in_one" else QUESTIONS[:1]
        return replace(
            survey,
            stage=Stage.PLANNED if over.stage is Stage.PLANNED else Stage.ASKING,
            language=over.language,
            language_from=over.language_from,
            offers=over.offers,
            wording=over.wording,
            style=over.style,
            attempts=over.attempts,
            asked=over.asked or shown,
            asked_at=over.asked_at or over.attempts[-1].at,
            texts=over.texts,
            reminded=over.reminded,
            due_at=over.due_at or survey.due_at,
        )


def _offers(survey: Survey, policy: Policy) -> tuple[str, ...]:
    """The languages offered as 5 and 6 where ours is only assumed."""
    if survey.language_from in ("call", "last"):
        return ()
    listed = policy.for_queue("offered_languages", survey.queue) or ()
    return tuple(code for code in listed if code in policy.languages and code != survey.language)[:2]


def _decided(survey: Survey, first: bool) -> Decision:
    invited = survey.stage is not Stage.NOT_INVITED
    return Decision(
        survey.call_id, survey.id if invited else None, None if invited else survey.reason, first, survey
    )
