"""The wording of every language, the words its speakers write, and the translators' tool."""

import json
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from chalicelib import prompts
from chalicelib.script import Words
from infra.prompts import form, skeleton, texts, words
from infra.prompts.__main__ import findings, main

LANGUAGES = prompts.languages()
VOICES = json.loads((Path(__file__).parent / "vectors/twilio_say_voices.json").read_text())
LOCALES = {*VOICES["say_languages"], *VOICES["google_voices_by_locale"]}
PUBLISHED_VOICES = {
    *VOICES["polly_voices"],
    *(v for of in VOICES["google_voices_by_locale"].values() for v in of),
}


def tool(*arguments, stdin=""):
    """Runs `python -m infra.prompts` and reads its JSON lines."""
    command = [sys.executable, "-m", "infra.prompts", *arguments]
    said = subprocess.run(
        command, input=stdin.encode(), capture_output=True, check=True, cwd=prompts.FOLDER.parent
    )
    return [json.loads(line) for line in said.stdout.decode().splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_passes_lint(language):
    assert [f"{f.where}: {f.what}" for f in findings(language) if f.level == "error"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_voice_is_one_that_twilio_lists(language):
    wording = prompts.load(language)
    assert not wording.voice or (
        wording.voice in PUBLISHED_VOICES and wording.voice_language in VOICES["say_languages"]
    )


def test_the_voices_offered_to_translators_exist():
    assert {voice for voice, _ in form.VOICES.values()} <= PUBLISHED_VOICES
    assert {locale for _, locale in form.VOICES.values()} <= LOCALES


def test_loading_one_language_is_quick_and_leaves_the_others_on_disk():
    def seconds():
        prompts.load.cache_clear()
        start = process_time()
        prompts.load("sv")
        return process_time() - start

    assert min(seconds() for _ in range(5)) < 0.010
    assert prompts.load.cache_info().currsize == 1


def test_the_version_follows_the_wording_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    original = (Path(form.__file__).parents[2] / "prompts/sv/prompts.toml").read_text()

    def version(text):
        (tmp_path / "xx").mkdir(exist_ok=True)
        (tmp_path / "xx/prompts.toml").write_text(text)
        prompts.load.cache_clear()
        return prompts.load("xx").version

    before = version(original)
    assert version(original.replace('reviewed_by = ""', 'reviewed_by = "A. Ek"')) == before
    assert version(original.replace("Fick du bra service?", "Var servicen bra?")) != before
    prompts.load.cache_clear()


def test_stop_phrases_are_known_without_loading_the_texts():
    prompts.load.cache_clear()
    assert {"stopp", "sluta skicka", "unsubscribe"} <= prompts.stops(("sv", "en"))
    assert prompts.load.cache_info().currsize == 0


# --- lint finds what it is there for


def changed(section, key, value):
    """The Swedish table with one thing changed."""
    raw = form.table("sv")
    return raw | ({section: value} if key is None else {section: raw[section] | {key: value}})


def errors(raw, examples=None):
    found = [
        *texts.findings("sv", raw),
        *words.findings("sv", raw, examples or form.table("sv", "examples.toml")),
    ]
    return {finding.where for finding in found if finding.level == "error"}


@pytest.mark.parametrize(
    "section, key, value",
    [
        ("direction", None, "up"),
        ("weekdays", None, ["måndag"]),
        ("sms", "thanks", ""),
        ("sms", "thanks", "Det’s curly. Ring {phone}."),
        ("sms", "thanks", "Ett hårt\u00a0mellanslag"),
        ("sms", "thanks", "å" * 300 + "€€€€"),
        ("sms", "thanks", "ж" * 135),
        ("sms", "thanks", "Svara 1 1 2"),
        ("sms", "thanks", "Hej {name}"),
        ("sms", "thanks", "Hej {"),
        ("sms", "ask", "{question} 1 = ja, 2 = nej"),  # which question of how many?
        ("sms", "ask", "{n}. {question} Svara ja eller nej"),
        ("sms", "reminder", "{authority}: {question} 1 = ja, 2 = nej"),  # how does one stop this?
        ("sms", "opted_out", "Du får inga fler frågor."),
        ("sms", "promise", "Vi ringer {day} från {from_number}."),
        ("sms", "thank_you", "Tack!"),
        ("spoken", "thanks", "a" * 141),
        ("words", "yes", ["ja", "nej"]),
        ("words", "yes", ["ja", "end"]),
        ("words", "no", ["nej", "hej"]),
        ("words", "undo", []),
    ],
)
def test_lint_refuses(section, key, value):
    where = section if key is None else f"{section}.{key}"
    assert any(found.startswith(where.split(".")[0]) for found in errors(changed(section, key, value)))
    assert not errors(form.table("sv"))


def test_lint_refuses_an_example_that_is_read_otherwise():
    examples = form.table("sv", "examples.toml")
    assert errors(form.table("sv"), examples | {"yes": ["kanske"]}) == {"examples.yes"}
    assert errors(form.table("sv"), examples | {"unclear": ["ja"]}) == {"examples.unclear"}


def test_lint_of_a_language_that_is_not_there_says_so(capsys):
    assert main(["lint", "xx"]) == 1
    assert "missing" in capsys.readouterr().out


# --- the tool


def test_read_says_what_each_line_means():
    said = tool("read", "--language", "sv", "--open", "3", stdin="1 2 1\nSTOPP\n\nkanske\n3\nja\u2028tack")
    assert [line["meaning"] for line in said] == ["answers", "opt_out", "empty", "unclear", "skip", "answers"]
    assert said[0] == {"text": "1 2 1", "meaning": "answers", "answers": ["yes", "no", "yes"]}
    assert said[1]["answers"] is None


def test_segments_says_what_each_line_costs():
    said = tool("segments", stdin="hej\nпривет\n")
    assert said[0] == {"encoding": "GSM-7", "segments": 1, "characters": 3}
    assert said[1] == {"encoding": "UCS-2", "segments": 1, "characters": 6}


def test_preview_shows_every_text_right_to_left_where_it_should(capsys):
    assert main(["preview", "sv", "--html"]) == 0
    page = capsys.readouterr().out
    assert page.count('dir="ltr"') == len(form.SMS) + len(form.SPOKEN)
    assert main(["preview", "sv", "--price", "0.1"]) == 0
    assert "2 parts, 301 characters, GSM-7, 0.200" in capsys.readouterr().out


def test_a_new_language_starts_with_every_text_waiting(tmp_path, monkeypatch):
    skeleton.make("yi", tmp_path)
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    waiting = {finding.where for finding in findings("yi") if finding.level == "error"}
    words_due = {f"words.{kind}" for kind in form.WORDS if kind != "unclear"}
    assert {f"sms.{key}" for key in form.SMS} | words_due <= waiting
    with pytest.raises(FileExistsError):
        skeleton.make("yi", tmp_path)


def test_the_lists_of_words_are_those_the_reader_knows():
    assert set(form.WORDS) == set(Words.__dataclass_fields__)
