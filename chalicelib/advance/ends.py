"""How a survey ends: the result fixed, the record frozen, the disposition in AAPOR's words."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.effects import CancelCallback, Effect, EndQuarantine, OptOut, Tell
from chalicelib.events import Outcome
from chalicelib.script import QUESTIONS, Value
from chalicelib.survey import Disposition, Stage, Survey

Step = tuple[Survey, tuple[Effect, ...]]
OPEN_AFTER = timedelta(hours=24)  # after the last question: remarks, corrections, consent
NOT_MADE = (None, Outcome.UNKNOWN, Outcome.NOT_FOUND, Outcome.WAIT, Outcome.STOPPED)  # or not for certain
_UNSETTLED = (Outcome.UNKNOWN, Outcome.NOT_FOUND, Outcome.ONCE_MORE, Outcome.WAIT, Outcome.STOPPED)


def result_fixed(s: Survey, at: datetime, ended: Disposition | None = None) -> Survey:
    """The result counts from now; the record stays open for what comes after."""
    closes_at = at + OPEN_AFTER
    disposition = s.disposition or _disposition(s, ended)
    s = replace(s, stage=Stage.DONE, disposition=disposition, closes_at=closes_at, due_at=closes_at)
    return replace(s, asked=(), ring=False, planned_at=None, asked_at=None)


def closed(
    s: Survey,
    at: datetime,
    ended: Disposition | None = None,
    reason: str | None = None,
    superseded_by: str | None = None,
) -> Survey:
    """Frozen, and without the number. A survey that reached nobody says why in `reason`."""
    return replace(
        s,
        stage=Stage.CLOSED,
        disposition=None if reason else s.disposition or _disposition(s, ended),
        reason=reason,
        superseded_by=superseded_by,
        asked=(),
        ring=False,
        caller=None,
        sealed=None,
        closes_at=at,
        due_at=None,
    )


def unsent(s: Survey, at: datetime, reason: str) -> Step:
    """Nothing of ours went out: no case of the survey. Where a telephone rang in vain it was one, and ends as one."""
    if s.replied or any(attempt.outcome not in NOT_MADE for attempt in s.attempts):
        return closed(s, at), ()
    return closed(s, at, reason=reason), (EndQuarantine(),)


def opted_out(s: Survey, at: datetime) -> Step:
    """At once, and it outranks what the survey was until now, unless two of the three are answered."""
    if s.stage is Stage.CLOSED:
        return s, (OptOut(), Tell("opted_out"))
    effects: tuple[Effect, ...] = (*((CancelCallback(),) if s.owed else ()), OptOut(), Tell("opted_out"))
    s = replace(s, consent="withdrawn") if s.owed else s
    if s.stage is Stage.PLANNED and not s.attempts:
        return closed(s, at, reason="opted_out"), effects
    if s.disposition not in (Disposition.OTHER, Disposition.NOT_ELIGIBLE):
        s = replace(s, disposition=None)
    return closed(s, at, ended=Disposition.OPTED_OUT), effects


def _disposition(s: Survey, ended: Disposition | None) -> Disposition:
    """AAPOR 2023, as methodology fixes it: by answers; without any, by what we know of the silence."""
    if s.answered == 3:
        return Disposition.COMPLETE
    if s.answered == 2:
        return Disposition.PARTIAL
    if s.answered == 1:
        return ended if ended is Disposition.OPTED_OUT else Disposition.BREAK_OFF
    if ended is not None:
        return ended
    if len(s.answers) == len(QUESTIONS) and set(s.answers.values()) == {Value.SKIPPED}:
        return Disposition.REFUSED
    if s.replied:
        return Disposition.BREAK_OFF
    if s.channel == "voice" and not s.attempts:
        return Disposition.REFUSED  # stayed on the line, and hung up at the offer
    reached = any(attempt.outcome not in (None, Outcome.ACCEPTED, *_UNSETTLED) for attempt in s.attempts)
    return Disposition.NON_CONTACT if reached else Disposition.UNKNOWN
