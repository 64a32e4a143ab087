"""What becomes of a take: µ-law as G.711 has it, trimmed, even in loudness; or refused, in words."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.prompts.recording import mulaw, wav
from infra.prompts.recording.take import LONGEST, PEAK, Refused, take
from tests.sounds import spoken
from tests.sounds import wav as pcm

SILENCE = pcm(array("h", [0]) * 24000)


@pytest.mark.parametrize(
    "code, value",  # G.711, table 2a: the first and last byte of each segment, and what they stand for
    [
        (0x80, 8031), (0x8F, 4191), (0x90, 3999), (0x9F, 2079), (0xA0, 1983), (0xAF, 1023), (0xB0, 975), (0xBF, 495),
        (0xC0, 471), (0xCF, 231), (0xD0, 219), (0xDF, 99), (0xE0, 93), (0xEF, 33), (0xF0, 30), (0xFE, 2), (0xFF, 0),
        (0x00, -8031), (0x0F, -4191), (0x70, -30), (0x7E, -2), (0x7F, 0),
    ],
)  # fmt: skip
def test_a_byte_stands_for_what_the_recommendation_says(code: int, value: int) -> None:
    assert mulaw.decoded(code) == value * 4  # of 14 bits, in the upper 14 of 16


@pytest.mark.parametrize(
    "sample, code",  # the table's decision values: from each on, the next louder byte
    [
        (0, 0xFF), (1, 0xFE), (3, 0xFD), (30, 0xF0), (31, 0xEF), (94, 0xE0), (95, 0xDF), (222, 0xD0), (223, 0xCF),
        (478, 0xC0), (479, 0xBF), (990, 0xB0), (991, 0xAF), (2014, 0xA0), (2015, 0x9F), (4062, 0x90), (4063, 0x8F),
        (7902, 0x81), (7903, 0x80), (8191, 0x80), (-1, 0x7E), (-31, 0x6F), (-4063, 0x0F), (-8191, 0x00),
    ],
)  # fmt: skip
def test_a_sample_becomes_the_byte_the_recommendation_says(sample: int, code: int) -> None:
    assert mulaw.encoded(array("h", [sample * 4])) == bytes([code])


def test_no_sample_is_further_off_than_half_a_step_and_louder_stays_louder() -> None:
    samples = array("h", range(-0x8000, 0x8000))
    values = [mulaw.decoded(code) for code in mulaw.encoded(samples)]
    assert values == sorted(values)
    for sample, value in zip(
        samples, values, strict=True
    ):  # above 8159 * 4 there is nothing louder to become
        assert abs(value - sample) <= (abs(sample) + 33 * 4) / 32 + 4 or abs(sample) > 8159 * 4


def heard(file: bytes) -> list[int]:
    sound = wav.read(file)
    assert (sound.tag, sound.channels, sound.rate, sound.bits) == (wav.MULAW, 1, 8000, 8)
    return [mulaw.decoded(code) for code in sound.body]


def loudness(samples: list[int]) -> float:
    return 10 * math.log10(sum(sample**2 for sample in samples) / len(samples) / 0x8000**2)


@pytest.mark.parametrize("before, after", [(0, 0), (0.2, 0.1), (1.5, 3), (4, 4)])
def test_silence_is_trimmed_but_for_a_breath(before: float, after: float) -> None:
    made = take(spoken(2, before=before, after=after))
    assert 2 + min(before, 0.1) + min(after, 0.1) <= made.seconds <= 2.4
    assert made.seconds == pytest.approx(len(heard(made.file)) / 8000, abs=0.05)


def test_soft_and_loud_speakers_are_heard_alike() -> None:
    soft, loud = (loudness(heard(take(spoken(loud=level)).file)) for level in (0.02, 0.4))
    assert soft == pytest.approx(loud, abs=1)
    assert -26 < loud < -18


def test_nothing_is_made_louder_than_a_line_carries() -> None:
    spiky = spoken(loud=0.05, click_at=1.0)
    assert max(map(abs, heard(take(spiky).file))) <= PEAK * 0x8000 * 1.02


def test_the_click_of_the_key_is_not_kept() -> None:
    made = take(spoken(2, before=1.5, after=1.5, click_at=0.05))
    assert made.seconds <= 2.4


def test_a_sentence_may_take_ten_seconds() -> None:
    assert 9.5 <= take(spoken(9.6, before=2, after=2)).seconds <= LONGEST


@pytest.mark.parametrize(
    "file, says",
    [
        (SILENCE, "Almost nothing"),
        (pcm(array("h")), "Almost nothing"),
        (spoken(loud=0.0004), "Almost nothing"),
        (spoken(loud=0, offset=0.2), "Almost nothing"),  # a poor sound card: the constant part is not heard
        (spoken(loud=0.004), "too quiet"),
        (spoken(loud=4), "too loud"),
        (spoken(loud=4, offset=0.01), "too loud"),
        (spoken(11), "took 11 seconds"),
        (spoken(rate=48000), "another kind"),
        (spoken(channels=2), "another kind"),
        (b"", "no recording"),
        (b"RIFF\0\0\0\0WAVE", "no recording"),
        (spoken()[:-1], "no recording"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(file: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        take(file)


def test_noises_too_short_for_a_word_are_no_sentence() -> None:
    samples = array("h", [0]) * 16000
    for start in range(0, 16000, 1600):  # 40 ms in every 200
        samples[start : start + 320] = array("h", [3000, -3000] * 160)
    with pytest.raises(Refused, match="No words"):
        take(pcm(samples))


@given(st.binary(max_size=2001))
def test_a_file_reads_back_as_it_was_written(body: bytes) -> None:
    written = wav.mulaw(body)
    assert wav.read(written) == wav.Wav(wav.MULAW, 1, 8000, 8, body)
    assert len(written) == int.from_bytes(written[4:8], "little") + 8
    assert len(written) % 2 == 0
