"""A reply to what is open: the three questions, the callback consent, and what comes after the result."""

from dataclasses import replace
from datetime import datetime

from chalicelib.advance.ends import Step, result_fixed
from chalicelib.effects import Ask, CancelCallback, ChangeNumber, Effect, KeepRemark, OpenCallback, Tell, Wake
from chalicelib.events import Answered, Tongue
from chalicelib.script import QUESTIONS, Meaning, Value
from chalicelib.survey import Disposition, Stage, Survey

REASKS_TEXT, REASKS_VOICE = 1, 2  # after these the question closes unanswered
TURNS = 6  # a question is put at most so often, counting "once more, please"
REMARKS = 5
CHANGEABLE = ("asked", "no", "withdrawn")  # "you can change your mind at any time": a later yes counts
RINGS = 2


def asking(s: Survey, e: Answered) -> Step:
    match e.reading.meaning:
        case Meaning.ANSWERS | Meaning.SKIP:
            return _filled(s, e)
        case Meaning.UNDO:
            return _undone(s, e)
        case Meaning.REPEAT if s.turn < TURNS:
            return ask(s, e.at, turn=s.turn + 1)
        case Meaning.END:
            return ended_by_key(s, e)
        case Meaning.LANGUAGE if tongue := chosen(s, e):
            return ask(spoken_in(s, tongue), e.at, turn=s.turn + 1)
        case Meaning.RING if e.voice_on and sum(attempt.kind == "ring" for attempt in s.attempts) < RINGS:
            return replace(s, ring=True, due_at=e.at), (Wake(), Tell("ringing"))
        case Meaning.RING:
            return s, (Tell("ring_later"),)
        case _:
            return _not_understood(s, e)


def _filled(s: Survey, e: Answered) -> Step:
    """The reply answers the questions shown, in order; then the next one, or the end of the three."""
    given = dict(zip(s.asked, e.reading.answers, strict=False))
    s = replace(
        s,
        answers={**s.answers, **given},
        channel=s.channel if s.answers else ("voice" if e.voice else "sms"),
        replied=True,
        asked=(),
    )
    return ask(s, e.at) if s.next_question else _three_ended(s, e)


def ask(s: Survey, at: datetime, lead: str = "", turn: int = 1) -> Step:
    """Put the first question that has not ended."""
    question = s.next_question
    if question is None:
        return result_fixed(s, at), (Tell("thanks"),)
    charged = s.charged if turn > 1 else 0
    s = replace(s, stage=Stage.ASKING, asked=(question,), asked_at=at, turn=turn, charged=charged)
    return s, (Ask(question, lead, turn),)


def _three_ended(s: Survey, e: Answered) -> Step:
    """All three have ended: the result stands. A call that did not help leads to the callback."""
    s = result_fixed(s, e.at)
    if s.answers.get("resolved") is not Value.NO:
        return s, (Tell("thanks" if s.answered == len(QUESTIONS) else "thanks_partial"),)
    if s.callback_consent:
        return _promised(replace(s, consent="given", consent_at=e.at), e)
    if not e.desk.ask or s.callback_consent is False:
        return s, (Tell("thanks"),)
    if e.desk.full:
        return replace(s, consent="full"), (Tell("list_full"),)
    s = replace(s, stage=Stage.CONSENT, consent="asked", asked=(), asked_at=e.at, turn=1, charged=0)
    return s, (Ask("consent"),)


def chosen(s: Survey, e: Answered) -> Tongue | None:
    """The language offered under the digit that was sent, as long as one can be put again."""
    known = 0 < e.reading.offer <= len(e.tongues) and s.turn < TURNS
    return e.tongues[e.reading.offer - 1] if known else None


def spoken_in(s: Survey, tongue: Tongue) -> Survey:
    """The rest of the survey in the caller's own choice of language."""
    return replace(s, language=tongue.language, wording=tongue.wording, language_from="caller", offers=())


def _not_understood(s: Survey, e: Answered) -> Step:
    """Asked again once (on the phone twice, and the first silence is free); then the question closes unanswered."""
    if e.other and s.asked and s.language_from != "caller":  # no answer, but a hint which language is
        return ask(spoken_in(s, e.other), e.at, turn=s.turn + 1)
    silent = e.reading.meaning is Meaning.EMPTY
    s, kept = remarked(s, e)
    if not s.asked:  # nothing has been put by text yet
        s, effects = ask(s, e.at)
        return s, (*kept, *effects)
    free = e.voice and silent and s.turn == 1
    charged = s.charged + (not free)
    if charged <= (REASKS_VOICE if e.voice else REASKS_TEXT) and s.turn < TURNS:
        s = replace(s, charged=charged, turn=s.turn + 1, asked_at=e.at)
        question = s.asked[0] if len(s.asked) == 1 else "all"
        return s, (*kept, Ask(question, lead(e), s.turn))
    if len(s.asked) == 1:
        s = replace(s, answers={**s.answers, s.asked[0]: Value.UNANSWERED}, asked=())
        if e.voice and silent and s.next_question:  # nobody is there: no talking to an empty line at our cost
            return s, (Tell("thanks"),)
    s, effects = ask(s, e.at, "moved_on") if s.next_question else _three_ended(s, e)
    return s, (*kept, *effects)


def remarked(s: Survey, e: Answered) -> Step:
    """What was written is kept for a person to read, up to a cap."""
    nothing_said = not e.text or e.reading.meaning is Meaning.EMPTY or e.reading.courtesy
    if nothing_said or s.remarks >= REMARKS:
        return s, ()
    n = s.remarks + 1
    return replace(s, remarks=n), (KeepRemark(n),)


def lead(e: Answered) -> str:
    """Which words go before the question that is put again."""
    if e.reading.meaning is Meaning.EMPTY:
        return "no_input" if e.voice else "one_digit"
    if e.voice:
        return "wrong_key"
    return "saved" if e.reading.long else "unclear"


def _undone(s: Survey, e: Answered) -> Step:
    """A correction reopens the last answer, each question once."""
    given = list(s.answers)
    if not given or given[-1] in s.undone:
        return _not_understood(s, e) if s.stage is Stage.ASKING else (s, (Tell("help"),))
    last = given[-1]
    withdrawn: tuple[Effect, ...] = (CancelCallback(),) if s.owed else ()
    s = replace(
        s,
        answers={question: value for question, value in s.answers.items() if question != last},
        undone=(*s.undone, last),
        disposition=None,
        consent="",
    )
    s, asked = ask(s, e.at, "undone")
    return s, (*withdrawn, *asked)


def consent(s: Survey, e: Answered) -> Step:
    """Everything but a clear yes is a no; one re-ask."""
    meaning, answers = e.reading.meaning, e.reading.answers
    if meaning is Meaning.RING or answers[:1] == (Value.YES,):
        return _promised(replace(s, consent="yes", consent_at=e.at, replied=True), e)
    if meaning is Meaning.UNDO:
        return _undone(s, e)
    vague = meaning is Meaning.UNCLEAR or not e.reading.plain  # "terrible" is not "do not call"
    s, kept = remarked(s, e) if vague else (s, ())
    unclear = vague or meaning in (Meaning.EMPTY, Meaning.REPEAT, Meaning.LANGUAGE)
    if unclear and s.charged < 1:
        s = replace(s, charged=1, turn=s.turn + 1, asked_at=e.at)
        return s, (*kept, Ask("consent", "" if e.voice else "consent_unclear", s.turn))
    return replace(s, stage=Stage.DONE, consent="no"), (*kept, Tell("no_callback"))


def _promised(s: Survey, e: Answered, text: str = "promise") -> Step:
    s = replace(s, stage=Stage.DONE, promised=e.desk.latest_day)
    return s, (OpenCallback(), Tell(text))


def done(s: Survey, e: Answered) -> Step:
    """After the result: another number, a change of mind, a late yes, a correction, a remark."""
    meaning = e.reading.meaning
    if s.owed and e.reading.declines:
        return replace(s, consent="withdrawn"), (CancelCallback(), Tell("no_callback"))
    if s.owed and e.number:
        s, kept = remarked(s, e)
        return s, (*kept, ChangeNumber(), Tell("other_number"))
    # "ok" may answer late what was asked, but it changes no mind
    agreed = e.reading.answers[:1] == (Value.YES,) and (e.reading.plain or s.consent == "asked")
    changed = s.consent in CHANGEABLE and agreed
    if not s.owed and (changed or meaning is Meaning.RING):
        if e.desk.full:
            return replace(s, consent="full"), (Tell("list_full"),)
        return _promised(replace(s, consent="yes", consent_at=e.at), e, "late_promise")
    if meaning is Meaning.UNDO:
        return _undone(s, e)
    if e.reading.courtesy or (meaning is not Meaning.UNCLEAR and e.reading.plain):
        return s, ()
    after, kept = remarked(s, e)
    if not kept or s.thanked or e.reading.answers[:1] == (Value.YES,):  # praise needs no answer
        return after, kept
    return replace(after, thanked=True), (*kept, Tell("remark_kept"))


def ended_by_key(s: Survey, e: Answered) -> Step:
    """0: enough for today. A second 0 is for good."""
    s = result_fixed(replace(s, replied=True, asked=()), e.at, Disposition.REFUSED)
    return s, (Ask("end"),)
