"""What holds for every page: small, labelled, well-formed, asking nothing of anybody else."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chalicelib import pages
from tests import page_views as views
from tests.page_reader import Tree, said

BASE = views.PAGE.base

EVERY = {
    "results": pages.results(views.results()),
    "small": pages.results(views.results(views.days(6))),
    "empty": pages.results(views.results([])),
    "callbacks": pages.callbacks(views.callbacks()),
    "no callbacks": pages.callbacks(views.callbacks(rows=[], done=[])),
    "calls": pages.calls(views.calls()),
    "call": pages.call(views.one_call()),
    "remarks": pages.remarks(views.remarks()),
    "settings": pages.settings(views.settings()),
    "sign-in": pages.sign_in(BASE),
    "message": pages.message(BASE, "Not found", "There is nothing here."),
}


@pytest.mark.parametrize("page", EVERY.values(), ids=EVERY)
class TestEveryPage:
    def test_is_well_formed_and_names_its_language(self, page: str) -> None:
        assert Tree(page).tags[0] == ("html", {"lang": "en"})

    def test_asks_nothing_of_another_host(self, page: str) -> None:
        found = [
            value
            for _, attrs in Tree(page).tags
            for name, value in attrs.items()
            if name in ("href", "src", "action", "formaction")
        ]
        assert all((value or "").startswith((BASE, "#", "data:", "tel:")) for value in found)

    def test_needs_no_script_and_no_inline_style(self, page: str) -> None:
        tags = Tree(page).tags
        assert not [
            tag
            for tag, attrs in tags
            if tag in ("script", "style") or any(name.startswith("on") or name == "style" for name in attrs)
        ]

    def test_has_one_heading_and_skips_no_level(self, page: str) -> None:
        levels = [int(tag[1]) for tag, _ in Tree(page).tags if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_uses_no_id_twice(self, page: str) -> None:
        ids = [attrs["id"] for _, attrs in Tree(page).tags if "id" in attrs]
        assert len(ids) == len(set(ids))

    def test_gives_every_field_a_label(self, page: str) -> None:
        tags = Tree(page).tags
        labelled = {attrs["for"] for tag, attrs in tags if tag == "label"}
        fields = [
            attrs for tag, attrs in tags if tag in ("input", "select") and attrs.get("type") != "hidden"
        ]
        assert all(attrs["id"] in labelled for attrs in fields)

    def test_gives_every_picture_words(self, page: str) -> None:
        pictures = [attrs for tag, attrs in Tree(page).tags if tag == "svg"]
        assert all(attrs.get("aria-label") or attrs.get("aria-hidden") == "true" for attrs in pictures)

    def test_is_small(self, page: str) -> None:
        assert len(page.encode()) + len(pages.stylesheet()[0]) < 100_000


def test_every_form_that_changes_something_carries_the_token_against_forgery() -> None:
    page = EVERY["callbacks"]
    assert page.count('method="post"') == page.count('name="csrf" value="c5rf"')


class TestSignIn:
    def test_keeps_where_to_go_on_to(self) -> None:
        fields = {
            attrs.get("name"): attrs
            for tag, attrs in Tree(pages.sign_in(BASE, next='/calls?a="b"')).tags
            if tag == "input"
        }
        assert fields["next"]["value"] == '/calls?a="b"'
        assert fields["token"]["type"] == "password"

    def test_says_what_went_wrong(self) -> None:
        assert "That token is not right" in said(pages.sign_in(BASE, "wrong"))


BY_CODE = {"states", "kinds", "reasons", "ends", "languages", "channels", "answers", "done", "problem"}


def test_no_words_are_kept_that_no_page_says() -> None:
    folder = Path(pages.__file__).parent
    source = "".join(
        file.read_text(encoding="utf-8")
        for pattern in ("*.py", "templates/*.html")
        for file in folder.glob(pattern)
    )
    found = tomllib.loads((folder / "words" / "en.toml").read_text(encoding="utf-8"))
    keys = {key for name, part in found.items() for key in names(name, part)}
    assert not {key for key in keys if key not in source and not key.startswith("title_")}


def names(name: str, part: Any) -> set[str]:
    if name in BY_CODE or not isinstance(part, dict):
        return {name}
    return {name} | {key for each, value in part.items() for key in names(each, value)}


def test_the_style_sheet_has_a_tag_of_its_content() -> None:
    body, tag = pages.stylesheet()
    assert len(body) < 13_000
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert b"http" not in body


def test_the_policy_lets_nothing_run() -> None:
    assert pages.CSP.startswith("default-src 'none'")
    assert "script-src" not in pages.CSP
    assert pages.HEADERS["Cache-Control"] == "no-store"
