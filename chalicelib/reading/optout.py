"""Opting out: it beats every other meaning, and works in every language offered, whatever was asked."""

import re
from itertools import dropwhile

from chalicelib.reading.letters import UNSPACED, WORD_OR_SIGN, is_sign, plain
from chalicelib.reading.lexicon import Lexicon

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

_CLAUSE = re.compile(r"[^.!?…,;:()\"“”«»؟،؛۔።፣፤፥፧।。！？、]+[?؟？]?")
_LEADING = ("polite", "yes", "no", "digits")


def in_a_sentence(text: str, lexicon: Lexicon) -> bool:
    """Whether a clause of a longer message asks us to stop: "No! Please stop texting me."

    A clause does if it is a stop phrase, or begins with one of two words or more, once politeness and answers are set
    aside. "Please don't stop" begins with something else; "Stop? No, go on" only asks.
    """
    clauses = [
        (words, clause[-1]) for clause in _CLAUSE.findall(text) if (words := WORD_OR_SIGN.findall(clause))
    ]
    asked = [words for words, end in clauses[:-1] if end not in "?؟？"]
    return any(_asks_to_stop(words, lexicon) for words in (*asked, *(words for words, _ in clauses[-1:])))


def _asks_to_stop(tokens: list[str], lexicon: Lexicon) -> bool:
    pieces = lexicon.pieces([token for token in tokens if not is_sign(token)])
    request = dropwhile(lambda piece: piece.kind in _LEADING, pieces)
    first = next(request, None)
    if first is None or first.kind != "stop":
        return False
    return _is_plain_enough(first.text) or all(piece.kind in ("polite", "stop") for piece in request)


def _is_plain_enough(phrase: str) -> bool:
    """Whether a stop phrase may go on: "stop sending …" may, "stop …" may not. Without spaces, letters are counted."""
    return len(phrase) >= (4 if phrase > "\u3000" else 8) if UNSPACED.match(phrase) else " " in phrase


def among(reply: str, stops: frozenset[str]) -> bool:
    """Whether a whole reply is a stop phrase of any language offered; typed without marks too."""
    return reply in stops or plain(reply) in stops
