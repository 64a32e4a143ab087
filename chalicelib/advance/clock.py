"""The clock: send, look up, remind, expire, close, whichever its time has come for."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.advance.ends import Step, closed, unsent
from chalicelib.effects import Dial, LookUp, Send
from chalicelib.events import Due
from chalicelib.script import QUESTIONS
from chalicelib.survey import Attempt, Stage, Survey

BEHIND = timedelta(hours=2)  # an invitation later than this, because we are behind, is not sent
HELD = timedelta(hours=18)  # one that waits for allowed hours may wait this long after the call
CONSENT_AFTER_CALL = timedelta(hours=72)  # a late "yes, call me" still counts
HARD_END = timedelta(hours=52)  # after the first attempt, whatever was asked since
LOOK_AFTER = timedelta(seconds=20)  # an attempt unheard of for so long is looked up; our own time-out is 10 s
LOOK_EVERY = timedelta(minutes=1)
LOOKS = 10  # then its outcome stays unknown for good
SLACK = timedelta(minutes=5)  # a reminder this early beats moving `due_at`, which costs more than the text


def due(s: Survey, e: Due) -> Step:
    """Look at the survey: send, look up, remind, expire or close, whichever its time has come for."""
    if s.stage in (Stage.CLOSED, Stage.NOT_INVITED):
        return replace(s, due_at=None) if s.due_at else s, ()
    match s.stage:
        case Stage.PLANNED:
            return _reach_out(s, e)
        case Stage.ASKING if _waits_for_word(s):
            return _look_up(s, e)
        case Stage.ASKING if s.ring and e.gate.voice and not e.gate.refused:
            return _attempt(replace(s, ring=False), e, "ring", voice=True)
        case Stage.ASKING:
            return _remind_or_expire(replace(s, ring=False) if s.ring else s, e)
        case Stage.CONSENT:
            return _consent_expires(s, e), ()
        case _ if s.closes_at is None or e.at >= s.closes_at:
            return closed(s, e.at), ()
    return _waiting(s, s.closes_at, e.at), ()


def _waits_for_word(s: Survey) -> bool:
    """Nobody has said whether the invitation went out: neither the carrier nor the caller."""
    return bool(s.attempts) and s.attempts[-1].kind == "invite" and s.attempts[-1].unheard and not s.replied


def _look_up(s: Survey, e: Due) -> Step:
    """Nothing more is sent while the last attempt may still have reached the caller; ten looks, and we give up."""
    last = s.attempts[-1]
    if e.at < last.at + LOOK_AFTER:
        return _waiting(s, last.at + LOOK_AFTER, e.at), ()
    if last.looks and s.due_at and e.at < s.due_at:
        return s, ()
    if last.looks >= LOOKS:
        return unsent(s, e.at, "unknown")
    looked = replace(last, looks=last.looks + 1)
    return replace(s, attempts=(*s.attempts[:-1], looked), due_at=e.at + LOOK_EVERY), (LookUp(last.n),)


def _reach_out(s: Survey, e: Due) -> Step:
    planned = s.planned_at or e.at
    if s.attempts and s.due_at and e.at < s.due_at:  # tried before: again in its own time
        return s, ()
    if e.at < planned:
        return (s if s.due_at and e.at < s.due_at else replace(s, due_at=planned)), ()
    if e.gate.refused:
        return unsent(s, e.at, e.gate.refused)
    if e.gate.open_at:
        if e.gate.open_at > s.ended_at + HELD:
            return unsent(s, e.at, "too_late")
        return replace(s, planned_at=e.gate.open_at, due_at=e.gate.open_at), ()
    if e.at > planned + BEHIND:
        return unsent(s, e.at, "too_late")
    if s.channel == "voice" and not e.gate.voice:
        return unsent(s, e.at, "killed")
    return _attempt(s, e, "invite", voice=s.channel == "voice")


def _attempt(s: Survey, e: Due, kind: str, voice: bool) -> Step:
    """Record the attempt; the effect is performed only once that is stored."""
    n = len(s.attempts) + 1
    s = replace(s, attempts=(*s.attempts, Attempt(n, kind, voice, e.at)))
    if voice:
        if s.stage is Stage.PLANNED:
            s = replace(s, stage=Stage.ASKING, asked_at=e.at)
        return replace(s, due_at=e.at + LOOK_AFTER * 6), (Dial(n),)
    shown = QUESTIONS if kind == "invite" and s.style == "all_in_one" else (s.next_question or QUESTIONS[0],)
    s = replace(s, stage=Stage.ASKING, asked=s.asked or shown, asked_at=e.at, texts=s.texts + 1)
    return _waiting(s, e.at + min(e.gate.reminder or e.gate.expiry, e.gate.expiry), e.at), (Send(n),)


def _remind_or_expire(s: Survey, e: Due) -> Step:
    asked_at = s.asked_at or e.at
    ends = min(asked_at + e.gate.expiry, s.attempts[0].at + HARD_END if s.attempts else asked_at + HARD_END)
    if e.at >= ends:
        return closed(s, e.at), ()
    if s.reminded or s.by_voice or e.gate.reminder is None:
        return _waiting(s, ends, e.at), ()
    remind_at = max(asked_at + e.gate.reminder - SLACK, e.gate.open_at or asked_at)
    if e.gate.refused or remind_at >= ends:
        return _waiting(s, ends, e.at), ()
    if e.at < remind_at:
        return _waiting(s, remind_at + SLACK, e.at), ()
    s = replace(s, reminded=True, turn=1, charged=0)
    s, effects = _attempt(s, e, "reminder", voice=False)
    return replace(s, due_at=e.at + e.gate.expiry), effects


def _consent_expires(s: Survey, e: Due) -> Survey:
    """Silence is no consent; but a late "yes, call me" is still taken for a while."""
    expires = (s.asked_at or e.at) + e.gate.expiry
    if e.at < expires:
        return _waiting(s, expires, e.at)
    ends = max(s.ended_at + CONSENT_AFTER_CALL, e.at)
    return _waiting(replace(s, stage=Stage.DONE, closes_at=ends), ends, e.at)


def _waiting(s: Survey, until: datetime, now: datetime) -> Survey:
    """Look again at `until`. A stored look that comes earlier, but is still ahead, does: moving it costs two writes."""
    if s.due_at and now < s.due_at <= until:
        return s
    return replace(s, due_at=until)
