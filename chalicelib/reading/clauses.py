"""A reply taken apart. Where a comma stands decides whether "no, they helped" is "no they helped"."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from chalicelib.reading.letters import MARKS, SIGNS, is_sign, plain_each

# A word, a run of digits, what ends a clause (but not the colon of "sms:a"), or a sign that could mean something.
# A hyphen within a word is no longer there.
_TOKEN = re.compile(
    rf"(?:[^\W\d_]+|[{MARKS}]+)+|[0-9]+|[-/|.,;!?…()\[\]\"“”„«»؟،؛۔።፣፤፥፧।。、]|:(?!\w)|[{SIGNS}]"
)
_ENDS = frozenset('-/|.,;:!?…()[]"“”„«»؟،؛۔።፣፤፥፧।。、')
_QUESTION = frozenset("?؟፧")


class Word(NamedTuple):
    """One word or number."""

    text: str
    bare: str  # as typed without marks
    clause: int  # which clause it stands in


class Reply(NamedTuple):
    """A reply taken apart."""

    words: list[Word]
    signs: list[str]  # emoji
    questions: frozenset[int]  # the clauses that end in a question mark


def taken_apart(spelt: str) -> Reply:
    """A normal text as words, emoji and clauses."""
    texts, places, signs, questions, clause = [], [], [], [], 0
    for token in _TOKEN.findall(spelt):
        if token in _ENDS:
            if token in _QUESTION:
                questions.append(clause)
            clause += 1
        elif is_sign(token):
            signs.append(token)
        else:
            texts.append(token)
            places.append(clause)
    words = list(map(Word, texts, plain_each(texts), places))
    return Reply(words, signs, frozenset(questions))


def text_of(words: Sequence[Word]) -> str:
    """The words as a phrase."""
    return " ".join([word.text for word in words])


def bare_text_of(words: Sequence[Word]) -> str:
    """The same, typed without marks."""
    return " ".join([word.bare for word in words])


def clauses(words: Sequence[Word]) -> list[list[Word]]:
    """The words, clause by clause."""
    return [list(clause) for _, clause in groupby(words, key=lambda word: word.clause)]
