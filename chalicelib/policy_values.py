"""What each live setting may be, said so that whoever set it wrong can put it right."""

import re
from collections.abc import Callable, Mapping
from datetime import date

Check = Callable[[object], str | None]  # of a JSON value: None, or what it must be
HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d *- *([01]\d|2[0-3]):[0-5]\d", re.ASCII)
MOST = 1000  # entries of a list
QUEUE = r"[^\x00-\x1f]{0,64}"


def problem(name: str, value: object) -> str | None:
    """What is wrong with this value of this setting; None when nothing is."""
    return CHECKS[name](value) if name in CHECKS else "there is no such setting"


def _whole(low: int, high: int) -> Check:
    def check(value: object) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if fits else f"must be a whole number from {low} to {high}"

    return check


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"must be {' or '.join(words)}"


def _like(pattern: str, example: str) -> Check:
    def check(value: object) -> str | None:
        fits = isinstance(value, str) and re.fullmatch(pattern, value)
        return None if fits else f"must look like {example}"

    return check


def _each(check: Check) -> Check:
    def checked(value: object) -> str | None:
        if not isinstance(value, list | tuple) or len(value) > MOST:
            return f"must be a list of at most {MOST}"
        return next((f"each {told}" for entry in value if (told := check(entry))), None)

    return checked


def _by_queue(check: Check, names: str = QUEUE) -> Check:
    named = _like(names, "the name of a queue")

    def checked(value: object) -> str | None:
        if not isinstance(value, Mapping) or len(value) > MOST:
            return "must be an object: a value for each queue, under an empty name the one for all others"
        wrong = (named(name) or check(entry) for name, entry in value.items())
        return next((f"each {told}" for told in wrong if told), None)

    return checked


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _rate(value: object) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and 0 <= float(str(value)) <= 1 else "must be a number from 0 to 1"


def _hours(value: object) -> str | None:
    fits = isinstance(value, str) and HOURS.fullmatch(value)
    return None if fits else 'must look like "20:00-08:00"'


def _opening(value: object) -> str | None:
    if told := _hours(value):
        return told
    opens, closes = str(value).replace(" ", "").split("-")
    return None if opens < closes else "must open before it closes"


def _date(value: object) -> str | None:
    try:
        fits = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        fits = False
    return None if fits else "must be a date such as 2026-12-24"


def _some(check: Check, least: int, most: int) -> Check:
    """A list of at least and at most so many different ones."""

    def checked(value: object) -> str | None:
        if told := check(value):
            return told
        assert isinstance(value, list | tuple)
        return None if least <= len(set(value)) <= most else f"must hold {least} to {most} different ones"

    return checked


_WEEKDAYS = _each(_whole(1, 7))
_NAME = _like(QUEUE, "the name of a queue")
_LANGUAGE = _like(r"[a-z]{2,3}", "sv")

CHECKS: Mapping[str, Check] = {
    "mode": _one_of("trial", "live"),
    "allow_list": _each(_like(r"[0-9a-f]{32}", "a caller's key")),
    "killed": _each(_like(rf"all|queue:{QUEUE}|language:[a-z]{{2,3}}", "all, queue:permits or language:sv")),
    "quarantine_days": _whole(0, 400),
    "invite_delay_seconds": _whole(0, 86_400),
    "min_talk_seconds": _whole(0, 3600),
    "quiet_hours": _hours,
    "quiet_days": _some(_WEEKDAYS, 0, 6),
    "opening_hours": _by_queue(_opening),
    "opening_days": _some(_WEEKDAYS, 1, 7),
    "holidays": _each(_date),
    "public_phone": _by_queue(_like(r"[^\x00-\x1f]{0,40}", "0770-000 000")),
    "excluded_queues": _each(_NAME),
    "outbound_voice": _by_queue(_flag),
    "reminder_hours": _whole(0, 48),
    "expiry_hours": _whole(1, 48),
    "sampling": _by_queue(_rate, rf"{QUEUE}(/[a-z]{{2,3}})?"),
    "languages": _some(_each(_LANGUAGE), 1, MOST),
    "draft_languages": _each(_LANGUAGE),
    "default_language": _LANGUAGE,
    "queue_languages": _by_queue(_LANGUAGE),
    "offered_languages": _by_queue(_each(_LANGUAGE)),
    "voice_first": _each(_LANGUAGE),
    "style": _one_of("one_by_one", "all_in_one"),
    "max_texts": _whole(1, 100),
    "max_per_day": _whole(0, 10_000_000),
    "countries": _each(_like(r"[A-Z]{2}", "SE")),
    "callback_consent": _one_of("ask", "from_call"),
    "callback_capacity": _whole(0, 10_000),
    "callback_due_hours": _whole(1, 400),
    "callback_expiry_hours": _whole(1, 400),
    "callback_attempts": _whole(1, 10),
}
