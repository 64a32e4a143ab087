"""What the page works on: one language, its sentences, whoever speaks now, and the last take."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.prompts import Prompts
from chalicelib.wording import Facts
from infra.prompts.recording import shelf
from infra.prompts.recording.lines import Line, lines
from infra.prompts.recording.take import Refused, Take, take

NAME_LENGTH = 80


@dataclass(slots=True)
class Studio:
    """One run of the page. Only what is kept outlives it; whoever opens it anew agrees anew."""

    prompts: Prompts
    facts: Facts
    unsure: str  # what is uncertain about the facts, else ""
    sentences: Mapping[str, str]  # name -> what is to be read
    notes: Mapping[str, str]
    place: Path
    speaker: str = ""  # "": nobody has agreed yet
    _takes: int = 0
    _last: tuple[str, str, Take] | None = None  # its number, the sentence's name, the sound
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        return f"{self.prompts.name} ({self.prompts.language})"

    def lines(self) -> list[Line]:
        return lines(self.sentences, shelf.read(self.place), self.place, self.notes, self.facts.phone)

    def shown(self) -> dict[str, Any]:
        """All the page shows, as JSON holds it."""
        return {
            "speaker": self.speaker,
            "guess": self.speaker or self._last_speaker(),
            "facts": {"authority": self.facts.authority, "phone": self.facts.phone},
            "unsure": self.unsure,
            "lines": [asdict(line) for line in self.lines()],
        }

    def _last_speaker(self) -> str:
        entries = sorted(shelf.read(self.place).values(), key=lambda kept: kept.date)
        return entries[-1].speaker if entries else ""

    def agree(self, name: object, agrees: object) -> None:
        """Somebody agrees to be played to callers. Raises Refused."""
        clean = " ".join(name.split()) if isinstance(name, str) else ""
        if not clean or len(clean) > NAME_LENGTH or not clean.isprintable():
            raise Refused(f"Write your name or your role, in at most {NAME_LENGTH} letters.")
        if agrees is not True:
            raise Refused("Your voice is kept and played only if you agree: tick the box.")
        self.speaker = clean

    def hear(self, name: str, file: bytes) -> tuple[str, Take]:
        """A take of one sentence, with the number to keep it by. Raises Refused."""
        if not self.speaker:
            raise Refused("Say first who you are: reload the page.")
        heard = take(file)
        with self._lock:
            self._takes += 1
            number = str(self._takes)
            self._last = (number, name, heard)
        return number, heard

    def last(self, number: str) -> Take | None:
        return self._last[2] if self._last and self._last[0] == number else None

    def keep(self, name: str, number: object) -> None:
        """The last take as the recording of its sentence. Raises Refused, OSError, OpsError."""
        with self._lock:
            if self._last is None or self._last[:2] != (number, name):
                raise Refused("That take is gone: another one was made since. Read the sentence once more.")
            day = datetime.now(UTC).astimezone().date()
            shelf.keep(self.place, name, self._last[2], self.sentences[name], self.speaker, day)
