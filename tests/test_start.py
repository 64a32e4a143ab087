"""`/start`, as a newcomer gets it: framed, with nothing from elsewhere, every button with something behind it."""

import re

import pytest

from infra.local.start import page

CARRIER = "http://127.0.0.1:8001"
PAGE = page.render(CARRIER, "Europe/Stockholm")


def test_a_handset_stands_beside_the_results() -> None:
    assert f'src="{CARRIER}/phones?embed=1&amp;number=%2B46701740605"' in PAGE
    assert 'title="Results and callbacks, live" src="/"' in PAGE


def test_with_a_real_carrier_there_is_no_handset() -> None:
    shown = page.render(None, "Europe/Stockholm")
    assert "take your own phone" in shown
    assert "/phones" not in shown


def test_settings_cannot_break_out_of_the_page() -> None:
    assert "<b>" not in page.render('"><b>', '"><b>')


def test_the_policy_lets_it_talk_to_the_two_local_servers_only() -> None:
    rules = dict(rule.split(" ", 1) for rule in page.headers(CARRIER)["Content-Security-Policy"].split("; "))
    assert rules["connect-src"] == rules["frame-src"] == f"'self' {CARRIER}"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["default-src"] == "'none'"


def test_every_button_has_something_behind_it() -> None:
    found = page.static("start.js")
    assert found
    doings = re.findall(r"^  (\w+): \[", found[0], re.MULTILINE)
    assert sorted(re.findall('data-do="(\\w+)"', PAGE)) == sorted(doings)


def test_every_file_the_page_asks_for_is_there() -> None:
    asked = re.findall(r'"/start/([\w.]+)"', PAGE)
    scripts = [found[0] for name in asked if (found := page.static(name))]
    asked += [name for script in scripts for name in re.findall(r'from "/start/([\w.]+)"', script)]
    assert len(asked) >= 4
    assert all(page.static(name) for name in asked)


@pytest.mark.parametrize("name", ["page.py", "../page.py", "start.html", "nothing.css", ""])
def test_nothing_else_is_served(name: str) -> None:
    assert page.static(name) is None
