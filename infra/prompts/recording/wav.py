"""WAV containers (RIFF): chunks, each a name, a length and bytes, at even places; `fmt ` says how `data` is meant."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

PCM, MULAW = 1, 7  # format tags
RATE = 8000  # samples a second on the telephone


class NotWav(ValueError):
    """The bytes are no WAV file, or only the beginning of one; the message says which."""


@dataclass(frozen=True, slots=True)
class Wav:
    """What a file says of itself, and its sound."""

    tag: int
    channels: int
    rate: int
    bits: int
    body: bytes


def read(file: bytes) -> Wav:
    """Raises NotWav."""
    if file[:4] != b"RIFF" or file[8:12] != b"WAVE":
        raise NotWav("not a WAV file")
    found = dict(_chunks(file))
    if len(found.get(b"fmt ", b"")) < 16 or b"data" not in found:
        raise NotWav("a WAV file without its format or its sound")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", found[b"fmt "])
    return Wav(tag, channels, rate, bits, found[b"data"])


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(file):
        name, size = struct.unpack_from("<4sI", file, at)
        body = file[at + 8 : at + 8 + size]
        if len(body) < size:
            raise NotWav("a WAV file that ends in the middle")
        yield name, body
        at += 8 + size + size % 2


def mulaw(body: bytes) -> bytes:
    """A file of G.711 µ-law, 8 kHz, mono. What is not PCM must carry `fact`, the number of samples."""
    form = struct.pack("<HHIIHHH", MULAW, 1, RATE, RATE, 1, 8, 0)
    parts = ((b"fmt ", form), (b"fact", struct.pack("<I", len(body))), (b"data", body))
    inside = b"".join(
        name + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for name, part in parts
    )
    return b"RIFF" + struct.pack("<I", 4 + len(inside)) + b"WAVE" + inside
