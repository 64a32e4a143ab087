"""From what a microphone heard to what a caller hears: judged, trimmed, made as loud as the others, and µ-law."""

import math
import sys
from array import array
from dataclasses import dataclass

from infra.prompts.recording import mulaw, wav

LONGEST = 10.0  # seconds, once trimmed
FRAME = wav.RATE // 50  # 20 ms: long enough to have a loudness, short enough to find where a word begins
KEPT = 3 * wav.RATE // 20  # 150 ms of silence at either end, so that no weak sound is cut off
A_WORD = 4  # frames in a row: a key or mouse click is shorter
HEARD = 10  # frames, together 0.2 s, that are as loud as a take is called
# Decibels below the loudest a sample can be.
SILENT, QUIET = -60.0, -46.0
SPEECH = -20.0  # how loud speech leaves here: about as loud as synthetic voices
PEAK = 0.9  # of full scale: no sample goes beyond, however uneven the voice
FULL, BROKEN = 32760, 8  # so many samples at the end of the scale are heard as a crackle


class Refused(Exception):
    """The take cannot be used; the message tells the speaker what to do."""


@dataclass(frozen=True, slots=True)
class Take:
    """One sentence as it will be played."""

    file: bytes  # the µ-law WAV
    seconds: float


def take(file: bytes) -> Take:
    """Raises Refused. `file` is what the page sends: 8 kHz, 16 bits, mono."""
    raw = _samples(file)
    samples = _centred(raw)
    levels = [_level(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]
    loud = sorted(levels)[-HEARD] if len(levels) >= HEARD else -math.inf
    if wrong := _useless(raw, loud):
        raise Refused(wrong)
    bar = _bar(levels, loud)
    kept = _trimmed(samples, levels, bar)
    seconds = len(kept) / wav.RATE
    if seconds > LONGEST:
        raise Refused(
            f"That took {seconds:.0f} seconds, and callers are not asked to listen longer than {LONGEST:.0f}. Read it"
            " again a little faster, without a pause."
        )
    body = mulaw.encoded(_even(kept, [level for level in levels if level > bar]))
    return Take(wav.mulaw(body), round(seconds, 1))


def _useless(samples: "array[int]", loud: float) -> str:
    """What the speaker is to do about a take that no care can mend; "" for a good one."""
    if loud < SILENT:
        return (
            "Almost nothing was heard. Is the right microphone chosen below, and is it switched on? The bar moves when"
            " it hears you."
        )
    if sum(abs(sample) >= FULL for sample in samples) >= BROKEN:
        return (
            "That was too loud and will crackle. Move a little away from the microphone, then read it again."
        )
    if loud < QUIET:
        return "That was too quiet. Come closer, a hand's length from the microphone, and read it again."
    return ""


def _samples(file: bytes) -> "array[int]":
    try:
        sound = wav.read(file)
    except wav.NotWav as wrong:
        raise Refused(f"The browser sent no recording ({wrong}). Reload the page and try again.") from wrong
    if (sound.tag, sound.channels, sound.rate, sound.bits) != (wav.PCM, 1, wav.RATE, 16):
        raise Refused("The browser sent a recording of another kind. Reload the page and try again.")
    samples = array("h", sound.body[: len(sound.body) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _centred(samples: "array[int]") -> "array[int]":
    """Without the constant part that poor sound cards add: it is not heard, but counts as loud."""
    middle = round(sum(samples) / len(samples)) if samples else 0
    return array("h", [_held(sample - middle) for sample in samples])


def _level(samples: "array[int]") -> float:
    power = sum(sample * sample for sample in samples) / len(samples) / 0x8000**2
    return 10 * math.log10(power + 1e-10)


def _bar(levels: list[float], loud: float) -> float:
    """Above it is speech: well over the room's own noise, and not absurdly far under the voice."""
    noise = sorted(levels)[len(levels) // 10]
    return max(loud - 35, min(noise + 8, loud - 15))


def _trimmed(samples: "array[int]", levels: list[float], bar: float) -> "array[int]":
    words = [
        at for at in range(len(levels) - A_WORD + 1) if all(level > bar for level in levels[at : at + A_WORD])
    ]
    if not words:
        raise Refused(
            "No words were heard, only a short noise. Press Record, wait a moment, and read it again."
        )
    first, last = words[0] * FRAME, (words[-1] + A_WORD) * FRAME
    return samples[max(0, first - KEPT) : last + KEPT]


def _even(samples: "array[int]", speech: list[float]) -> "array[int]":
    """As loud as every other recording, as far as its own peaks allow."""
    power = sum(10 ** (level / 10) for level in speech) / len(speech)
    wanted = 10 ** (SPEECH / 20) / math.sqrt(power)
    most = PEAK * 0x8000 / max(map(abs, samples))
    return array("h", [_held(round(sample * min(wanted, most))) for sample in samples])


def _held(sample: int) -> int:
    return max(-0x8000, min(0x7FFF, sample))
