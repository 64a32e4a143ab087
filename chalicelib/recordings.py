"""Recordings: sentences read aloud by a person, in `prompts/<language>/audio/`; recordings.toml says what each says.

One is played if and only if it says exactly the sentence that is due: a changed text, another authority or another
telephone number never plays an old recording.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from chalicelib import prompts
from chalicelib.dataclass import dataclass
from chalicelib.prompts import Prompts
from chalicelib.wording import OFFERED_AS, Facts, blanks

_A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Recording:
    """One file, 8 kHz µ-law in a WAV."""

    name: str  # the sentence's key in [spoken]; "promise-3" says Wednesday, "offer-6" says six
    file: Path
    version: str  # of the sound: eight hex digits, so that what is cached is never stale

    @property
    def path(self) -> str:
        """Where a line, or a browser, gets it from: "/audio/so/welcome-3f2a9c01.wav"."""
        return f"/audio/{self.file.parts[-3]}/{self.name}-{self.version}.wav"


def sentences(known: Prompts, facts: Facts) -> dict[str, str]:
    """All that can be said in this language with these facts, by the name of its recording.

    But for sentences with a whole date: only weekdays are few enough to be read aloud.
    """
    usual = blanks(None, known, facts)
    return {
        f"{key}{number}": text.format_map({**usual, **own})
        for key, text in known.spoken.items()
        for number, own in _variants(text, known)
    }


def _variants(text: str, known: Prompts) -> Iterator[tuple[str, dict[str, str]]]:
    if "{day}" in text:
        days = [known.day_spoken(_A_MONDAY + timedelta(days=n)) for n in range(7)]
        if days == [known.day_spoken(_A_MONDAY + timedelta(days=n)) for n in range(7, 14)]:
            yield from ((f"-{n}", {"day": day}) for n, day in enumerate(days, start=1))
    elif "{n}" in text:
        yield from ((f"-{n}", {"n": str(n)}) for n in OFFERED_AS)
    else:
        yield "", {}


def speakable(known: Prompts, facts: Facts) -> bool:
    """Whether callers can be spoken to in this language: by a synthetic voice, or with every sentence recorded."""
    return bool(known.voice) or recorded(known.language).keys() >= set(sentences(known, facts).values())


@cache
def recorded(language: str) -> Mapping[str, Recording]:
    """A language's recordings by what they say, as they were when first asked for."""
    folder = prompts.FOLDER / language / "audio"
    listed = folder / "recordings.toml"
    table = tomllib.loads(listed.read_text(encoding="utf-8")) if listed.exists() else {}
    files = {name: folder / f"{name}.wav" for name in table}
    return {
        entry["says"]: Recording(name, files[name], _version(files[name]))
        for name, entry in table.items()
        if "says" in entry and files[name].exists()
    }


def _version(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def found(language: str, name: str) -> Recording | None:
    """The recording at the address `/audio/{language}/{name}`; None for anything else that may be asked for."""
    if language not in prompts.languages():
        return None
    path = f"/audio/{language}/{name}"
    return next((each for each in recorded(language).values() if each.path == path), None)
