"""How many parts a text is sent in: 3GPP TS 23.038 alphabet and TS 23.040 concatenation."""

from collections.abc import Iterable

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = frozenset("\f^{}\\[~]|€")  # sent as an escape and a letter, never split over two parts


def parts(text: str) -> int:
    """The number of parts; an empty text is still one."""
    if all(letter in GSM or letter in GSM_ESCAPED for letter in text):
        return _fill((2 if letter in GSM_ESCAPED else 1 for letter in text), whole=160, each=153)
    return _fill((len(letter.encode("utf-16-be")) // 2 for letter in text), whole=70, each=67)


def _fill(widths: Iterable[int], whole: int, each: int) -> int:
    units = list(widths)
    if sum(units) <= whole:
        return 1
    count, used = 1, 0
    for width in units:
        if used + width > each:
            count, used = count + 1, 0
        used += width
    return count
