"""A text or a key: what counts whatever is open, then by stage."""

from dataclasses import replace

from chalicelib.advance.ends import Step, closed, opted_out, result_fixed
from chalicelib.advance.line import pressed
from chalicelib.advance.questions import asking, consent, done, remarked
from chalicelib.effects import Ask, Effect, OptIn, Tell
from chalicelib.events import Answered
from chalicelib.script import Meaning
from chalicelib.survey import Disposition, Stage, Survey


def heard(s: Survey, e: Answered) -> Step:
    """A text or a key. A closed survey hears it, and stays as it is."""
    if s.stage is Stage.CLOSED:
        return s, _counted(*_whatever_is_open(s, e), e)[1]
    if s.attempts and not e.voice:
        s = replace(s, replied=True)
    if s.stage is Stage.PLANNED and s.asked:  # the text we are about to repeat did arrive
        s = replace(s, stage=Stage.ASKING)
    return _counted(*_whatever_is_open(s, e), e)


def _whatever_is_open(s: Survey, e: Answered) -> Step:
    """What needs no open question first."""
    match e.reading.meaning:
        case Meaning.OPT_OUT:
            return opted_out(s, e.at)
        case Meaning.OPT_IN:
            return s, (OptIn(), Tell("opted_in"))
        case Meaning.END if e.question.startswith("end"):  # the second 0, whatever ended meanwhile
            return opted_out(s, e.at)
        case _ if s.stage is Stage.CLOSED:
            return s, (Tell("late"),)
        case Meaning.HELP:
            return s, (Tell("help"),)
        case Meaning.NOT_ME:
            return _not_me(s, e)
        case _ if e.voice:
            return pressed(s, e)
    return _by_stage(s, e)


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
    return remarked(s, e)  # a text before we wrote: nothing was asked, so nothing is answered


def _not_me(s: Survey, e: Answered) -> Step:
    """ "I never called": nothing more is asked. Answers given before stay, and count."""
    if s.stage is Stage.DONE:
        return s, (Tell("not_me"),)
    if s.answered:
        return result_fixed(replace(s, consent=""), e.at), (Tell("not_me"),)
    return closed(replace(s, disposition=Disposition.NOT_ELIGIBLE), e.at), (Tell("not_me"),)
