"""Reading other systems' messages: strict about which call and when, forgiving about everything else.

A call is not lost because a queue's name is long or a counter is missing; it is refused when nobody could say
which conversation it was or when it ended.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from chalicelib.errors import BadRequest
from chalicelib.sources import fields

# RFC 3966, RFC 3261: what stands before host and parameters
ADDRESS = re.compile(r"(?:tel|sips?):([^@;?]+)", re.IGNORECASE)
NUMBER = re.compile(r"\+?[0-9(][0-9 ()./-]{5,24}")
SHORTEST = 7  # digits; fewer is an extension
WORD = re.compile(r"[A-Za-z_.-]{1,40}")
DIGITS = re.compile(r"[0-9]{1,18}")


def at(message: object, *path: str) -> object:
    """What stands at `path`, in whatever case the names are written; None where the path breaks off."""
    for name in path:
        if not isinstance(message, Mapping):
            return None
        if name not in message:
            name = next(
                (key for key in message if isinstance(key, str) and key.lower() == name.lower()), name
            )
        message = message.get(name)
    return message


def label(value: object) -> str:
    """A short printable name: controls dropped, cut at 64 characters, empty when it is no text."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    if not isinstance(value, str):
        return ""
    printable = (letter for letter in value[:256] if unicodedata.category(letter) not in fields.UNPRINTABLE)
    return "".join(printable).strip()[:64].strip()


def word(value: object) -> str:
    """A code of the other system's, fit to be quoted in a reason; anything longer or with digits is not."""
    return value if isinstance(value, str) and WORD.fullmatch(value) else "something unexpected"


def phone(value: object) -> str | None:
    """The caller's number as a phone system writes it (`tel:+46…`, `sip:+46…@host`); None without a number.

    An extension (`1001`, `Ext.1001`), a SIP name, a withheld number: all the same, nobody we could text.
    """
    written = None if isinstance(value, Mapping | list) else fields.caller(value)
    if written is None:
        return None
    address = ADDRESS.match(written)
    number = address[1].replace("%2B", "+").strip() if address else written
    digits = len(re.findall("[0-9]", number))
    if not NUMBER.fullmatch(number) or digits < SHORTEST or fields.WITHHELD.fullmatch(number):
        return None
    return number


def count(value: object) -> int | None:
    """A whole number, written as a number or as digits: many systems write `"21"`."""
    if isinstance(value, str) and DIGITS.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def length(seconds: object) -> timedelta | None:
    """A plausible length, else None: nobody told us."""
    found = count(seconds)
    return timedelta(seconds=found) if found is not None and found <= fields.LONGEST.total_seconds() else None


def between(start: datetime | None, end: datetime | None) -> timedelta | None:
    """From `start` to `end`; None when one is unknown, or when their order shows that one is wrong."""
    return end - start if start and end and start <= end else None


def epoch(value: object, field: str, per_second: int = 1) -> datetime:
    """Seconds since 1970, or `per_second=1000` milliseconds."""
    ticks = count(value)
    if ticks is None:
        raise BadRequest(field, "must be a time counted since 1970")
    if ticks // per_second >= fields.LATEST.timestamp():
        raise BadRequest(field, "is no plausible date")
    at = datetime.fromtimestamp(ticks // per_second, UTC)
    return fields.plausible(at + timedelta(seconds=ticks % per_second / per_second), field)


def instant(value: object) -> datetime | None:
    """A decorative time (`fields.instant` is for the one that matters): None when absent or unreadable."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else None
    try:
        return fields.instant(value, "time")
    except BadRequest:
        return None


def local(value: object, field: str, pattern: str, zone: tzinfo) -> datetime:
    """A wall clock time in `zone`: the earlier one if the clock showed it twice, refused if it never did."""
    if not isinstance(value, str) or not value.isascii():
        raise BadRequest(field, "must be a local date and time")
    try:
        shown = datetime.strptime(value, pattern).replace(tzinfo=zone)
    except ValueError as error:
        raise BadRequest(field, f"must be a date and time written as {pattern}") from error
    at = _utc(shown, field)
    if at.astimezone(zone).replace(tzinfo=None) != shown.replace(tzinfo=None):
        raise BadRequest(field, f"never was on a clock in {zone}: summer time began")
    return at


def _utc(at: datetime, field: str) -> datetime:
    try:
        return fields.plausible(at.astimezone(UTC), field)
    except OverflowError as error:  # the first or last day of the calendar
        raise BadRequest(field, "is no plausible date") from error
