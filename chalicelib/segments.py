"""How many message parts a text costs: GSM-7 where every character allows it, else UCS-2 (3GPP TS 23.038, 23.040)."""

import unicodedata
from collections.abc import Iterable
from typing import Literal

from chalicelib.dataclass import dataclass

# The default alphabet of 23.038 §6.2.1, and its extension, whose signs are sent as a pair: an escape and a letter.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_PAIRS = frozenset("\f^{}\\[~]|€")
_ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone; as one of several, after the 6-byte header
_ZWJ = "\u200d"


@dataclass(frozen=True, slots=True)
class Segments:
    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    characters: int  # as a writer counts: GSM-7 units (an extension sign is two), or UCS-2 characters as seen


def segments(text: str) -> Segments:
    """The cost of one text. A pair (escape and letter, or surrogates) never straddles two parts."""
    if all(char in GSM or char in GSM_PAIRS for char in text):
        sizes = [2 if char in GSM_PAIRS else 1 for char in text]
        return Segments("GSM-7", _parts(sizes, *_ROOM["GSM-7"]), sum(sizes))
    sizes = [2 if char > "\uffff" else 1 for char in text]
    return Segments("UCS-2", _parts(sizes, *_ROOM["UCS-2"]), _seen(text))


def _parts(sizes: Iterable[int], alone: int, joined: int) -> int:
    sizes = list(sizes)
    if sum(sizes) <= alone:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > joined:
            parts, used = parts + 1, 0
        used += size
    return parts


def _seen(text: str) -> int:
    """Characters as seen: a flag, a family, a letter with its marks is one (UAX #29, as far as phones show it)."""
    count, flags, before = 0, 0, ""
    for char in text:
        flags = flags + 1 if "\U0001f1e6" <= char <= "\U0001f1ff" else 0
        second_of_flag = flags and flags % 2 == 0
        if not (second_of_flag or before == _ZWJ or _extends(char) or (before == "\r" and char == "\n")):
            count += 1
        before = char
    return count


def _extends(char: str) -> bool:
    if char.isascii():
        return False
    return (
        unicodedata.category(char) in ("Mn", "Mc", "Me")
        or char in (_ZWJ, "\u200c", "\u0e33", "\u0eb3")  # Thai and Lao "am" are drawn on the letter before
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # the tags in the flags of England, Scotland and Wales
        or "\u1160" <= char <= "\u11ff"  # the vowels and ends of Korean syllables written apart
    )
