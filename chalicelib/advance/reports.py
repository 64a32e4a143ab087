"""The carrier's news of an attempt, and what they mean for the survey."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.advance.clock import BEHIND, LOOK_AFTER
from chalicelib.advance.ends import Step, closed, result_fixed, unsent
from chalicelib.effects import EndQuarantine, OptOut, Wake
from chalicelib.events import Outcome, Reported
from chalicelib.survey import RECEIPTS, Attempt, Disposition, Stage, Survey

DENIED_AFTER = timedelta(seconds=60)  # not in the carrier's list by then: it never happened
LOOKS = 10  # a minute apart; then the outcome stays unknown for good
REDIAL = timedelta(minutes=45)
DIALS = 3  # the first and two more


def reported(s: Survey, e: Reported) -> Step:
    """News of one attempt. News of an attempt whose end is known changes nothing."""
    attempt = s.attempt(e.attempt)
    if attempt is None:  # a line we did not place: the caller rang, or stayed on after the agent
        return _hung_up(s, e) if e.outcome is Outcome.ENDED else (s, ())
    if s.stage is Stage.CLOSED:
        return _late_receipt(s, e, attempt), ()
    if e.outcome is Outcome.ENDED:
        return _hung_up(_noted(s, attempt, e), e)
    if not attempt.unheard and attempt.outcome is not Outcome.ACCEPTED:
        return s, ()
    if e.outcome in (Outcome.NOT_FOUND, Outcome.UNREACHABLE, Outcome.UNKNOWN):
        return _still_unheard(s, e, attempt)
    s = _noted(s, attempt, e)
    if attempt.kind != "invite" and e.outcome is not Outcome.OPTED_OUT:
        return s, ()
    return _after_failure(s, e)


def _noted(s: Survey, attempt: Attempt, e: Reported) -> Survey:
    outcome = attempt.outcome if e.outcome is Outcome.ACCEPTED and not attempt.unheard else e.outcome
    noted = replace(attempt, outcome=outcome, sid=e.sid or attempt.sid)
    return s if noted == attempt else _with(s, noted)


def _with(s: Survey, attempt: Attempt) -> Survey:
    return replace(s, attempts=(*s.attempts[: attempt.n - 1], attempt, *s.attempts[attempt.n :]))


def _after_failure(s: Survey, e: Reported) -> Step:
    """What an invitation's outcome means for the survey (vectors: the carrier's error codes)."""
    tries = sum(attempt.kind == "invite" for attempt in s.attempts)
    match e.outcome:
        case Outcome.OPTED_OUT:
            return closed(s, e.at, ended=Disposition.OPTED_OUT), (OptOut(),)
        case Outcome.LANDLINE if s.channel == "sms" and e.gate.voice and _in_time(s, e):
            return replace(_again(s, e.at), channel="voice"), (Wake(),)
        case Outcome.LANDLINE | Outcome.NEVER:
            return closed(s, e.at), (EndQuarantine(),)
        case Outcome.MACHINE:
            return closed(s, e.at), ()
        case Outcome.NO_ANSWER | Outcome.BUSY if not s.replied:
            again = tries < DIALS
            return (_again(s, e.at + REDIAL), ()) if again else (closed(s, e.at), ())
        case Outcome.ONCE_MORE if tries < 2:
            return _again(s, e.at + timedelta(minutes=10)), ()
        case Outcome.WAIT:
            return _again(s, e.at + timedelta(seconds=30) * 2 ** min(tries - 1, 5), s.planned_at), ()
        case Outcome.STOPPED:
            return _again(s, e.at + timedelta(minutes=10), s.planned_at), ()
    return s, ()


def _again(s: Survey, at: datetime, planned_at: datetime | None = None) -> Survey:
    """Back to planned. Lateness still counts from the first plan where that is given."""
    return replace(s, stage=Stage.PLANNED, planned_at=planned_at or at, due_at=at, asked=())


def _in_time(s: Survey, e: Reported) -> bool:
    return e.at <= s.attempts[0].at + BEHIND


def _still_unheard(s: Survey, e: Reported, attempt: Attempt) -> Step:
    """The carrier does not know, or does not say. Denied is denied; silence for ten looks is for good."""
    looked = replace(
        attempt, outcome=Outcome.UNKNOWN, looks=attempt.looks + (e.outcome is not Outcome.UNKNOWN)
    )
    denied = e.outcome is Outcome.NOT_FOUND and e.at >= attempt.at + DENIED_AFTER
    s = _with(s, replace(looked, outcome=e.outcome) if denied else looked)
    if denied:
        if attempt.kind != "invite":
            return s, ()
        return _again(s, e.at, s.planned_at), (Wake(),)
    if e.outcome is Outcome.UNREACHABLE and looked.looks >= LOOKS and attempt.kind == "invite":
        return unsent(s, e.at, "unknown")
    wait = LOOK_AFTER if e.outcome is Outcome.UNKNOWN else DENIED_AFTER
    return replace(s, due_at=e.at + wait), ()


def _hung_up(s: Survey, e: Reported) -> Step:
    """The line went down. What was said is kept; a survey that lives by text goes on there."""
    if s.stage not in (Stage.ASKING, Stage.CONSENT) or not s.by_voice:
        return s, ()
    return result_fixed(s, e.at), ()


def _late_receipt(s: Survey, e: Reported, attempt: Attempt) -> Survey:
    """Within 72 h of closing a receipt still tells a silent caller from a text that never came."""
    if e.outcome is not Outcome.DELIVERED or s.closes_at is None or e.at > s.closes_at + RECEIPTS:
        return s
    disposition = Disposition.NON_CONTACT if s.disposition is Disposition.UNKNOWN else s.disposition
    return replace(_noted(s, attempt, e), disposition=disposition)
