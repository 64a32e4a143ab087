"""Reading one field of a message: the right type and size, or `BadRequest` with the field's name.

Problems never quote the value: it may be a caller's number.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from chalicelib.errors import BadRequest

CALL_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)",
    re.ASCII,
)
LANGUAGE = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]{1,8})*")
LONGEST = timedelta(days=7)  # nobody talks longer; a bigger number is another unit
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
UNPRINTABLE = {
    "Cc",
    "Cs",
    "Zl",
    "Zp",
}  # controls, lone surrogates, line and paragraph separators
# What systems write where a number should be. The digits spell ANONYMOUS, RESTRICTED, UNAVAILABLE and UNKNOWN
# on a keypad: Twilio's and some trunks' way of saying so in a field that must look like a number.
WITHHELD = re.compile(
    r"\+?|anonymous(\.invalid)?|<?unknown>?|restricted|unavailable|not available|private|withheld|blocked"
    r"|none|null|no number|asterisk|asreceived|\+?(266696687|7378742833|86282452253|8656696|7748283|2562533)",
    re.IGNORECASE,
)


def call_id(value: object, field: str = "call_id") -> str:
    if not isinstance(value, str) or not CALL_ID.fullmatch(value):
        raise BadRequest(field, "must be 1 to 128 of A-Z a-z 0-9 . _ : @ -")
    return value


def caller(value: object, field: str = "caller") -> str | None:
    """The number as the source wrote it, cleaned of what cannot be stored; None when withheld."""
    if isinstance(value, Mapping | list):
        raise BadRequest(field, "must be text or null")
    if value is None:
        return None
    written = str(value).encode("utf-8", "replace").decode().strip()[:64]
    return None if WITHHELD.fullmatch(written) else written


def text(value: object, field: str, limit: int = 64) -> str:
    """A printable line of at most `limit` characters; nothing said is the empty line."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(field, "must be text")
    line = value.strip()
    if len(line) > limit:
        raise BadRequest(field, f"is longer than {limit} characters")
    if any(unicodedata.category(letter) in UNPRINTABLE for letter in line):
        raise BadRequest(field, "holds control characters")
    return line


def choice(value: object, field: str, allowed: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in allowed:
        raise BadRequest(field, f"must be one of {', '.join(allowed)}, or null")
    return value


def flag(value: object, field: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise BadRequest(field, "must be true, false or null")


def instant(value: object, field: str) -> datetime:
    """An RFC 3339 date with its offset, as aware UTC: `2026-11-21T10:02:41+01:00`."""
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise BadRequest(
            field,
            "must be a date and time with an offset, as in 2026-11-21T10:02:41+01:00",
        )
    try:
        at = datetime.fromisoformat(value.upper().replace(",", ".")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(field, "is no possible date") from error
    return plausible(at, field)


def plausible(at: datetime, field: str) -> datetime:
    if not EARLIEST <= at < LATEST:
        raise BadRequest(field, "is no plausible date")
    return at


def seconds(value: object, field: str) -> timedelta | None:
    """A length in seconds; a boolean is not a number, though Python thinks so."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(field, "must be a number of seconds, or null")
    if not 0 <= value <= LONGEST.total_seconds():  # NaN and infinity are not either
        raise BadRequest(field, "must be between 0 and 604800 seconds")
    return timedelta(seconds=value)


def language(value: object, field: str = "language") -> str | None:
    """The primary subtag, in lower case: `sv-SE` is `sv`."""
    if value is None or value == "":
        return None
    match = LANGUAGE.fullmatch(value) if isinstance(value, str) and len(value) <= 35 else None
    if not match:
        raise BadRequest(field, "must be a language tag such as sv or sv-SE, or null")
    return match[1].lower()
