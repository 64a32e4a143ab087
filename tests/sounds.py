"""Something like a voice: bursts of a buzz with short gaps, and a room's faint noise before, between and after."""

import io
import math
import random
import wave
from array import array


def spoken(
    seconds: float = 2.0,
    loud: float = 0.2,
    before: float = 0.6,
    after: float = 0.6,
    *,
    rate: int = 8000,
    channels: int = 1,
    pitch: float = 0,
    offset: float = 0,
    click_at: float = -1,
) -> bytes:
    """A 16-bit WAV; `loud` is the amplitude of the buzz, 1 the most. `pitch`: a pure tone of so many hertz instead."""
    dice = random.Random(1)
    overtones = [pitch] if pitch else [150.0 * k for k in range(1, 9)]
    samples = array("h")
    for place in range(round((before + seconds + after) * rate)):
        at = place / rate
        sound = offset + dice.gauss(0, 0.0003)
        if before <= at < before + seconds:
            burst = max(0.1, math.cos(2 * math.pi * 2 * (at - before))) ** 0.5
            sound += (
                loud
                * burst
                * sum(math.sin(2 * math.pi * tone * at) for tone in overtones)
                / len(overtones)
                * 2
            )
        if click_at <= at < click_at + 0.03:
            sound += 0.3 * dice.choice((-1, 1))
        samples.extend([round(max(-1, min(1, sound)) * 32767)] * channels)
    return wav(samples, rate, channels)


def wav(samples: "array[int]", rate: int = 8000, channels: int = 1) -> bytes:
    """As the standard library writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(samples.tobytes())
    return file.getvalue()
