"""Reading replies: a text, a key or a spoken word in, a `Reading` out. Pure; nothing is ever guessed.

In this order: opt-out, a whole reply that is a phrase of the survey's language, a request to stop within a sentence,
carriers' keywords, answers in a row, an offered language. What is left is unclear.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from chalicelib.reading.answers import VALUES, answers, clause_by_clause, one_each, signs_agree
from chalicelib.reading.clauses import Reply, Word, taken_apart, text_of
from chalicelib.reading.letters import normal, normal_each, phrase
from chalicelib.reading.lexicon import ANSWERS, Lexicon, Piece, lexicon
from chalicelib.reading.optout import (
    CARRIER_HELP,
    CARRIER_START,
    CARRIER_STOP,
    among,
    in_a_sentence,
    stop_phrases,
)
from chalicelib.reading.quotes import own_words
from chalicelib.script import Meaning, Reading, Value, Words

__all__ = ["key", "normal", "normal_each", "phrase", "read", "speech", "stop_phrases"]

_MEANINGS = {
    "start": Meaning.OPT_IN,
    "help": Meaning.HELP,
    "undo": Meaning.UNDO,
    "not_me": Meaning.NOT_ME,
    "ring": Meaning.RING,
    "no_call": Meaning.NO_CALL,
}
_RING = frozenset(
    {"ring", "call", "ring me", "call me"}
)  # understood in every language: our texts may print them
_OFFERS = {"5": 1, "6": 2}
_KEYS = {
    "1": Reading(Meaning.ANSWERS, (Value.YES,)),
    "2": Reading(Meaning.ANSWERS, (Value.NO,)),
    "3": Reading(Meaning.SKIP, (Value.SKIPPED,)),
    "9": Reading(Meaning.REPEAT),
    "0": Reading(Meaning.END),
    "": Reading(Meaning.EMPTY),
}
_LONG_CHARACTERS, _LONG_WORDS = 40, 6
_NUMBER = 4  # digits or more are a telephone number: "STOP 070-174 06 12", "STOP 36180"
_ENOUGH = 360  # characters: more is no answer any more
_ROOM = 30  # words: three answers and all politeness fit; anything longer can only be a phrase or an opt-out


def read(
    text: str,
    words: Words,
    shown: int,
    quoted: tuple[str, ...] = (),
    offers: int = 0,
    stops: frozenset[str] = frozenset(),
) -> Reading:
    """What a text means to someone who has been shown `shown` questions and not answered them.

    `quoted`: our own recent texts, which phones quote back. `offers`: how many languages digits 5 and 6 stand for.
    `stops`: stop phrases of every language offered (`prompts.stops`), whatever language the survey is in.
    """
    own, was_quoted = own_words(text, quoted)
    known = lexicon(words)
    spelt = _start(normal(" ; ".join(own.splitlines())), known)
    reply = taken_apart(spelt)
    if not reply.words and not reply.signs:
        return Reading(Meaning.EMPTY)
    reading = _understood(spelt, reply, known, shown, stops) or _offered(reply, offers)
    if reading:
        return reading
    is_long = len(own.strip()) > _LONG_CHARACTERS or len(reply.words) + len(reply.signs) > _LONG_WORDS
    if was_quoted and not is_long:
        return Reading(Meaning.EMPTY)
    courtesy = not is_long and _is_courtesy(known.pieces(reply.words), reply.signs)
    return Reading(Meaning.UNCLEAR, long=is_long, courtesy=courtesy)


def _start(spelt: str, known: Lexicon) -> str:
    """All of a text that can hold an answer or ask us to stop: of one very long without such words, the beginning."""
    return spelt if len(spelt) <= _ENOUGH or known.may_hold_stop(spelt) else spelt[:_ENOUGH]


def speech(text: str, words: Words) -> Reading:
    """What was said to one spoken question, as the carrier wrote it down."""
    return read(text, words, shown=1)


def key(digit: str, offers: int = 0) -> Reading:
    """What a pressed key means; none pressed is EMPTY. One 0 ends the call, the machine asks for a second for good."""
    return _KEYS.get(digit) or _offer(digit, offers) or Reading(Meaning.UNCLEAR)


def _understood(
    spelt: str, reply: Reply, known: Lexicon, shown: int, stops: frozenset[str]
) -> Reading | None:
    if len(reply.words) > _ROOM:
        return Reading(Meaning.OPT_OUT) if in_a_sentence(reply, known) else None
    pieces = list(known.pieces(reply.words))
    written = text_of(reply.words)
    kind = known.kind_of(reply.words) or _kind_but_for_politeness(pieces, known)
    if kind == "unclear":
        return None
    if written in CARRIER_STOP or kind == "stop":
        return Reading(Meaning.OPT_OUT)
    if kind is None and (_elsewhere(reply, known, stops) or in_a_sentence(reply, known)):
        return Reading(Meaning.OPT_OUT)
    if kind is None and _refused(reply.words, pieces, known):
        return Reading(Meaning.OPT_OUT)
    meaning = _keyword(written, kind, pieces)
    if meaning:
        return Reading(meaning, plain=not reply.questions)
    row = pieces if shown == 1 else known.one_by_one(pieces)
    found = (VALUES[kind],)[:shown] if kind in VALUES else ()
    found = one_each(reply, known, shown) or found or answers(spelt, row, shown, known.details)
    if not found and shown == 1:
        found = clause_by_clause(spelt, reply, known)
    if not found or not signs_agree(reply.signs, found):
        return None
    if found == (Value.NO,) and _taken_back(pieces, reply, known):
        return None
    if found == (Value.SKIPPED,):
        return Reading(Meaning.SKIP, found)
    bare = _is_bare(reply, known)
    if shown > 1 and kind and not (bare and all(piece.kind for piece in row)):
        return None  # "not yet" to three questions is about any of them
    plain = bare and not reply.questions
    return Reading(Meaning.ANSWERS, found, plain=plain, courtesy=_is_courtesy(pieces, reply.signs))


def _kind_but_for_politeness(pieces: list[Piece], known: Lexicon) -> str | None:
    """A phrase with politeness anywhere, an answer with politeness around it: "no thanks it was good" is not "no good".

    One that must be the whole reply has it only before it: "kan ni inte" is no no.
    """
    firm = [at for at, piece in enumerate(pieces) if piece.kind != "polite"]
    if not firm:
        return None
    kind = known.kind_between([word for at in firm for word in pieces[at].words])
    parted = firm[-1] - firm[0] >= len(firm)
    if kind and kind != "polite" and not (parted and kind in VALUES):
        return kind
    return known.kind_of([word for piece in pieces[: firm[-1] + 1] for word in piece.words])


def _elsewhere(reply: Reply, known: Lexicon, stops: frozenset[str]) -> bool:
    """Whether it is a stop phrase of another language, and not "no, …" in this one."""
    return among(reply.words, stops) and known.is_one(reply.words, "stop")


def _taken_back(pieces: Sequence[Piece], reply: Reply, known: Lexicon) -> bool:
    """ "No, all right", "2 fine", "ok, no?": courtesy that would be a yes by itself. But "ok, no" is a no."""
    last = max((at for at, piece in enumerate(pieces) if piece.kind != "polite"), default=-1)
    before = pieces[:last] if reply.questions else []
    return last >= 0 and any(
        piece.kind == "polite"
        and known.kind_of(piece.words) == "yes"
        and (pieces[last].kind == "digits" or piece.words[0].clause != pieces[last].words[-1].clause)
        for piece in (*before, *pieces[last + 1 :])
    )


def _refused(said: Sequence[Word], pieces: Sequence[Piece], known: Lexicon) -> bool:
    """A stop word that counts alone, after politeness or "no, …", or said again: "please cancel", "no! end"."""
    rest = [piece for piece in pieces if piece.kind != "polite"]
    if sum(len(piece.text) for piece in rest if piece.kind == "digits") >= _NUMBER:
        rest = [piece for piece in rest if piece.kind != "digits"]
    while len(rest) > 1 and rest[0].kind == "no" and rest[0].words[-1].clause != rest[1].words[0].clause:
        rest = rest[1:]
    if len({piece.text for piece in rest}) == 1:
        rest = rest[:1]
    if not rest:
        return False
    words = [word for piece in rest for word in piece.words]
    as_said = [word for word in said if word.clause >= words[0].clause]  # with what politeness is part of it
    return "stop" in (known.kind_of(words), known.kind_of(as_said)) or text_of(words) in CARRIER_STOP


def _keyword(written: str, kind: str | None, pieces: list[Piece]) -> Meaning | None:
    """What is neither an answer nor an opt-out. "No, wrong number" is about the number, not the question."""
    kinds = {piece.kind for piece in pieces} - {"polite"}
    for about in ("not_me", "no_call"):
        if kinds in ({about}, {about, "no"}):
            return _MEANINGS[about]
    if kind is None and written in CARRIER_START:
        return Meaning.OPT_IN
    if kind is None and written in CARRIER_HELP:
        return Meaning.HELP
    if kind is None and written in _RING:
        return Meaning.RING
    return _MEANINGS.get(kind or (kinds.pop() or "" if len(kinds) == 1 else ""))


def _is_bare(reply: Reply, known: Lexicon) -> bool:
    """Whether it says yes or no and no more: "ja", "nej tack", "ja, ring mig"; not "no help", "great"."""
    kinds, pieces = set[str](), list[Piece]()
    for kind, words in groupby(reply.words, known.answer_in):
        if kind:
            kinds.add(kind)
        else:
            pieces += known.pieces(list(words))
    said = {piece.kind for piece in pieces if piece.kind in (*ANSWERS, "digits") and len(piece.words) == 1}
    return len(kinds | said) == 1 and {piece.kind for piece in pieces} <= {"polite", "ring", *said}


def _is_courtesy(pieces: Iterable[Piece], signs: Iterable[str]) -> bool:
    """ "Thanks 🙏", and 👍 alone."""
    return all(piece.kind == "polite" for piece in pieces) and signs_agree(signs, (Value.YES,))


def _offered(reply: Reply, offers: int) -> Reading | None:
    return _offer(reply.words[0].text, offers) if len(reply.words) == 1 and not reply.signs else None


def _offer(digit: str, offers: int) -> Reading | None:
    offer = _OFFERS.get(digit, 0)
    return Reading(Meaning.LANGUAGE, offer=offer) if 0 < offer <= offers else None
