"""The carrier's news of an attempt, and what they mean for the survey."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.advance.clock import BEHIND, LOOK_AFTER
from chalicelib.advance.ends import Step, closed, result_fixed
from chalicelib.effects import EndQuarantine, OptOut, Wake
from chalicelib.events import Outcome, Reported
from chalicelib.survey import RECEIPTS, Attempt, Disposition, Stage, Survey

DENIED_AFTER = timedelta(seconds=60)  # not in the carrier's list by then: it never happened
REDIAL = timedelta(minutes=45)
DIALS = 3  # the first and two more
LINE_UP = (Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.ENDED)  # what a line that goes down may have been


def reported(s: Survey, e: Reported) -> Step:
    """News of one attempt. News of an attempt whose end is known changes nothing."""
    attempt = s.attempt(e.attempt)
    if attempt is None:  # a line we did not place: the caller rang, or stayed on after the agent
        return _hung_up(s, e) if e.outcome is Outcome.ENDED else (s, ())
    if s.stage is Stage.CLOSED:
        return _late_receipt(s, e, attempt), ()
    if e.outcome is Outcome.ENDED and (attempt.unheard or attempt.outcome in LINE_UP):
        return _hung_up(_noted(s, attempt, e), e)
    if not attempt.unheard and attempt.outcome is not Outcome.ACCEPTED:
        return s, ()
    if e.outcome in (Outcome.NOT_FOUND, Outcome.UNREACHABLE, Outcome.UNKNOWN):
        return _still_unheard(s, e, attempt)
    if e.outcome is Outcome.OPTED_OUT:
        return closed(_noted(s, attempt, e), e.at, ended=Disposition.OPTED_OUT), (OptOut(),)
    return _after_failure(_noted(s, attempt, e), e) if _matters(s, attempt) else (_noted(s, attempt, e), ())


def _matters(s: Survey, attempt: Attempt) -> bool:
    """Whether the survey hangs on this attempt: the latest invitation, and nobody has answered yet."""
    open_ = s.stage in (Stage.PLANNED, Stage.ASKING) and not s.replied
    return open_ and attempt.kind == "invite" and attempt.n == len(s.attempts)


def _noted(s: Survey, attempt: Attempt, e: Reported) -> Survey:
    noted = replace(attempt, outcome=e.outcome, sid=e.sid or attempt.sid)
    if noted == attempt:
        return s
    return replace(s, attempts=(*s.attempts[: attempt.n - 1], noted, *s.attempts[attempt.n :]))


def _after_failure(s: Survey, e: Reported) -> Step:
    """What an invitation's outcome means for the survey (vectors: the carrier's error codes)."""
    tries = sum(attempt.kind == "invite" for attempt in s.attempts)
    match e.outcome:
        case Outcome.LANDLINE if s.channel == "sms" and e.gate.voice and _in_time(s, e):
            return replace(_again(s, e.at), channel="voice"), (Wake(),)
        case Outcome.LANDLINE | Outcome.NEVER:
            return closed(s, e.at), (EndQuarantine(),)
        case Outcome.MACHINE:
            return closed(s, e.at), ()
        case Outcome.NO_ANSWER | Outcome.BUSY:
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
    """Back to planned. Lateness still counts from the first plan where that is given.

    What was asked stays: a text the carrier gave up on is answered all the same, now and then.
    """
    return replace(s, stage=Stage.PLANNED, planned_at=planned_at or at, due_at=at)


def _in_time(s: Survey, e: Reported) -> bool:
    return e.at <= s.attempts[0].at + BEHIND


def _still_unheard(s: Survey, e: Reported, attempt: Attempt) -> Step:
    """It may have happened. Only once the carrier denied it is it made again; until then the clock looks."""
    if not attempt.unheard or e.outcome is Outcome.UNREACHABLE or attempt.outcome is e.outcome:
        return s, ()
    if e.outcome is Outcome.NOT_FOUND and e.at < attempt.at + DENIED_AFTER:
        return s, ()
    s, matters = _noted(s, attempt, e), _matters(s, attempt)
    if not matters:
        return s, ()
    if e.outcome is Outcome.UNKNOWN:
        return replace(s, due_at=e.at + LOOK_AFTER), ()
    return _again(s, e.at, s.planned_at), (Wake(),)


def _hung_up(s: Survey, e: Reported) -> Step:
    """The line went down. What was said is kept; a survey that lives by text goes on there."""
    if s.stage not in (Stage.ASKING, Stage.CONSENT) or not s.by_voice:
        return s, ()
    return result_fixed(s, e.at), ()


def _late_receipt(s: Survey, e: Reported, attempt: Attempt) -> Survey:
    """Within 72 h of closing a receipt still tells a silent caller from a text that never came."""
    fresh = e.outcome is Outcome.DELIVERED is not attempt.outcome
    if not fresh or s.closes_at is None or e.at > s.closes_at + RECEIPTS:
        return s
    disposition = Disposition.NON_CONTACT if s.disposition is Disposition.UNKNOWN else s.disposition
    return replace(_noted(s, attempt, e), disposition=disposition)
