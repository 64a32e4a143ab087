"""Callers on a mobile: what they think of the call, whether and when they answer, and how they put it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from infra.local.demo import desk, words
from infra.local.demo.moves import AT_ONCE, SOON, Move, Moves, drawn, texts

LATER, TOMORROW = timedelta(hours=5), timedelta(hours=19)
TOO_LATE = timedelta(days=6)
Opinion = Mapping[str, str]  # question -> yes, no, skip


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose call has ended."""

    language: str
    opinion: Opinion
    tomorrow: bool  # the centre is open the day after
    consents: float  # how readily they let us call back
    promised: bool = False  # the agent has asked them already
    rung_back: bool = True  # the leads get round to them


MANNERS = (
    ("plain", 0.70), ("puzzled", 0.05), ("angry", 0.06), ("undecided", 0.04), ("two", 0.04), ("one", 0.05),
    ("at_a_loss", 0.02), ("stop", 0.02), ("not_me", 0.01), ("by_phone", 0.01),
    ("rings", 0.01),
)  # fmt: skip


def silent(dice: Random, language: str) -> Moves:
    """Most never write; a few do when it is too late."""
    late = dice.random() < 0.03
    return texts(TOO_LATE, words.answer(dice, "yes", language)) if late else ()


def on_a_mobile(dice: Random, caller: Caller) -> Moves:
    """Somebody who answers."""
    after, manner = _patience(dice, caller), drawn(dice, MANNERS)
    said = [words.answer(dice, caller.opinion[question], caller.language) for question in caller.opinion]
    match manner:
        case "stop":
            return texts(after, words.some(dice, words.STOP, caller.language))
        case "not_me":
            return texts(after, words.some(dice, words.NOT_ME, caller.language))
        case "one" | "two":
            return texts(after, *said[: 1 if manner == "one" else 2])
        case "by_phone":
            wish = words.some(dice, words.RING, caller.language)
            return (Move(after, "write", wish), Move(AT_ONCE, "pick_up", spoken(caller.opinion)))
        case "rings":
            return (Move(after, "ring", spoken(caller.opinion)[1:]),)
    return texts(after, *_put(dice, manner, said, caller.language)) + _afterwards(dice, caller)


def spoken(opinion: Opinion) -> str:
    """The keys somebody presses who is the right person."""
    return "1" + "".join({"yes": "1", "no": "2", "skip": "3"}[value] for value in opinion.values())


def _put(dice: Random, manner: str, said: list[str], language: str) -> list[str]:
    """Three answers with what people write around them."""
    match manner:
        case "puzzled":
            return [words.some(dice, words.NONSENSE, language), *said]
        case "angry":
            return [words.some(dice, words.ANGRY, language), *said]
        case "undecided":
            return [said[0], "1", words.some(dice, words.UNDO, language), *said[1:]]
        case "at_a_loss":
            return [said[0], *(words.some(dice, words.NONSENSE, language) for _ in range(2)), said[2]]
    return said


def _afterwards(dice: Random, caller: Caller) -> Moves:
    """To be called back or not; or one more remark."""
    if caller.opinion["resolved"] != "no":
        praise = dice.random() < 0.08
        return texts(AT_ONCE, words.some(dice, words.PRAISE, caller.language)) if praise else ()
    if caller.promised:
        return desk.call_back(dice, caller.rung_back)
    if dice.random() >= caller.consents:
        return texts(AT_ONCE, words.answer(dice, "no", caller.language)) if dice.random() < 0.6 else ()
    consent = texts(AT_ONCE, words.answer(dice, "yes", caller.language))
    change = dice.random()
    if change < 0.08:
        return consent + texts(LATER, words.answer(dice, "no", caller.language))
    if change < 0.12:
        number = f"+468465004{dice.randrange(100):02}"  # kept free for fiction
        consent += texts(AT_ONCE, words.OTHER_NUMBER.get(caller.language, "{number}").format(number=number))
    return consent + desk.call_back(dice, caller.rung_back)


def _patience(dice: Random, caller: Caller) -> timedelta:
    when = drawn(dice, (("now", 0.62), ("later", 0.28), ("tomorrow", 0.10)))
    if when == "now":
        return SOON
    return TOMORROW if when == "tomorrow" and caller.tomorrow else LATER
