"""Wording: one language's texts and words, read from `prompts/<language>/prompts.toml`."""

import datetime
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib.reading import normal, phrase
from chalicelib.script import Words

_STOP_LIST = re.compile(r"^stop *= *\[[^]]*\]", re.MULTILINE)

FOLDER = Path(__file__).parent.parent / "prompts"  # in a clone, and in the package (`vendor/prompts`)


@dataclass(frozen=True, slots=True)
class Prompts:
    """Everything a caller can be told in one language, and the words understood in it."""

    language: str  # BCP 47: "sv"
    name: str  # in its own words: "Svenska"
    direction: str  # "ltr" or "rtl"
    version: str  # of the wording: eight hex digits; a change of wording is a new wave
    reviewed_by: str  # empty: a draft no native speaker has read
    voice: str  # Twilio's name of the synthetic voice; empty where the language has none
    voice_language: str  # the locale that voice wants: "sv-SE"
    weekdays: tuple[str, ...]  # Monday first
    date: str  # "{weekday} {day}/{month}"
    words: Words
    sms: Mapping[str, str]
    spoken: Mapping[str, str]

    def day(self, day: datetime.date) -> str:
        """The date as a caller reads it: "onsdag 25/11"."""
        return self.date.format(weekday=self.weekdays[day.weekday()], day=day.day, month=day.month)


def languages() -> tuple[str, ...]:
    """Every language there is a folder for."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/prompts.toml")))


@cache
def load(language: str) -> Prompts:
    """One language's prompts; the others stay on disk. Raises FileNotFoundError for one we do not have."""
    raw = (FOLDER / language / "prompts.toml").read_bytes()
    table = tomllib.loads(raw.decode())
    words = {kind: frozenset(map(normal, entries)) for kind, entries in table["words"].items()}
    wording = repr((sorted(table["sms"].items()), sorted(table["spoken"].items())))
    return Prompts(
        language=table["language"],
        name=table["name"],
        direction=table["direction"],
        version=hashlib.sha256(wording.encode()).hexdigest()[:8],
        reviewed_by=table["reviewed_by"],
        voice=table["voice"],
        voice_language=table["voice_language"],
        weekdays=tuple(table["weekdays"]),
        date=table["date"],
        words=Words(**words),
        sms=table["sms"],
        spoken=table["spoken"],
    )


def drafts(codes: Iterable[str]) -> list[str]:
    """Those of the languages that no native speaker has reviewed."""
    return [code for code in codes if not load(code).reviewed_by]


@cache
def stops(languages: tuple[str, ...]) -> frozenset[str]:
    """The stop phrases of all these languages, for `reading.read`: whoever opts out may do so in any of them.

    Only each file's `stop` list is read; the texts stay unread.
    """
    files = [(FOLDER / language / "prompts.toml").read_text(encoding="utf-8") for language in languages]
    lists = [found.group() for text in files if (found := _STOP_LIST.search(text))]
    return frozenset(phrase(entry) for listed in lists for entry in tomllib.loads(listed)["stop"])
