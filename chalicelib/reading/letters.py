"""Spelling: one form for everything that people and phones write differently without meaning anything by it."""

import re
import unicodedata
from collections.abc import Iterable

# Letters that differ by keyboard, not by word, and the dotless Turkish i that capitals lose ("HAYIR").
_ONE_LETTER = {
    "ي": "ىیېۍێے",
    "ك": "کڪ",
    "گ": "ګ",
    "ه": "ةەہھ",
    "و": "ۆۇ",
    "ل": "ڵ",
    "ر": "ڕ",
    "ن": "ںڼ",
    "ف": "ڤ",
    "ا": "ٱ",
    "i": "ı",
    "ው": "ዉ",
    "\u0327": "\u0326",  # Romanian ş and ţ, for want of ș and ț
}
# Ethiopic letters of one sound in Amharic, a row of seven vowels each: whichever the writer learnt.
_ONE_ROW = {"ሀ": "ሐኀ", "ሰ": "ሠ", "አ": "ዐ", "ጸ": "ፀ"}
_ALSO_FIRST_VOWEL = {"ሀ": "ሃሓኃ", "አ": "ኣዓ"}
_APOSTROPHES = "'`´‘’‚‛ʼʻʹʿʾ′＇\u0621"  # and a hamza on its own, which stands and falls with the keyboard
_MARKS = (  # joined above and below a letter; a word in Arabic or Hebrew script is the same without them
    (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED),
    (0x08D3, 0x08FF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF), (0xE0100, 0xE01EF),
)  # fmt: skip
_HYPHEN = re.compile(
    r"(?<=[^\W\d_\u0e00-\u9fff])-(?=[^\W\d_\u0e00-\u9fff])"
)  # "opt-out", "не-а"; not "不-好"
_HYPHENS = "-\u2010"  # other dashes part words
_DOTTED = ("i\u0307", "i"), ("е\u0308", "е")  # what is left of a lower-cased İ; ё, which few people type
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")
# Letters whose marks cannot be taken off, as if they could: "ø" is "o" and a stroke, "æ" is "ae" and one.
_STRUCK = str.maketrans(
    {"đ": "d\u0338", "ð": "d\u0338", "ø": "o\u0338", "ł": "l\u0338"}
    | {"æ": "ae\u0338", "œ": "oe\u0338", "þ": "th\u0338"}
)

# Vowels and tones of Indic, Thai, Khmer, Ethiopic … belong to words but are not `\w` to Python.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u102b-\u109d\u135d-\u135f"
    "\u17b4-\u17d3\u17dd"
)
SIGNS = "\u2044\u2049\u203c\u2190-\u23ff\u2460-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_WORD = re.compile(rf"(?:[^\W\d_]+|[{MARKS}]+)+|[0-9]+|[{SIGNS}]")
_APART = "\ue000"  # stands between many texts spelt in one go; nobody's keyboard has it

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)  # Thai, Khmer, Chinese …


def _same() -> dict[int, str]:
    same = {ord(variant): letter for letter, variants in _ONE_LETTER.items() for variant in variants}
    for letter, rows in _ONE_ROW.items():
        same |= {ord(first) + vowel: chr(ord(letter) + vowel) for first in rows for vowel in range(7)}
    return same | {ord(also): letter for letter, alsos in _ALSO_FIRST_VOWEL.items() for also in alsos}


_SAME = _same()


class _Signs(dict[int, str]):
    """What each character becomes; worked out the first time it is met."""

    def __missing__(self, code: int) -> str:
        self[code] = sign = _sign(chr(code))
        return sign


def _sign(char: str) -> str:
    code = ord(char)
    if char in _APOSTROPHES or any(first <= code <= last for first, last in _MARKS):
        return ""
    if (digit := unicodedata.digit(char, None)) is not None:  # every script's digits, and ❶ ➊
        return str(digit)
    kind = unicodedata.category(char)
    if kind == "Cf":  # direction marks, joiners, soft hyphens
        return ""
    if char in _HYPHENS:
        return "-"
    return " - " if kind == "Pd" else _SAME.get(code, char)


_SIGNS = _Signs()


def normal(text: str) -> str:
    """One spelling: compatibility forms, case, digits of every script, invisible signs, letter variants, spaces.

    Marks on Latin and Cyrillic letters stay, because they tell words apart (Vietnamese "đúng" and "dừng");
    `plain` drops them too.
    """
    if text.isascii():
        folded = text.lower().translate(_SIGNS)
    else:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        folded = unicodedata.normalize("NFC", _undotted(folded.translate(_SIGNS)))
    spaced = " ".join(folded.split())
    return _HYPHEN.sub("", spaced) if "-" in spaced else spaced


def _undotted(text: str) -> str:
    for dotted, letter in _DOTTED:
        while dotted in text:
            text = text.replace(dotted, letter)
    return text


def normal_each(texts: Iterable[str]) -> list[str]:
    """`normal` of each of many texts, in one go: a fifth of the time."""
    together = normal(f" {_APART} ".join(texts))
    return [one.strip() for one in together.split(_APART)] if together else []


def plain(word: str) -> str:
    """A normal word as typed on a keyboard without marks: "kyllä" is "kylla"."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", marked(word)))


def plain_each(words: Iterable[str]) -> list[str]:
    """`plain` of each of many, in one go."""
    together = plain(_APART.join(words))
    return together.split(_APART) if together else []


def lacks_marks(typed: str, listed: str, own: frozenset[str]) -> bool:
    """Whether a text is another one with marks left out: "duoc" and "đươc" are "được", but "vàng" is not "vâng".

    A mark that is none of the language's `own` stands for one that is: Spanish "sì" is "sí", since plain text messages
    have no "í", and Romanian "bunã" is "bună".
    """
    signs = iter(marked(listed))
    return all(
        sign in signs if sign in own else _LATIN_MARKS.match(next(signs, "")) for sign in marked(typed)
    )


def marked(word: str) -> str:
    """Each letter, then its marks."""
    return unicodedata.normalize("NFD", word).translate(_STRUCK)


def phrase(entry: str) -> str:
    """An entry or a reply as its words alone: "No, thanks!" is "no thanks"."""
    return in_words(normal(entry))


def in_words(spelt: str) -> str:
    """The same of what is in its normal spelling already. Most entries are nothing but words."""
    return spelt if spelt.replace(" ", "").isalpha() else " ".join(_WORD.findall(spelt))


def words(text: str) -> list[str]:
    """Its words and signs, as they are spelt."""
    return _WORD.findall(text)


def is_sign(token: str) -> bool:
    """Whether a token is an emoji or the like."""
    return not token[0].isalnum()
