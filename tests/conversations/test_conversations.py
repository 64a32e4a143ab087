"""Who says what, and what becomes of it: each conversation of this folder, on each channel, in two languages."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.effects import Ask, Effect, Tell
from chalicelib.events import Desk, Gate, Outcome
from chalicelib.script import QUESTIONS
from chalicelib.survey import Stage
from tests.fakes import FACTS, NOON, Phone, planned

FOLDER = Path(__file__).parent
LANGUAGES = ("sv", "en")
SETTINGS = ("on", "style", "consent", "desk", "receipts", "start", "offers")


@dataclass(slots=True)
class Script:
    """One file."""

    name: str
    about: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Script":
        about, *lines = path.read_text(encoding="utf-8").splitlines()
        script = cls(path.stem, about)
        for line in filter(None, lines):
            who, _, what = line.partition(": ")
            if who in SETTINGS or (who, what) == ("voice", "off"):
                script.settings[who] = what
            else:
                script.lines.append((who, what))
        return script


SCRIPTS = [Script.read(path) for path in sorted(FOLDER.glob("*.txt"))]


PLAYED = [
    pytest.param(script, channel, language, id=f"{script.name}-{channel}-{language}")
    for script in SCRIPTS
    for channel in script.settings["on"].split()
    for language in LANGUAGES
]


@pytest.mark.parametrize("script, channel, language", PLAYED)
def test_it_goes_as_written(script: Script, channel: str, language: str) -> None:
    phone = begun(script.settings, channel, language)
    for who, what in script.lines:
        if who in ("we", channel):
            assert told(phone.said) == what, f"{script.name}: {phone.heard[-1:]}"
            in_its_language(phone)
        elif who == "ends":
            assert_end(phone, what)
        elif who not in ("sms", "voice"):
            happens(phone, who, what, channel, language)


def test_every_text_of_a_conversation_is_said_in_one_of_them() -> None:
    """What a caller can be told by text, short of what only a promise broken or a closed number leads to."""
    said = {
        effect.text
        for script in SCRIPTS
        for channel in script.settings["on"].split()
        for effect in everything(script, channel)
        if isinstance(effect, Tell)
    }
    told_elsewhere = {"help", "nothing_open"}
    known = {
        "thanks",
        "thanks_partial",
        "promise",
        "late_promise",
        "other_number",
        "no_callback",
        "list_full",
    }
    known |= {"remark_kept", "late", "opted_out", "opted_in", "not_me", "ringing", "ring_later"}
    assert said - told_elsewhere == known


def everything(script: Script, channel: str) -> list[Effect]:
    phone = begun(script.settings, channel, "sv")
    for who, what in script.lines:
        if who not in ("we", "sms", "voice", "ends"):
            happens(phone, who, what, channel, "sv")
    return phone.everything


def begun(settings: dict[str, str], channel: str, language: str) -> Phone:
    survey = planned(
        channel,
        language=language,
        style=settings.get("style", "one_by_one"),
        callback_consent=True if settings.get("consent") == "given" else None,
        offers=("en" if language == "sv" else "sv",) if "offers" in settings else (),
    )
    phone = Phone(
        survey,
        receipts=settings.get("receipts") != "none",
        voice_on=settings.get("voice") != "off",
        desk=Desk(full=True) if settings.get("desk") == "full" else Phone(survey).desk,
    )
    if settings.get("start") == "handed over":
        return phone
    phone.looks()
    if channel == "voice" and settings.get("start") != "ringing":
        phone.picks_up()
        phone.presses("1")
    return phone


def happens(phone: Phone, who: str, what: str, channel: str, language: str) -> None:
    """One line of the file."""
    match who, what:
        case "caller" | "key", _:
            written = what.split(" / ")[LANGUAGES.index(language) if " / " in what else 0]
            if channel == "sms" and who == "caller":
                phone.writes(written)
            else:
                phone.presses("" if written == "silence" else written)
        case "says", _:
            phone.says(what.split(" / ")[LANGUAGES.index(language) if " / " in what else 0])
        case "line", "picked up":
            phone.picks_up()
        case "line", "hung up":
            phone.hangs_up()
        case "line", "rings us":
            phone.rings_us()
        case "report", outcome:
            phone.report(Outcome(outcome))
        case "clock", "now":
            phone.looks()
        case "wait", span:
            number, unit = span.split()
            phone.said = tuple(phone.waits(**{{"h": "hours", "min": "minutes"}[unit]: float(number)}))
        case "call", "ended again":
            phone.calls_again()
        case _:
            raise AssertionError(f"no such line: {who}: {what}")


def told(effects: tuple[Effect, ...]) -> str:
    """`(KeepRemark(1), Ask("time", "unclear", 2))` -> `"keep remark, ask time after unclear"`."""
    return ", ".join(map(_told, effects)) or "nothing"


def _told(effect: Effect) -> str:
    match effect:
        case Ask(question, ""):
            return f"ask {question}"
        case Ask(question, lead):
            return f"ask {question} after {lead}"
        case Tell(key):
            return f"tell {key}"
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(effect).__name__).lower()


def in_its_language(phone: Phone) -> None:
    """What was said says it all: the question, how to answer it, the number to ring; and has no blank left."""
    said = [effect for effect in phone.said if isinstance(effect, Ask | Tell)]
    if not said:
        return
    words = phone.heard[-1]
    assert not re.search(r"[{}]", words)
    assert "1 1 2" not in words  # 112 is an emergency number
    match said[-1]:
        case Ask(question, _) if question in QUESTIONS:
            assert words.count("?") >= 1
            assert {"sv": "ja", "en": "yes"}[phone.survey.language] in words.lower()
        case Tell("promise" | "late_promise"):
            assert phone.prompts.day(phone.survey.promised or FACTS.today) in words


def assert_end(phone: Phone, what: str) -> None:
    disposition, *answers = what.split()
    assert phone.answers == answers
    phone.gate = Gate(reminder=None)
    phone.waits(days=8)
    survey = phone.survey
    assert survey.stage is Stage.CLOSED
    assert (survey.disposition or survey.reason) == disposition
    assert phone.answers == answers
    assert (survey.sealed, survey.caller) == (None, None)
    assert phone.now > NOON
