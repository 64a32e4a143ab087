"""Several answers in one reply: "1 2 1", "121", "ja nej ja", "A1 B2 C1", "1 ja 2 nej 1 ja". In doubt: none."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from chalicelib.reading.clauses import Reply, Word, bare_text_of, clauses, text_of
from chalicelib.reading.lexicon import ANSWERS, Lexicon, Piece
from chalicelib.script import QUESTIONS, Value

_YES, _NO, _SKIPPED = Value.YES, Value.NO, Value.SKIPPED
VALUES = {"yes": _YES, "no": _NO, "skip": _SKIPPED}  # a phrase's kind
_DIGITS = {"1": _YES, "2": _NO, "3": _SKIPPED}
_JOINED = re.compile(r"\d(?![,;])[^\w\s]+\d|\w ?/ ?\w")  # a number, a date, a choice, or answers
_LOOSE = re.compile(r"""\w\W*[/|"“”„«»()\[\]…].*\w|\w.*\.\..*\w""")  # between words
_LETTERS = (
    *map(tuple, ("abc", "авс", "абв", "αβγ", "ابج")),
    ("الف", "ب", "ج"),
)  # A B C as printed, and as other keyboards have them
_LABELS = frozenset(letter for letters in _LETTERS for letter in letters)
_UP = frozenset("👍👌✅✔☑💯🆗")
_DOWN = frozenset("👎❌✖✗✘🚫⛔😡😠🤬😤😢😭😞😔😒☹🙁😩😫")
_HARMLESS = frozenset("🙂😊😀😃😄😁🤗😇☺🙏❤♥💙💚💛💜🧡🖤🤍💕💖🌹🌷🌸🌺💐🌞☀⭐🌟✨🎉👋🤝💪😍🥰😘👏🛑‼")

# How a row may look: digits, words, or pairs of both. A mixture is not a row.
_ROWS = re.compile(r"d+|w+|(?:dw)+|(?:wd)+")


def answers(text: str, pieces: Sequence[Piece], shown: int, details: frozenset[str]) -> tuple[Value, ...]:
    """The shown questions' answers in order, at most `shown` of them; empty when there is any doubt."""
    row = _in_short([piece for piece in pieces if piece.kind != "polite"], details, shown)
    found = _labelled(pieces, shown) or _row(row, shown)
    return found if len(found) == shown or (len(found) < shown and not _JOINED.search(text)) else ()


def one_each(reply: Reply, known: Lexicon, shown: int) -> tuple[Value, ...]:
    """ "Tak, tak, nie" and "tak tak nie": an answer to each of the three in clauses or words of their own.

    One word for yes and one for no, and not "no, no, they helped".
    """
    parts = clauses(reply.words)
    parts = parts if len(parts) > 1 else [[word] for word in reply.words]
    kinds = [known.kind_within(part) for part in parts]
    if not len(parts) == shown == len(QUESTIONS) or not set(kinds) <= {"yes", "no"}:
        return ()
    first, second, third = map(text_of, parts)
    alike = len({first, second, third}) == len(set(kinds))
    detail = first == second != third and third in known.details
    return tuple(VALUES[kind] for kind in kinds if kind) if alike and not detail else ()


def signs_agree(signs: Iterable[str], found: Sequence[Value]) -> bool:
    """Whether the emoji beside answers only decorate them: "ja 👍" and "nej 🙏" do, "ja 👎" and "ja 🙄" leave doubt."""
    seen = set(signs)
    doubtful = (_UP if Value.NO in found else frozenset()) | (_DOWN if Value.YES in found else frozenset())
    return seen <= _UP | _DOWN | _HARMLESS and not seen & doubtful


def clause_by_clause(text: str, reply: Reply, known: Lexicon) -> tuple[Value, ...]:
    """ "Yes, it was good", "no! nobody helped": every clause the same answer by itself, and not the other together.

    A no must come first, for "bad, not" and "not … bad" may deny each other. "Bad? No." answers itself, nobody knows
    what; and in quotation marks or between strokes a word may mean anything.
    """
    said = [part for part in clauses(reply.words) if _kind_of(part, known) != "polite"]
    values = {_value_of(part, known) for part in said}
    value = values.pop() if len(values) == 1 else None
    asks = any(part[0].clause in reply.questions for part in said[:-1])
    numbers = sum(word.text.isdigit() for word in reply.words)
    if value is None or asks or numbers > 1 or _LOOSE.search(text):
        return ()
    if value is _NO and len(said) > 1 and (" - " in text or not _is_plain_no(said[0], known)):
        return ()
    return (value,) if _together(reply.words, known) in (None, value) else ()


def _row(row: Sequence[Piece], shown: int) -> tuple[Value, ...]:
    shape = "".join(_shape(piece) for piece in row)
    if not _ROWS.fullmatch(shape):
        return ()
    if "d" in shape and "w" in shape:
        return _pairs(row, shape, shown)
    if shape == "d" and 1 < shown == len(row[0].text):
        return _values([row[0]._replace(text=digit) for digit in row[0].text])
    found = _values(row)
    if shown == 1 and shape[:2] == "ww" and len(set(found)) == 1:
        said_again = len({word.text for piece in row for word in piece.words}) == 1
        # "nej nej nej" is one no; but "nu nemulțumit" denies a denial
        return found[:1] if said_again or found[0] is _YES else ()
    if "d" in shape:
        return found
    said_twice = len(row) < shown and len({piece.text for piece in row}) > len(set(found))  # "yes, of course"
    return found if _is_listed(row, shown) and not said_twice else ()


def _in_short(row: Sequence[Piece], details: frozenset[str], shown: int) -> list[Piece]:
    """ "No, they didn't help" is one answer; "no, they helped" is none, so the details stay as something unknown.

    With several questions open, "yes, sure, no" are three answers, and whose details they are is unknown.
    """
    short: list[Piece] = []
    for piece in row:
        is_detail = bool(short) and short[-1].kind in ("yes", "no") and piece.text in details
        if is_detail and piece.kind == short[-1].kind and (shown == 1 or len(row) == 2):
            continue
        doubtful = is_detail and (piece.kind != short[-1].kind or len(piece.words) > 1)
        short.append(piece._replace(kind=None) if doubtful else piece)
    return short


def _is_listed(row: Sequence[Piece], shown: int) -> bool:
    """Whether answers in words are meant one by one: "ja, nej" are two, "ja nej" may be a figure of speech."""
    apart = {one.words[-1].clause != other.words[0].clause for one, other in pairwise(row)}
    return apart <= {True} or (apart == {False} and 2 < len(row) == shown)


def _shape(piece: Piece) -> str:
    return "d" if piece.kind == "digits" else "w" if piece.kind in ANSWERS else "?"


def _values(row: Sequence[Piece]) -> tuple[Value, ...]:
    """All of them, or none: "1 2 4" is no row of answers."""
    found = [
        _DIGITS.get(piece.text) if piece.kind == "digits" else VALUES.get(piece.kind or "") for piece in row
    ]
    return tuple(value for value in found if value) if all(found) else ()


def _pairs(row: Sequence[Piece], shape: str, shown: int) -> tuple[Value, ...]:
    """ "1 yes" is one answer; "1 no" is none; "1 no 2 yes 3 no" numbers the questions, if it is all of them.

    "1 = yes, 2 = no" only says our own words back.
    """
    digits = [piece for piece in row if piece.kind == "digits"]
    words = _values([piece for piece in row if piece.kind != "digits"])
    in_order = len(digits) > 1 and all(piece.text == str(at) for at, piece in enumerate(digits, start=1))
    if _values(digits) == words:
        return () if in_order else words
    return words if in_order and len(digits) == shown and shape.startswith("d") else ()


def _labelled(pieces: Sequence[Piece], shown: int) -> tuple[Value, ...]:
    """ "A1 B2 C1", "a) ja b) nej": letters must be those of the shown questions, which are the last ones asked.

    A letter may be politeness too: Vietnamese "ạ" without its mark.
    """
    row = [piece for piece in pieces if piece.kind != "polite" or piece.text in _LABELS]
    labels = tuple(piece.text for piece in row[::2])
    first = len(QUESTIONS) - shown
    if first < 0 or not any(labels == letters[first : first + len(labels)] for letters in _LETTERS):
        return ()
    answered = row[1::2]
    if len(answered) != len(labels):
        return ()
    return _values(answered)


def _is_plain_no(clause: Sequence[Word], known: Lexicon) -> bool:
    return len(clause) == 1 and (clause[0].text == "2" or known.answer_in(clause[0]) == "no")


def _together(words: Sequence[Word], known: Lexicon) -> Value | None:
    """What they would be without the commas between; in Chinese and the like without spaces either."""
    run_on = known.whole.kinds.get("".join(word.text for word in words))
    return VALUES.get(known.whole.kind(text_of(words), bare_text_of(words)) or run_on or "")


def _kind_of(clause: Sequence[Word], known: Lexicon) -> str | None:
    return known.kind_of(clause) or known.kind_within(clause)


def _value_of(clause: Sequence[Word], known: Lexicon) -> Value | None:
    """ "Yes it was good" and "2 it was bad" need no comma; "no it was bad" does, where "no" means "not" as well."""
    value = VALUES.get(_kind_of(clause, known) or "") or _DIGITS.get(text_of(clause))
    if value:
        return value
    rest = VALUES.get(known.kind_of(clause[1:]) or "")
    affirms = rest is _YES and known.answer_in(clause[0]) == "yes"
    return rest if affirms or rest is _DIGITS.get(clause[0].text) else None
