"""Recordings: which sentences there are to record, which of them is played, and where it is got from."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import prompts, recordings
from chalicelib.effects import Ask, Tell
from chalicelib.script import QUESTIONS
from chalicelib.wording import spoken
from tests.fakes import FACTS, NOON, planned
from tests.recorded import folder_of_its_own, record, tone

MUTE = [code for code in prompts.languages() if not prompts.load(code).voice]
SO = prompts.load("so")
TOLD = (
    "promise",
    "no_callback",
    "list_full",
    "thanks",
    "opted_out",
    "nothing_open",
    "late",
    "not_me",
    "help",
)
EFFECTS = [
    *(Ask("who", lead) for lead in ("", "no_input", "wrong_key")),
    *(
        Ask(question, lead)
        for question in QUESTIONS
        for lead in ("", "welcome", "assurance", "no_input", "wrong_key", "moved_on")
    ),
    *(Ask("consent"), Ask("end"), Ask("end", "not_the_caller")),
    *map(Tell, TOLD),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with folder_of_its_own(tmp_path / "prompts") as made:
        yield made


@pytest.mark.parametrize("language", MUTE)
def test_whatever_is_said_on_a_line_is_among_the_sentences_to_record(language: str) -> None:
    known = prompts.load(language)
    listed = set(recordings.sentences(known, FACTS).values())
    for days in range(7):
        survey = planned(language=language, promised=NOON.date() + timedelta(days=days))
        for effect in EFFECTS:
            assert {text for text, _ in spoken(effect, survey, known, FACTS).sentences} <= listed, effect
    offered = planned(language="sv", offers=("en", language))
    said = spoken(Ask("service", "welcome"), offered, prompts.load("sv"), FACTS).sentences
    assert {text for text, own in said if own is known} <= listed


def test_every_weekday_and_every_offer_is_a_sentence_of_its_own() -> None:
    sentences = recordings.sentences(SO, FACTS)
    assert {name for name in sentences if "-" in name} == {
        *(f"promise-{day}" for day in range(1, 8)),
        "offer-5",
        "offer-6",
    }
    assert "Isniinta" in sentences["promise-1"]
    assert len(set(sentences.values())) == len(sentences)
    assert not any("{" in sentence for sentence in sentences.values())


def test_a_sentence_with_a_whole_date_is_left_to_the_synthetic_voice() -> None:
    assert not any(name.startswith("promise") for name in recordings.sentences(prompts.load("sv"), FACTS))


def test_a_language_is_spoken_where_it_has_a_voice_or_every_sentence_is_recorded(folder: Path) -> None:
    assert recordings.speakable(prompts.load("sv"), FACTS)
    assert not recordings.speakable(SO, FACTS)
    record(folder, "so", FACTS)
    assert recordings.speakable(SO, FACTS)
    assert not recordings.speakable(prompts.load("ti"), FACTS)


@pytest.mark.parametrize("changed", [{"authority": "Annat verk"}, {"phone": "0770-111 111"}])
def test_recordings_of_other_names_and_numbers_are_not_played(folder: Path, changed: dict[str, str]) -> None:
    record(folder, "so", FACTS)
    assert not recordings.speakable(SO, replace(FACTS, **changed))


@pytest.mark.parametrize("name", ["welcome", "promise-7", "offer-6"])
def test_one_sentence_missing_is_one_too_many(folder: Path, name: str) -> None:
    record(folder, "so", FACTS, left_out=name)
    assert not recordings.speakable(SO, FACTS)


def test_an_entry_without_its_file_is_no_recording(folder: Path) -> None:
    record(folder, "so", FACTS)
    (folder / "so" / "audio" / "welcome.wav").unlink()
    recordings.recorded.cache_clear()
    assert not recordings.speakable(SO, FACTS)


def test_another_sound_has_another_address(folder: Path) -> None:
    says = record(folder, "so", FACTS)["welcome"]
    before = recordings.recorded("so")[says]
    assert recordings.found("so", before.path.rpartition("/")[2]) == before
    (folder / "so" / "audio" / "welcome.wav").write_bytes(tone("another"))
    recordings.recorded.cache_clear()
    after = recordings.recorded("so")[says]
    assert after.path != before.path
    assert recordings.found("so", before.path.rpartition("/")[2]) is None


@pytest.mark.parametrize(
    "language, name",
    [
        ("so", "welcome.wav"),
        ("so", "welcome-00000000.wav"),
        ("so", "recordings.toml"),
        ("so", "../prompts.toml"),
        ("..", "so/audio/welcome.wav"),
        ("so/audio", "welcome.wav"),
        ("xx", "welcome.wav"),
        ("", ""),
    ],
)
def test_nothing_but_a_recording_is_found_at_an_address(folder: Path, language: str, name: str) -> None:
    record(folder, "so", FACTS)
    assert recordings.found(language, name) is None


def test_what_lies_beside_the_prompts_is_no_recording(folder: Path) -> None:
    says = record(folder, "so", FACTS)["welcome"]
    name = recordings.recorded("so")[says].path.rpartition("/")[2]
    (folder / "so" / "audio").rename(folder.parent / "audio")
    recordings.recorded.cache_clear()
    assert recordings.found("..", name) is None


@given(st.text(), st.text())
def test_whatever_is_asked_for_is_found_or_not(language: str, name: str) -> None:
    assert recordings.found(language, name) is None
