"""The phone line: who is there, and keys for the question in their path."""

from dataclasses import replace

from chalicelib.advance.ends import Step, result_fixed
from chalicelib.advance.questions import (
    REASKS_VOICE,
    ask,
    asking,
    chosen,
    consent,
    ended_by_key,
    lead,
    spoken_in,
)
from chalicelib.effects import Ask, Tell
from chalicelib.events import Answered, PickedUp
from chalicelib.script import Meaning, Value
from chalicelib.survey import Disposition, Stage, Survey

OPEN = (Stage.PLANNED, Stage.ASKING, Stage.CONSENT)


def picked_up(s: Survey, e: PickedUp) -> Step:
    """A line is open. On a call we placed the first thing is to know who answers."""
    if s.stage not in OPEN:
        return s, (Tell("nothing_open"),)
    if e.placed:
        return s, (Ask("who"),)
    if s.stage is Stage.CONSENT:
        return s, (Ask("consent", "", s.turn),)
    return ask(s, e.at, "welcome")


def pressed(s: Survey, e: Answered) -> Step:
    """A key, a word or silence after `e.question`. One for a question no longer open changes nothing."""
    question, _, turn = e.question.partition("-")
    if e.reading.meaning is not Meaning.EMPTY:
        s = replace(s, replied=True)
    if question == "end" or s.stage not in OPEN:
        return s, (Tell("thanks"),)
    if question == "who":
        if e.reading.meaning is Meaning.LANGUAGE and (tongue := chosen(s, e)):
            return spoken_in(s, tongue), (Ask("who", "", int(turn or 1) + 1),)
        return _who(s, e, int(turn or 1))
    if s.stage is Stage.CONSENT:
        return consent(s, e) if question == "consent" else (s, (Ask("consent", "", s.turn),))
    if s.asked != (question,) and e.reading.meaning is not Meaning.END:
        return ask(s, e.at, turn=s.turn)
    return asking(s, e)


def _who(s: Survey, e: Answered, turn: int) -> Step:
    """Is this the person who called? Only a pressed 1 makes it so: nothing is asked of anybody else."""
    match e.reading.meaning, e.reading.answers[:1]:
        case Meaning.ANSWERS, (Value.YES,):
            if s.stage is Stage.CONSENT:
                return s, (Ask("consent", "", s.turn),)
            return ask(s, e.at, "assurance")
        case Meaning.ANSWERS, _:
            if not s.answered:  # not closed yet: a 0 may follow, and is for good
                s = result_fixed(s, e.at, Disposition.OTHER)
            return s, (Ask("end", "not_the_caller"),)
        case Meaning.END, _:
            return ended_by_key(s, e)
    if turn <= REASKS_VOICE:
        return s, (Ask("who", lead(e), turn + 1),)
    return s, (Tell("thanks"),)
