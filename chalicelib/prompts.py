"""Wording: one language's texts and words, read from `prompts/<language>/prompts.toml`."""

import datetime
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.dataclass import dataclass
from chalicelib.reading import lists, normal_each, stop_phrases
from chalicelib.script import Words

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
    speech: str  # the locale Twilio knows the spoken language by; empty where it does not: keys only
    hints: tuple[str, ...]  # what is likely to be said, for whoever writes speech down
    weekdays: tuple[str, ...]  # Monday first
    date: str  # "{weekday} {day}/{month}"
    weekdays_spoken: tuple[str, ...]
    date_spoken: str  # "{weekday}" where people read the texts aloud: they cannot record every date
    words: Words
    sms: Mapping[str, str]
    spoken: Mapping[str, str]

    def day(self, day: datetime.date) -> str:
        """The date as a caller reads it: "onsdag 25/11"."""
        return self.date.format(weekday=self.weekdays[day.weekday()], day=day.day, month=day.month)

    def day_spoken(self, day: datetime.date) -> str:
        """The same as a caller hears it."""
        weekday = self.weekdays_spoken[day.weekday()]
        return self.date_spoken.format(weekday=weekday, day=day.day, month=day.month)


def languages() -> tuple[str, ...]:
    """Every language there is a folder for."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/prompts.toml")))


@cache
def load(language: str) -> Prompts:
    """One language's prompts; the others stay on disk. Raises FileNotFoundError for one we do not have."""
    table = _tables(language)
    words = {kind: frozenset(normal_each(entries)) for kind, entries in table["words"].items()}
    wording = repr((sorted(table["sms"].items()), sorted(table["spoken"].items())))
    return Prompts(
        language=table["language"],
        name=table["name"],
        direction=table["direction"],
        version=hashlib.sha256(wording.encode()).hexdigest()[:8],
        reviewed_by=table["reviewed_by"],
        voice=table["voice"],
        voice_language=table["voice_language"],
        speech=table["speech"],
        hints=tuple(table["words"][kind][0] for kind in ("yes", "no", "skip")),
        weekdays=tuple(table["weekdays"]),
        date=table["date"],
        weekdays_spoken=tuple(table.get("weekdays_spoken", table["weekdays"])),
        date_spoken=table.get("date_spoken", table["date"]),
        words=Words(**words),
        sms=table["sms"],
        spoken=table["spoken"],
    )


def _tables(language: str) -> dict[str, Any]:
    """The file as it is; `words` holds the lists."""
    listed, rest = lists.split((FOLDER / language / "prompts.toml").read_text(encoding="utf-8"))
    return {**tomllib.loads(rest), "words": listed}


def missing(language: str) -> list[str]:
    """What English has and this language lacks, of texts and of words to understand; it cannot be asked in without."""
    own, whole = (_tables(code) for code in (language, "en"))
    return [
        f"{part}.{name}"
        for part in ("sms", "spoken", "words")
        for name, entry in whole[part].items()
        if entry and not own[part].get(name)
    ]


def drafts(codes: Iterable[str]) -> list[str]:
    """Those of the languages that no native speaker has reviewed."""
    return [code for code in codes if not load(code).reviewed_by]


@cache
def stops(languages: tuple[str, ...]) -> frozenset[str]:
    """The stop phrases of all these languages, for `reading.read`: whoever opts out may do so in any of them.

    Only each file's lists are read; the texts stay unread.
    """
    files = [(FOLDER / language / "prompts.toml").read_text(encoding="utf-8") for language in languages]
    return frozenset().union(*(stop_phrases(lists.split(text)[0]) for text in files))
