"""Reading replies: a text, a key or a spoken word in, a `Reading` out. Pure; nothing is ever guessed.

In this order: opt-out, a whole reply that is a phrase of the survey's language, a request to stop within a sentence,
carriers' keywords, answers in a row, an offered language. What is left is unclear.
"""

from chalicelib.reading.answers import VALUES, answers, signs_agree
from chalicelib.reading.letters import WORD_OR_SIGN, is_sign, normal
from chalicelib.reading.lexicon import Lexicon, Piece, lexicon, phrase
from chalicelib.reading.optout import CARRIER_HELP, CARRIER_START, CARRIER_STOP, among, in_a_sentence
from chalicelib.reading.quotes import own_words
from chalicelib.script import Meaning, Reading, Value, Words

__all__ = ["key", "normal", "phrase", "read", "speech"]

_MEANINGS = {
    "start": Meaning.OPT_IN,
    "help": Meaning.HELP,
    "undo": Meaning.UNDO,
    "not_me": Meaning.NOT_ME,
    "ring": Meaning.RING,
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
    spelt = normal(" ; ".join(own.splitlines()))
    tokens = WORD_OR_SIGN.findall(spelt)
    if not tokens:
        return Reading(Meaning.EMPTY)
    reading = _understood(spelt, tokens, lexicon(words), shown, stops) or _offered(tokens, offers)
    if reading:
        return reading
    is_long = len(own.strip()) > _LONG_CHARACTERS or len(tokens) > _LONG_WORDS
    return Reading(Meaning.EMPTY) if was_quoted and not is_long else Reading(Meaning.UNCLEAR, long=is_long)


def speech(text: str, words: Words) -> Reading:
    """What was said to one spoken question, as the carrier wrote it down."""
    return read(text, words, shown=1)


def key(digit: str, offers: int = 0) -> Reading:
    """What a pressed key means; none pressed is EMPTY. One 0 ends the call, the machine asks for a second for good."""
    return _KEYS.get(digit) or _offered([digit], offers) or Reading(Meaning.UNCLEAR)


def _understood(
    spelt: str, tokens: list[str], known: Lexicon, shown: int, stops: frozenset[str]
) -> Reading | None:
    signs = [token for token in tokens if is_sign(token)]
    written = [token for token in tokens if not is_sign(token)]
    pieces = list(known.pieces(written)) if len(written) <= _ROOM else []
    reply = " ".join(written)
    kind = known.kind_of(reply) or _kind_but_for_politeness(pieces, known)
    if reply in CARRIER_STOP or kind == "stop":
        return Reading(Meaning.OPT_OUT)
    if kind is None and (among(reply, stops) or in_a_sentence(spelt, known)):
        return Reading(Meaning.OPT_OUT)
    meaning = _keyword(reply, kind, pieces)
    if meaning:
        return Reading(meaning)
    found = (VALUES[kind],)[:shown] if kind else answers(spelt, pieces, shown)
    return _answered(found) if found and signs_agree(signs, found) else None


def _kind_but_for_politeness(pieces: list[Piece], known: Lexicon) -> str | None:
    """A phrase with politeness anywhere; one that must be the whole reply, only before it: "kan ni inte" is no no."""
    bare = " ".join(piece.text for piece in pieces if piece.kind != "polite")
    if (
        kind := known.kind_within(bare)
    ) and kind != "polite":  # what is left of "can please you" is polite again
        return kind
    last = max((at for at, piece in enumerate(pieces, start=1) if piece.kind != "polite"), default=0)
    return known.kind_of(" ".join(piece.text for piece in pieces[:last]))


def _keyword(reply: str, kind: str | None, pieces: list[Piece]) -> Meaning | None:
    """What is neither an answer nor an opt-out. "No, wrong number" is about the number, not the question."""
    kinds = {piece.kind for piece in pieces} - {"polite"}
    if kinds in ({"not_me"}, {"not_me", "no"}):
        return Meaning.NOT_ME
    if kind is None and reply in CARRIER_START:
        return Meaning.OPT_IN
    if kind is None and reply in CARRIER_HELP:
        return Meaning.HELP
    if kind is None and reply in _RING:
        return Meaning.RING
    return _MEANINGS.get(kind or (kinds.pop() or "" if len(kinds) == 1 else ""))


def _answered(found: tuple[Value, ...]) -> Reading:
    return Reading(Meaning.SKIP if found == (Value.SKIPPED,) else Meaning.ANSWERS, found)


def _offered(tokens: list[str], offers: int) -> Reading | None:
    offer = _OFFERS.get(tokens[0], 0) if len(tokens) == 1 else 0
    return Reading(Meaning.LANGUAGE, offer=offer) if 0 < offer <= offers else None
