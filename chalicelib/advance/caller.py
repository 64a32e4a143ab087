"""A text or a key: what counts whatever is open, then by stage."""

from dataclasses import replace

from chalicelib.advance.ends import Step, closed
from chalicelib.advance.line import pressed
from chalicelib.advance.questions import asking, consent, done
from chalicelib.effects import Ask, CancelCallback, Effect, KeepRemark, OptIn, OptOut, Tell
from chalicelib.events import Answered
from chalicelib.script import Meaning
from chalicelib.survey import Disposition, Stage, Survey


def heard(s: Survey, e: Answered) -> Step:
    """A text or a key. What needs no open question first, then by stage."""
    match e.reading.meaning:
        case Meaning.OPT_OUT:
            after, effects = _opted_out(s, e)
        case Meaning.OPT_IN:
            after, effects = s, (OptIn(), Tell("opted_in"))
        case _ if s.stage is Stage.CLOSED:
            return s, (Tell("late"),)
        case Meaning.HELP:
            after, effects = s, (Tell("help"),)
        case Meaning.NOT_ME:
            after, effects = _not_me(s, e)
        case _ if e.voice:
            after, effects = pressed(s, e)
        case _:
            after, effects = _by_stage(replace(s, replied=True), e)
    return _counted(after, effects, e)


def _counted(s: Survey, effects: tuple[Effect, ...], e: Answered) -> Step:
    """Texts are paid for: beyond the cap, or where the carrier has answered already, we stay silent."""
    capped = s.stage is not Stage.CLOSED and not e.voice and s.texts >= e.max_texts
    if e.replied or capped:
        effects = tuple(effect for effect in effects if not isinstance(effect, Ask | Tell))
    said = sum(isinstance(effect, Ask | Tell) for effect in effects)
    return replace(s, texts=s.texts + (0 if e.voice else said)), effects


def _by_stage(s: Survey, e: Answered) -> Step:
    match s.stage:
        case Stage.ASKING:
            return asking(s, e)
        case Stage.CONSENT:
            return consent(s, e)
        case Stage.DONE:
            return done(s, e)
        case _:  # a text before we wrote: nothing was asked, so nothing is answered
            return (replace(s, remarks=s.remarks + 1), (KeepRemark(),)) if e.text else (s, ())


def _opted_out(s: Survey, e: Answered) -> Step:
    effects: tuple[Effect, ...] = (OptOut(), Tell("opted_out"))
    if s.consent in ("yes", "given"):
        effects = (CancelCallback(), *effects)
    if s.stage is Stage.CLOSED:
        return s, effects
    return closed(replace(s, replied=True), e.at, ended=Disposition.OPTED_OUT), effects


def _not_me(s: Survey, e: Answered) -> Step:
    disposition = Disposition.OTHER if e.voice else Disposition.NOT_ELIGIBLE
    if s.stage is Stage.DONE or s.answered:
        return s, (Tell("not_me"),)
    return closed(replace(s, replied=True, disposition=disposition), e.at), (Tell("not_me"),)
