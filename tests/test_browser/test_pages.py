"""What only a browser can tell: that pages fit, can be read, and are worked by keyboard alone."""

from pathlib import Path

import pytest

from tests.chromium import Chromium
from tests.test_browser.office import Office

PATHS = (
    "/", "/small", "/empty", "/bad", "/callbacks", "/none",
    "/calls", "/call", "/remarks", "/settings", "/sign-in", "/message",
)  # fmt: skip
MEASURES = (Path(__file__).parent / "measures.js").read_text(encoding="utf-8")
FOCUSED = "(document.activeElement.innerText || document.activeElement.name || '').trim()"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_and_can_be_read(
    browser: Chromium, office: Office, path: str, width: int, dark: bool
) -> None:
    browser.open(office.url + path, width, dark=dark)
    browser.run(MEASURES)
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert browser.run("measures.overflow()") <= 0
    assert browser.run("measures.faint()") == []
    assert browser.run("measures.tiny()") == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_keeps_to_its_own_policy_and_host(browser: Chromium, office: Office, path: str) -> None:
    browser.open(office.url + path)
    assert browser.complaints() == []
    assert all(url.startswith((office.url, "data:")) for url in browser.requested())


def tab_to(browser: Chromium, label: str) -> None:
    for _ in range(60):
        browser.press("Tab")
        if str(browser.run(FOCUSED)).startswith(label):
            return
    raise AssertionError(f"no way to {label!r} by keyboard")


def test_the_first_tab_offers_to_skip_the_menu(browser: Chromium, office: Office) -> None:
    browser.open(office.url + "/")
    browser.press("Tab")
    assert browser.run(FOCUSED) == "Skip to the content"
    browser.press("Enter")
    assert browser.run("document.activeElement.id") == "main"


@pytest.mark.parametrize(
    "button, path, fields",
    [
        ("Take next", "/callbacks/next/claim", {}),
        ("Reached and resolved", "/callbacks/s1/resolve", {}),
        ("Voicemail", "/callbacks/s1/attempt", {"outcome": "voicemail"}),
        ("Give back", "/callbacks/s1/release", {}),
        ("Take\nthe call due today 07:26", "/callbacks/s2/claim", {}),
        ("Sign out", "/sign-out", {}),
    ],
)
def test_callbacks_are_worked_by_keyboard_alone(
    browser: Chromium, office: Office, button: str, path: str, fields: dict[str, str]
) -> None:
    browser.open(office.url + "/callbacks")
    tab_to(browser, button)
    browser.events.clear()
    browser.press("Enter")
    browser.wait("Page.loadEventFired")
    assert office.sent[-1] == (path, {"csrf": "c5rf", **fields})


def test_where_the_focus_is_can_be_seen(browser: Chromium, office: Office) -> None:
    browser.open(office.url + "/callbacks")
    tab_to(browser, "Take next")
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_definitions_open_by_keyboard(browser: Chromium, office: Office) -> None:
    browser.open(office.url + "/")
    tab_to(browser, "What every number means")
    browser.press("Enter")
    assert browser.run("document.activeElement.parentElement.open") is True


def test_printed_the_figures_stay_and_the_controls_go(browser: Chromium, office: Office) -> None:
    browser.open(office.url + "/")
    browser.do("Emulation.setEmulatedMedia", media="print")
    shown = browser.run("document.body.innerText")
    browser.do("Emulation.setEmulatedMedia", media="")
    assert "Were callers helped?" in shown
    assert "Sign out" not in shown
