"""Opting out: it beats every other meaning, and works in every language offered, whatever was asked."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.reading.clauses import Reply, Word, text_of
from chalicelib.reading.letters import UNSPACED, in_words, normal_each, plain_each
from chalicelib.reading.lexicon import ANSWERS, Lexicon, Piece

# Single-word messages that carriers honour themselves, in English, everywhere: Twilio's defaults and its Proxy's, AWS
# End User Messaging's, and the words of 47 CFR 64.1200(a)(10). Twilio opts in on "YES" as well; to us it is an answer.
CARRIER_STOP = frozenset(
    [
        *(
            "stop",
            "stopall",
            "stop all",
            "unsubscribe",
            "cancel",
            "end",
            "quit",
            "revoke",
            "optout",
            "opt out",
        ),
        *("remove", "td", "arret", "arrett", "arrete"),
    ]
)
CARRIER_START = frozenset({"start", "unstop"})
CARRIER_HELP = frozenset({"help", "info"})

_LEADING = ("polite", "yes", "no", "digits")


def stop_phrases(lists: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """One language's, for readers of the others: also typed without marks, where that is not one of its answers.

    Nothing of one or two Latin letters: senders in China print "T", "R", "QX" and in Vietnam "TC", but in any other
    survey those are slips of a finger.
    """
    entries = map(in_words, normal_each(lists["stop"]))
    listed = [entry for entry in entries if len(entry) > 2 or not entry.isascii()]
    answers = normal_each(entry for kind in ANSWERS for entry in lists[kind] if " " not in entry)
    return frozenset(listed).union(set(plain_each(listed)) - set(plain_each(map(in_words, answers))))


def in_a_sentence(reply: Reply, lexicon: Lexicon) -> bool:
    """Whether a clause of a longer message asks us to stop: "No! Please stop texting me."

    A clause does if it is a stop phrase, or begins with one of two words or more, once politeness and answers are set
    aside. "Please don't stop" begins with something else; "Stop? No, go on" only asks.
    """
    if not reply.words:
        return False
    last = reply.words[-1].clause
    return any(
        _asks_to_stop(clause, lexicon)
        for clause in lexicon.may_stop(reply.words)
        if clause[0].clause == last or clause[0].clause not in reply.questions
    )


def _asks_to_stop(clause: Sequence[Word], lexicon: Lexicon) -> bool:
    pieces, before = list(lexicon.pieces(clause)), ""
    for at, piece in enumerate(pieces):
        if piece.kind == "stop":
            return _is_request(before, pieces[at:], lexicon)
        if piece.kind in ("no", "no_call"):
            for cut in range(1, len(piece.words)):  # "no no me escriban" is not "no no" and something
                again = list(lexicon.pieces([*piece.words[cut:], *_words(pieces[at + 1 :])]))
                if again[0].kind == "stop" and len(again[0].words) > 1:
                    return _is_request(text_of(piece.words[:cut]), again, lexicon)
        if piece.kind not in _LEADING:
            return False
        before = piece.text
    return False


def _words(pieces: Iterable[Piece]) -> list[Word]:
    return [word for piece in pieces for word in piece.words]


def _is_request(before: str, pieces: Sequence[Piece], lexicon: Lexicon) -> bool:
    """ "No pare" asks for the opposite; "no stop" and "no no me escriban" do not."""
    stop, turning = pieces[0].text, lexicon.turning
    if before in turning and stop not in CARRIER_STOP and not stop.startswith(turning):
        return False
    if lexicon.kind_of(_words(pieces)) == "stop":
        return True
    return _is_plain_enough(stop) or all(piece.kind in ("polite", "stop") for piece in pieces)


def _is_plain_enough(phrase: str) -> bool:
    """Whether a stop phrase may go on: "stop sending …" may, "stop …" may not. Without spaces, letters are counted."""
    return len(phrase) >= (4 if phrase > "\u3000" else 8) if UNSPACED.match(phrase) else " " in phrase


def among(words: Sequence[Word], stops: frozenset[str]) -> bool:
    """Whether a whole reply is a stop phrase of any language offered."""
    return text_of(words) in stops
