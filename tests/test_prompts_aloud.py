"""What lint says of voice, speech and spoken days."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib import prompts
from infra.prompts import form, preview, skeleton, texts

LANGUAGES = prompts.languages()
PUBLISHED = json.loads((Path(__file__).parent / "vectors/twilio_say_voices.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_listened_for_is_one_that_twilio_knows_by_ear(language: str) -> None:
    speech = prompts.load(language).speech
    assert speech == "" or speech in PUBLISHED["gather_speech_languages"]


def test_no_language_that_twilio_knows_by_ear_is_left_out() -> None:
    known = {locale.split("-")[0] for locale in PUBLISHED["gather_speech_languages"]}
    mute = {code for code in LANGUAGES if not prompts.load(code).speech}
    assert mute & known == set()
    assert set(form.SPEECH.values()) <= set(PUBLISHED["gather_speech_languages"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_hints_are_words_that_are_understood(language: str) -> None:
    known = prompts.load(language)
    assert len(known.hints) == 3
    assert all(hint and "," not in hint and len(hint) <= 100 for hint in known.hints)


def problems(language: str, change: Callable[[dict[str, Any]], object]) -> set[str]:
    raw = {**form.table(language)}
    raw["spoken"] = dict(raw["spoken"])
    change(raw)
    return {finding.where for finding in texts.findings(language, raw) if finding.level == "error"}


@pytest.mark.parametrize(
    "language, change, where",
    [
        ("sv", lambda raw: raw.pop("speech"), "speech"),
        ("sv", lambda raw: raw.update(speech="sv"), "speech"),
        ("so", lambda raw: raw.update(speech="so-SO"), "speech"),
        ("sv", lambda raw: raw["spoken"].update(no_input="Tryck på en knapp."), "spoken.no_input"),
        ("sv", lambda raw: raw.update(speech=""), "spoken.no_input"),
        ("so", lambda raw: raw["spoken"].update(no_input="Haa ama maya dheh."), "spoken.no_input"),
        ("so", lambda raw: raw.pop("date_spoken"), "date_spoken"),
        ("so", lambda raw: raw.update(date_spoken="{weekday} {day}/{month}"), "date_spoken"),
        ("sq", lambda raw: raw.update(weekdays_spoken=["të hënën"]), "weekdays_spoken"),
    ],
)
def test_lint_finds(language: str, change: Callable[[dict[str, Any]], object], where: str) -> None:
    assert where not in problems(language, lambda raw: None)
    assert where in problems(language, change)


def test_a_day_is_shown_as_it_is_said() -> None:
    shown = {each.key: each.text for each in preview.shown(form.table("sq"))}
    assert "të mërkurën" in shown["spoken.promise"]
    assert "28/12" not in shown["spoken.promise"]
    assert "28/12" in shown["sms.promise"]


def test_a_text_is_measured_with_the_day_that_costs_most() -> None:
    assert "sábado" in form.fillings(form.table("es"))["day"]


def test_a_new_language_starts_with_what_the_carrier_can_do(tmp_path: Path) -> None:
    (made, mute) = (skeleton.make(code, tmp_path) / "prompts.toml" for code in ("sv", "so"))
    assert 'speech = "sv-SE"' in made.read_text(encoding="utf-8")
    assert "date_spoken" not in made.read_text(encoding="utf-8")
    assert 'speech = ""' in mute.read_text(encoding="utf-8")
    assert 'date_spoken = "{weekday}"' in mute.read_text(encoding="utf-8")
