"""Lint of the recordings: each can be played on a telephone, and says what is still said."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from infra.command import OpsError
from infra.prompts.findings import Finding, error, warning
from infra.prompts.form import Table
from infra.prompts.recording import shelf, wav
from infra.prompts.recording.shelf import TABLE, Kept
from infra.prompts.recording.take import LONGEST

_OFF = 0.1  # seconds an entry may be off: it is rounded


def findings(raw: Table, place: Path) -> Iterator[Finding]:
    """Everything about `place`, the audio folder of the language whose prompts are `raw`."""
    try:
        entries = shelf.read(place)
    except OpsError as wrong:
        yield error(f"audio.{TABLE}", str(wrong))
        return
    for name, kept in entries.items():
        yield from _recording(f"audio.{name}", kept, place / f"{name}.wav")
    yield from _stale(raw, entries)
    there = {file.name for file in place.iterdir()} if place.is_dir() else set()
    for name in sorted(there - {TABLE} - {f"{name}.wav" for name in entries}):
        yield error(
            f"audio.{name}", "no entry names this file, so it is never played: record it again, or delete it"
        )


def _recording(where: str, kept: Kept, path: Path) -> Iterator[Finding]:
    if not kept.speaker.strip():
        yield error(where, "no speaker: who agreed to be played?")
    try:
        sound = wav.read(path.read_bytes())
    except FileNotFoundError:
        yield error(where, f"{path.name} is missing: record it again")
    except wav.NotWav as wrong:
        yield error(where, f"{path.name} is {wrong}")
    else:
        yield from _sound(where, kept, sound)


def _sound(where: str, kept: Kept, sound: wav.Wav) -> Iterator[Finding]:
    if (sound.tag, sound.channels, sound.rate, sound.bits) != (wav.MULAW, 1, wav.RATE, 8):
        yield error(where, "not 8 kHz µ-law with one channel, which is what telephones play")
        return
    seconds = len(sound.body) / wav.RATE
    if seconds > LONGEST:
        yield error(where, f"{seconds:.1f} s: {LONGEST:.0f} s at most")
    if abs(seconds - kept.seconds) > _OFF:
        yield error(
            where, f"lasts {seconds:.1f} s, and its entry says {kept.seconds:.1f}: is it the same take?"
        )


def _stale(raw: Table, entries: shelf.Shelf) -> Iterator[Finding]:
    """Which names and numbers are said differs between stages, so anything may stand in a text's blanks."""
    said = [_pattern(text) for text in raw.get("spoken", {}).values() if isinstance(text, str)]
    for name, kept in entries.items():
        if not any(pattern.fullmatch(kept.says) for pattern in said):
            yield warning(f"audio.{name}", "stale: no text says that any more, so it is never played")


def _pattern(text: str) -> re.Pattern[str]:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:  # lint of the texts says so
        return re.compile(re.escape(text))
    return re.compile(
        "".join(re.escape(words) + (".+" if blank is not None else "") for words, blank, _, _ in parts)
    )
