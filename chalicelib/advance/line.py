"""The phone line: who is there, and keys for the question in their path."""

from dataclasses import replace

from chalicelib.advance.ends import Step, closed
from chalicelib.advance.questions import REASKS_VOICE, ask, asking, consent, ended_by_key, lead
from chalicelib.effects import Ask, OptOut, Tell
from chalicelib.events import Answered, PickedUp
from chalicelib.script import Meaning, Value
from chalicelib.survey import Disposition, Stage, Survey


def picked_up(s: Survey, e: PickedUp) -> Step:
    """A line is open. On a call we placed the first thing is to know who answers."""
    if s.stage in (Stage.CLOSED, Stage.DONE, Stage.NOT_INVITED):
        return s, (Tell("nothing_open"),)
    if e.placed:
        return s, (Ask("who"),)
    if s.stage is Stage.CONSENT:
        return s, (Ask("consent", "", s.turn),)
    return ask(replace(s, channel="voice" if not s.answers else s.channel), e.at, s.next_question, "welcome")


def pressed(s: Survey, e: Answered) -> Step:
    """A key, a word or silence after `e.question`. One for a question no longer open changes nothing."""
    question, _, turn = e.question.partition("-")
    if question == "who":
        return _who(s, e, int(turn or 1))
    if question == "end":
        return s, (Tell("thanks"),) if e.reading.meaning is not Meaning.END else _never(s, e)[1]
    if e.reading.meaning is not Meaning.EMPTY:
        s = replace(s, replied=True)
    if s.stage is Stage.CONSENT:
        return consent(s, e) if question == "consent" else (s, (Ask("consent", "", s.turn),))
    if s.stage is not Stage.ASKING:
        return s, (Tell("thanks"),)
    if s.asked != (question,):
        return ask(s, e.at, s.next_question, turn=s.turn)
    return asking(s, e)


def _who(s: Survey, e: Answered, turn: int) -> Step:
    """Is this the person who called? Only a pressed 1 makes it so: nothing is asked of anybody else."""
    match e.reading.meaning, e.reading.answers[:1]:
        case Meaning.ANSWERS, (Value.YES,):
            if s.stage is Stage.CONSENT:
                return replace(s, replied=True), (Ask("consent", "", s.turn),)
            s = replace(s, replied=True, channel="voice" if not s.answers else s.channel)
            return ask(s, e.at, s.next_question, "assurance")
        case Meaning.ANSWERS, _:
            if s.answered:
                return s, (Tell("not_the_caller"),)
            somebody_else = replace(s, replied=True, disposition=Disposition.OTHER)
            return closed(somebody_else, e.at), (Ask("end", "not_the_caller"),)
        case Meaning.END, _:
            return ended_by_key(replace(s, replied=True), e)
    if turn <= REASKS_VOICE:
        return s, (Ask("who", lead(e), turn + 1),)
    return s, (Tell("thanks"),)


def _never(s: Survey, e: Answered) -> Step:
    return s, (OptOut(), Tell("opted_out"))
