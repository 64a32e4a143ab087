"""The recordings of one language, `prompts/<language>/audio/`: the files, and in `recordings.toml` what each says.

What the table says of a file is true at every moment, however suddenly this ends: a file is there before its entry, and
an entry goes before its file comes to say something else.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chalicelib import prompts
from infra.command import OpsError
from infra.prompts.recording.take import Take

TABLE = "recordings.toml"


@dataclass(frozen=True, slots=True)
class Kept:
    """One recording's entry."""

    says: str  # the whole sentence: it is played for exactly this, and for nothing else
    speaker: str  # a name or role
    date: date
    seconds: float


Shelf = Mapping[str, Kept]  # by name: "welcome", "promise-3"


def folder(language: str) -> Path:
    return prompts.FOLDER / language / "audio"


def read(place: Path) -> Shelf:
    """Every entry; none where nothing was recorded yet. Raises OpsError for a table that cannot be read."""
    try:
        text = (place / TABLE).read_text(encoding="utf-8")
        return {name: _entry(raw) for name, raw in tomllib.loads(text).items()}
    except FileNotFoundError:
        return {}
    except (KeyError, TypeError, ValueError) as error:
        raise OpsError(f"{place / TABLE} cannot be read: {error}") from error


def _entry(raw: Mapping[str, Any]) -> Kept:
    day = raw["date"]
    if not isinstance(day, date):
        raise TypeError(f"date = {day!r} is no date")
    return Kept(str(raw["says"]), str(raw["speaker"]), day, float(raw["seconds"]))


def keep(place: Path, name: str, take: Take, says: str, speaker: str, day: date) -> None:
    """The take as the recording of that name."""
    place.mkdir(exist_ok=True)
    there = dict(read(place))
    if there.pop(name, None):
        _write(place / TABLE, _text(there))
    _write(place / f"{name}.wav", take.file)
    _write(place / TABLE, _text({**there, name: Kept(says, speaker, day, take.seconds)}))


def remove(place: Path, name: str) -> None:
    """The recording gone: its entry first. Raises OpsError when there is none."""
    there = dict(read(place))
    if name not in there:
        raise OpsError(f"there is no recording {name!r} in {place}")
    del there[name]
    _write(place / TABLE, _text(there))
    (place / f"{name}.wav").unlink(missing_ok=True)


def _text(shelf: Shelf) -> bytes:
    return "\n".join(_table(name, shelf[name]) for name in sorted(shelf)).encode()


def _table(name: str, kept: Kept) -> str:
    says, speaker = _quoted(kept.says), _quoted(kept.speaker)
    return f"[{name}]\nsays = {says}\nspeaker = {speaker}\ndate = {kept.date}\nseconds = {kept.seconds:.1f}\n"


def _quoted(text: str) -> str:
    """TOML's strings are JSON's, but for one sign that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
