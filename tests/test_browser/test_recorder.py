"""The recorder in a real browser, with a microphone that plays a file: read, heard, kept, and the next sentence."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from werkzeug.serving import make_server

from chalicelib import prompts, recordings
from infra.prompts import form
from infra.prompts.recording import shelf, wav
from infra.prompts.recording.app import create_app
from infra.prompts.recording.studio import Studio
from tests.chromium import FOUND, Chromium
from tests.fakes import FACTS
from tests.sounds import spoken

MEASURES = (Path(__file__).parent / "measures.js").read_text(encoding="utf-8")
COUNT = len(recordings.sentences(prompts.load("so"), FACTS))
READING = 1.6  # seconds between the two presses


@contextmanager
def recorder(place: Path, language: str = "so") -> Iterator[str]:
    """The page's address."""
    known = prompts.load(language)
    sentences = recordings.sentences(known, FACTS)
    studio = Studio(
        known, FACTS, "The phone number is an example.", sentences, form.table(language)["notes"], place
    )
    server = make_server("127.0.0.1", 0, create_app(studio), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def hearing(folder: Path, sound: bytes) -> Iterator[Chromium]:
    """A browser whose microphone hears that, over and over."""
    assert FOUND
    file = folder / "microphone.wav"
    file.write_bytes(sound)
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with Chromium(FOUND, *fake, f"--use-file-for-fake-audio-capture={file}") as browser:
        yield browser


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser that hears somebody speak."""
    with hearing(tmp_path_factory.mktemp("heard"), spoken(1, before=0.3, after=0.2, rate=48000)) as browser:
        yield browser


def until(browser: Chromium, true: str) -> None:
    end = monotonic() + 15
    while not browser.run(true):
        assert monotonic() < end, f"not {true}: {browser.run('document.body.innerText')}"
        sleep(0.05)


def text(browser: Chromium, name: str) -> str:
    return str(browser.run(f"document.getElementById('{name}').innerText"))


def begin(browser: Chromium, address: str, width: int = 1280, *, dark: bool = False) -> None:
    browser.open(address, width, dark=dark)
    until(browser, "!document.getElementById('welcome').hidden")
    browser.run("document.getElementById('speaker').value = 'Amina, interpreter'")
    browser.run("document.getElementById('agrees').click()")
    browser.run("document.querySelector('#who button').focus()")
    browser.press("Enter")
    until(browser, "document.activeElement.id === 'record'")


def read_aloud(browser: Chromium) -> None:
    browser.press(" ")
    until(browser, "document.getElementById('verb').innerText === 'Stop'")
    sleep(READING)
    browser.press(" ")


def test_two_sentences_are_read_heard_and_kept_by_keyboard_alone(tmp_path: Path) -> None:
    place = tmp_path / "audio"
    with (
        recorder(place) as address,
        hearing(tmp_path, spoken(1, before=0.3, after=0.2, rate=48000)) as browser,
    ):
        begin(browser, address)
        for number, name in enumerate(("who", "assurance"), start=1):
            says = text(browser, "says")
            read_aloud(browser)
            until(browser, "document.activeElement.id === 'keep'")
            until(browser, "document.getElementById('player').currentTime > 0.1")  # callers' sound is playing
            browser.press("Enter")
            until(browser, f"document.getElementById('count').innerText.startsWith('{number} of ')")
            kept = shelf.read(place)[name]
            assert (kept.says, kept.speaker) == (says, "Amina, interpreter")
            sound = wav.read((place / f"{name}.wav").read_bytes())
            assert (sound.tag, sound.rate) == (wav.MULAW, 8000)
            assert 0.8 <= len(sound.body) / 8000 <= READING + 0.3
            until(browser, "document.activeElement.id === 'record'")
        assert text(browser, "place") == f"Sentence 3 of {COUNT}"
        assert browser.complaints() == []
        assert all(url.startswith((address, "data:")) for url in browser.requested())

        browser.open(address)  # another day
        until(browser, f"document.getElementById('todo').innerText === '{COUNT - 2} of {COUNT} still to do,'")
        assert browser.run("document.getElementById('speaker').value") == "Amina, interpreter"
        assert not browser.run(
            "document.getElementById('agrees').checked"
        )  # it may be somebody else's voice now
        browser.run("document.getElementById('agrees').click()")
        browser.run("document.querySelector('#who button').click()")
        until(browser, "document.activeElement.id === 'record'")
        assert text(browser, "place") == f"Sentence 3 of {COUNT}"


def test_again_means_again_and_leaving_keeps_nothing(tmp_path: Path) -> None:
    place = tmp_path / "audio"
    with (
        recorder(place) as address,
        hearing(tmp_path, spoken(1, before=0.3, after=0.2, rate=48000)) as browser,
    ):
        begin(browser, address)
        read_aloud(browser)
        until(browser, "document.activeElement.id === 'keep'")
        browser.run("document.getElementById('record').click()")
        until(browser, "document.getElementById('verb').innerText === 'Stop'")
        assert browser.run("document.getElementById('keep').hidden")
        browser.run("document.getElementById('forward').click()")
        assert text(browser, "place") == f"Sentence 2 of {COUNT}"
        browser.run("document.querySelector('#list li:nth-child(9) button').click()")
        assert text(browser, "place") == f"Sentence 9 of {COUNT}"
        assert text(browser, "says") == recordings.sentences(prompts.load("so"), FACTS)["moved_on"]
        sleep(0.3)
        assert text(browser, "verb") == "Record"
        assert not place.exists()


@pytest.mark.parametrize(
    "sound, says",
    [
        (spoken(1, loud=4, before=0.3, rate=48000), "too loud"),
        (spoken(1, loud=0.004, before=0.3, rate=48000), "too quiet"),
        (
            spoken(1, loud=0.4, before=0.3, rate=48000, pitch=6100),
            "Almost nothing",
        ),  # no telephone carries that
    ],
    ids=["loud", "quiet", "whistle"],
)
def test_what_cannot_be_used_is_said_and_read_again(tmp_path: Path, sound: bytes, says: str) -> None:
    with recorder(tmp_path / "audio") as address, hearing(tmp_path, sound) as browser:
        begin(browser, address)
        read_aloud(browser)
        until(browser, "document.getElementById('problem').innerText !== ''")
        assert says in text(browser, "problem")
        assert browser.run("document.activeElement.id") == "record"
        assert browser.run("document.getElementById('keep').hidden")


def test_without_a_microphone_the_speaker_is_told_what_to_do(browser: Chromium, tmp_path: Path) -> None:
    with recorder(tmp_path / "audio") as address:
        browser.open(address)
        until(browser, "!document.getElementById('welcome').hidden")
        browser.run("document.getElementById('speaker').value = 'Amina'")
        browser.run("document.getElementById('agrees').click()")
        browser.run("document.querySelector('#who button').click()")
        until(browser, "document.getElementById('refused').innerText !== ''")
        assert "microphone" in text(browser, "refused")
        assert browser.run("document.getElementById('studio').hidden")


def test_a_phone_number_is_read_in_its_own_order(listener: Chromium, tmp_path: Path) -> None:
    browser = listener
    with recorder(tmp_path / "audio", "fa") as address:
        begin(browser, address)
        browser.run("document.querySelector('#list li:nth-last-child(3) button').click()")
        assert text(browser, "says") == recordings.sentences(prompts.load("fa"), FACTS)["nothing_open"]
        number = "document.querySelector('#says bdi')"
        assert browser.run(f"{number}.innerText") == FACTS.phone
        assert browser.run(f"getComputedStyle({number}).direction") == "ltr"


def test_nobody_begins_without_agreeing(listener: Chromium, tmp_path: Path) -> None:
    browser = listener
    with recorder(tmp_path / "audio") as address:
        browser.open(address)
        until(browser, "!document.getElementById('welcome').hidden")
        browser.run("document.getElementById('speaker').value = 'Amina'")
        browser.run("document.querySelector('#who button').click()")
        until(browser, "document.getElementById('refused').innerText !== ''")
        assert "tick the box" in text(browser, "refused")
        assert browser.run("document.getElementById('studio').hidden")


@pytest.mark.parametrize(
    "language, direction, width, dark",
    [
        ("so", "ltr", 320, True),
        ("so", "ltr", 1280, False),
        ("fa", "rtl", 320, False),
        ("fa", "rtl", 1280, True),
    ],
)
def test_it_fits_and_can_be_read(
    listener: Chromium, tmp_path: Path, language: str, direction: str, width: int, dark: bool
) -> None:
    browser = listener
    with recorder(tmp_path / "audio", language) as address:
        browser.open(address, width, dark=dark)
        until(browser, "!document.getElementById('welcome').hidden")
        measured(browser)
        begin(browser, address, width, dark=dark)
        measured(browser)
        assert browser.run("getComputedStyle(document.getElementById('says')).direction") == direction
        read_aloud(browser)
        until(browser, "document.activeElement.id === 'keep'")
        measured(browser)


def measured(browser: Chromium) -> None:
    browser.run(MEASURES)
    assert browser.run("measures.overflow()") <= 0
    assert browser.run("measures.faint()") == []
    assert browser.run("measures.tiny()") == []
