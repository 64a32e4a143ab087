"""The pages' words, and how times and numbers are written. English; another language is another file of words."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "he", "prs", "ps", "sd", "ug", "ur", "yi"})


@cache
def words() -> dict[str, Any]:
    """Every text of the pages, by place."""
    file = Path(__file__).with_name("words") / "en.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def fill(text: str, **values: object) -> Markup:
    """The text with its {names} filled in, each value escaped."""
    return Markup(escape(text)).format(**values)


def plural(forms: Mapping[str, str], n: int) -> Markup:
    return fill(forms["one" if n == 1 else "other"], n=count(n))


def count(n: int) -> str:
    return f"{n:,}"


def percent(share: float, like: float | None = None) -> str:
    """A share in percent, without the sign. As fine as `like` (itself if None) needs: 1.2, 31, 99.6.

    Rounding never turns some into none, or not quite all into all.
    """
    guide = share if like is None else like
    if not (0 < guide < 0.0995 or 0.995 <= guide < 1):
        return str((Decimal(repr(share)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    fine = (Decimal(repr(share)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if fine == 0 < share:
        return "<0.1"
    return ">99.9" if fine == 100 and share < 1 else str(fine)


def language_name(code: str) -> str:
    return str(words()["languages"].get(code, code) or words()["none_given"])


def direction(language: str) -> str:
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def day_words(day: date) -> str:
    """`Sat 21 Nov`."""
    names = words()
    return str(
        fill(
            names["time"]["day"],
            weekday=names["weekdays"][day.weekday()],
            day=day.day,
            month=names["months"][day.month - 1],
        )
    )


def period_words(start: date, end: date) -> str:
    """`26 Oct – 22 Nov 2026` for a half-open period."""
    last, months = end - timedelta(days=1), words()["months"]
    until = f"{last.day} {months[last.month - 1]} {last.year}"
    if start == last:
        return until
    since = f"{start.day} {months[start.month - 1]}"
    return f"{since} – {until}" if start.year == last.year else f"{since} {start.year} – {until}"


def moment_words(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`today 10:40`, `tomorrow 09:00`, `Fri 27 Nov 10:40`, in the office's zone."""
    local, today, time = at.astimezone(zone), now.astimezone(zone).date(), words()["time"]
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return str(fill(time["today"], at=clock))
    if local.date() == today + timedelta(days=1):
        return str(fill(time["tomorrow"], at=clock))
    return str(fill(time["at"], day=day_words(local.date()), at=clock))


def phone_words(number: str) -> str:
    """`+46 70 174 06 05`: an E.164 number in groups that can be read aloud."""
    digits = number.removeprefix("+")
    if digits.startswith("46") and len(digits) == 11:
        area, rest = (digits[2:4], digits[4:])
        return f"+46 {area} {rest[:3]} {rest[3:5]} {rest[5:]}"
    tail = [digits[i : i + 3] for i in range(2, len(digits), 3)]
    return f"+{digits[:2]} {' '.join(tail)}"
