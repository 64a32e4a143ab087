"""The three questions, and what a reply can mean. The same for texts, keys and speech."""

from enum import StrEnum

from chalicelib.dataclass import dataclass

QUESTIONS = ("service", "time", "resolved")


class Value(StrEnum):
    """What a question ended with. Only yes and no count as answers; the rest say why there is none."""

    YES = "yes"
    NO = "no"
    SKIPPED = "skipped"  # the caller said "not sure"
    UNANSWERED = "unanswered"  # asked twice, not understood


class Meaning(StrEnum):
    """What one reply means. Contradiction and doubt are UNCLEAR: nothing is ever guessed."""

    ANSWERS = "answers"  # `Reading.answers` fills the shown questions, in order
    SKIP = "skip"  # one question, "not sure"
    UNCLEAR = "unclear"
    EMPTY = "empty"  # nothing to read: no text, a picture, a reaction
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    UNDO = "undo"
    NOT_ME = "not_me"  # "I never called", "wrong number"
    RING = "ring"  # "call me and read the questions aloud"
    NO_CALL = "no_call"  # "don't call me": a no to being rung back, and no answer to anything else
    REPEAT = "repeat"  # key 9
    END = "end"  # key 0
    LANGUAGE = "language"  # digit 5 or 6: the language offered under it


@dataclass(frozen=True, slots=True)
class Reading:
    """One reply, understood."""

    meaning: Meaning
    answers: tuple[Value, ...] = ()  # with ANSWERS, and (SKIPPED,) with SKIP
    offer: int = 0  # with LANGUAGE: which of the offered languages, from 1
    long: bool = False  # more than 40 characters or 6 words: the writer is told it is saved and will be read
    plain: bool = (
        True  # False where a yes or no is an opinion, a courtesy or a question: "no help", "ok", "no?"
    )
    courtesy: bool = False  # nothing but politeness: "thanks", "ok"

    @property
    def declines(self) -> bool:
        """Whether it says in so many words not to call: "no", "don't call"."""
        return self.plain and (self.answers[:1] == (Value.NO,) or self.meaning is Meaning.NO_CALL)


@dataclass(frozen=True, slots=True)
class Words:
    """What one language's speakers write. Every entry is normalised when loaded (`reading.normal`)."""

    yes: frozenset[str]
    no: frozenset[str]
    skip: frozenset[str]
    stop: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    undo: frozenset[str]
    not_me: frozenset[str]
    ring: frozenset[str]
    no_call: frozenset[str]
    polite: frozenset[str]  # decoration that never changes an answer: "tack", "please"
    unclear: frozenset[str] = frozenset()  # looks like an answer or a stop word and is neither
