"""A handset of the simulated carrier in a real browser: a call with recordings, answered by words."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chromium import Chromium
from tests.local.carrier_stage import AMINA, Stage, stage, twiml
from tests.recorded import tone

VOICE = "/webhooks/twilio/voice"
QUESTION = (
    '<Gather input="dtmf speech" language="sv-SE" numDigits="1" timeout="8" actionOnEmptyResult="true" action="/next">'
    '<Play>/audio/sv/welcome-3f2a9c01.wav</Play><Say language="sv-SE">Fick du bra service?</Say></Gather>'
)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        made.service.sound("/audio/sv/welcome-3f2a9c01.wav", tone("welcome"))
        made.service.says(VOICE, twiml(QUESTION))
        made.service.says("/next", twiml("<Say>Tack</Say><Hangup/>"))
        yield made


def until(true: Callable[[], object], within: float = 10) -> bool:
    deadline = time.monotonic() + within
    while not (done := bool(true())) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done


def lines(browser: Chromium) -> list[str]:
    found: list[str] = browser.run("[...document.querySelectorAll('.lines li')].map(li => li.textContent)")
    return found


def on_the_line(browser: Chromium, on: Stage) -> None:
    """The handset alone, in a call that asks."""
    browser.open(f"{on.url}/phones?number=%2B{AMINA[1:]}&embed=1", 420, 900)
    assert until(lambda: browser.run("document.querySelector('.ring') !== null"))
    ring = "document.querySelector('.ring').click()"
    browser.do("Runtime.evaluate", expression=ring, userGesture=True)  # else the browser allows no sound
    assert until(lambda: len(lines(browser)) == 2)


def say(browser: Chromium, words: str) -> None:
    browser.run("document.querySelector('.talk input').focus()")
    browser.do("Input.insertText", text=words)
    browser.press("Enter")


def test_a_recording_is_shown_by_its_name_and_sounds(browser: Chromium, on: Stage) -> None:
    on_the_line(browser, on)
    assert lines(browser) == ["Play welcome", "Fick du bra service?"]
    heard = "document.querySelector('.lines audio').played.length > 0"
    assert until(lambda: browser.run(heard)), browser.complaints()
    assert browser.run("document.querySelector('.lines audio').error") is None
    assert browser.complaints() == []


def test_words_are_typed_and_reach_the_service(browser: Chromium, on: Stage) -> None:
    on_the_line(browser, on)
    say(browser, "Ja 1 tack")  # the digit belongs to the words: no key is pressed
    assert until(lambda: on.service.got("/next"))
    assert on.service.got("/next")[0].form["SpeechResult"] == "Ja 1 tack"
    assert until(lambda: lines(browser)[-2:] == ["Ja 1 tack", "Tack"])
    assert on.said()[-2:] == ["Ja 1 tack", "Tack"]


def test_where_only_keys_are_taken_there_is_nothing_to_type_words_in(browser: Chromium, on: Stage) -> None:
    on.service.says(VOICE, twiml('<Gather numDigits="1"><Say>?</Say><Say>!</Say></Gather>'))
    on_the_line(browser, on)
    assert browser.run("document.querySelector('.talk').hidden")
