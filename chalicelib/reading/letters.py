"""Spelling: one form for everything that people and phones write differently without meaning anything by it."""

import re
import unicodedata

# Perso-Arabic letters that differ by keyboard, not by word, and the dotless Turkish i that capitals lose ("HAYIR").
_ONE_LETTER = {
    "ي": "ىیېۍێے",
    "ك": "کڪ",
    "ه": "ةەہھ",
    "و": "ۆۇ",
    "ل": "ڵ",
    "ر": "ڕ",
    "ن": "ں",
    "ا": "ٱ",
    "i": "ı",
}
_SAME = {ord(variant): letter for letter, variants in _ONE_LETTER.items() for variant in variants}
_APOSTROPHES = "'`´‘’‚‛ʼʻʹʿʾ′＇\u0621"  # and a hamza on its own, which stands and falls with the keyboard
_MARKS = (  # joined above and below a letter; a word in Arabic or Hebrew script is the same without them
    (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED),
    (0x08D3, 0x08FF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF), (0xE0100, 0xE01EF),
)  # fmt: skip
_HYPHEN = re.compile(r"(?<=[^\W\d_])-+(?=[^\W\d_])")  # "opt-out", "не-а"
_DOTS = re.compile("(?<=i)\u0307+|(?<=е)\u0308+")  # what is left of a lower-cased İ; ё, which few people type
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th"})

# A word, a run of digits, or one sign that could mean something (an emoji). Everything else separates.
# Vowels and tones of Indic, Thai, Khmer, Ethiopic … are not `\w` to Python.
WORD_OR_SIGN = re.compile(
    r"[0-9]+|(?:[^\W\d_]|[\u0300-\u036f\u0483-\u0487\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u102b-\u109d\u135d-\u135f"
    r"\u17b4-\u17d3\u17dd])+|[\u2044\u2049\u203c\u2190-\u23ff\u2460-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
)

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)  # Thai, Khmer, Chinese …


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
    return "-" if kind == "Pd" else _SAME.get(code, char)


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
        folded = unicodedata.normalize("NFC", _DOTS.sub("", folded.translate(_SIGNS)))
    return _HYPHEN.sub("", " ".join(folded.split()))


def plain(word: str) -> str:
    """A normal word as typed on a keyboard without marks: "kyllä" is "kylla"."""
    if word.isascii():
        return word
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", word)).translate(_PLAIN)
    return unicodedata.normalize("NFC", bare)


def is_sign(token: str) -> bool:
    """Whether a token of `WORD_OR_SIGN` is an emoji or the like."""
    return not token[0].isalnum()
