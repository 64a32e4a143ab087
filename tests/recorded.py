"""Recordings for tests: a tone for every sentence of a language, in a folder of prompts that belongs to the test."""

import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib import prompts, recordings
from chalicelib.wording import Facts


def tone(seed: str, seconds: float = 0.2) -> bytes:
    """µ-law in a WAV; another seed sounds otherwise."""
    period = 8 + sum(seed.encode()) % 40
    sound = bytes(0x90 if n % period < period // 2 else 0x10 for n in range(int(8000 * seconds)))
    form = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
    fact = struct.pack("<I", len(sound))
    parts = b"".join(
        name + struct.pack("<I", len(part)) + part
        for name, part in ((b"fmt ", form), (b"fact", fact), (b"data", sound))
    )
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WAVE" + parts


def record(folder: Path, language: str, facts: Facts, left_out: str = "") -> dict[str, str]:
    """Everything that is said in the language with these facts is recorded, but for the one sentence left out."""
    sentences = recordings.sentences(prompts.load(language), facts)
    sentences = {name: says for name, says in sorted(sentences.items()) if name != left_out}
    place = folder / language / "audio"
    place.mkdir(exist_ok=True)
    entries = []
    for name, says in sentences.items():
        (place / f"{name}.wav").write_bytes(tone(name))
        entries.append(f'[{name}]\nsays = "{says}"\nspeaker = "a test"\ndate = 2026-11-22\nseconds = 0.2\n')
    (place / "recordings.toml").write_text("\n".join(entries), encoding="utf-8")
    recordings.recorded.cache_clear()
    return sentences


@contextmanager
def folder_of_its_own(at: Path) -> Iterator[Path]:
    """The prompts, copied: the service reads them there, until the test has ended."""
    usual = prompts.FOLDER
    shutil.copytree(usual, at)
    prompts.FOLDER = at
    recordings.recorded.cache_clear()
    try:
        yield at
    finally:
        prompts.FOLDER = usual
        recordings.recorded.cache_clear()
