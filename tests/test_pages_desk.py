"""What those who ring see of the callbacks, and what is told of a single call."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import pages
from chalicelib.pages.text import words
from chalicelib.policy import Policy
from tests import page_views as views
from tests.page_reader import NASTY, Tree, said

BASE = views.PAGE.base
CALLBACKS = pages.callbacks(views.callbacks())


class TestCallbacks:
    def test_mine_come_first_then_what_is_free_due_soonest(self) -> None:
        page = said(CALLBACKS)
        places = [
            page.index(words)
            for words in (
                "Yours Due",
                "Next Overdue since today 07:26",
                "With colleagues",
                "Passed on",
                "Closed today",
            )
        ]
        assert places == sorted(places)

    def test_only_the_holder_sees_the_number_and_can_ring_it(self) -> None:
        page = CALLBACKS
        assert page.count("tel:") == 1
        assert 'href="tel:+46701740619"' in page
        assert "+46 70 174 06 19" in said(page)

    def test_a_hidden_number_is_read_aloud_as_hidden(self) -> None:
        page = pages.callbacks(views.callbacks(rows=[views.row(1, ends_in="19")]))
        assert "number hidden, ends in 19" in said(page)

    def test_each_button_goes_to_its_verb(self) -> None:
        targets = {
            attrs["formaction"]: attrs.get("value")
            for tag, attrs in Tree(CALLBACKS).tags
            if "formaction" in attrs
        }
        verbs = {
            f"{BASE}/callbacks/s1/{verb}"
            for verb in ("claim", "release", "attempt", "resolve", "escalate", "do-not-call")
        }
        assert verbs <= set(targets)

    def test_a_row_someone_else_holds_names_them_and_cannot_be_taken(self) -> None:
        page = CALLBACKS
        assert "with Johan until 08:07" in said(page)
        assert f"{BASE}/callbacks/s5/" not in page

    def test_a_lease_that_ran_out_holds_nobody_off(self) -> None:
        gone = views.row(
            5, "claimed", owner="Johan", held_until=(views.NOW - timedelta(minutes=1)).isoformat()
        )
        assert f"{BASE}/callbacks/s5/claim" in pages.callbacks(views.callbacks(rows=[gone]))

    def test_a_caller_already_reached_cannot_be_given_back(self) -> None:
        page = pages.callbacks(
            views.callbacks(rows=[views.row(1, "reached", owner="Sahra Ali", number="+46701740619")])
        )
        assert f"{BASE}/callbacks/s1/resolve" in page
        assert "/s1/release" not in page
        assert "/s1/attempt" not in page

    def test_take_next_is_offered_only_when_something_is_free(self) -> None:
        assert f"{BASE}/callbacks/next/claim" in CALLBACKS
        held = views.row(5, "claimed", owner="Johan")
        assert "/callbacks/next/claim" not in pages.callbacks(views.callbacks(rows=[held]))

    @pytest.mark.parametrize(
        "state, hours, offered", [("attempted", 4, 0), ("attempted", -1, 1), ("open", 4, 1)]
    )
    def test_one_rung_in_vain_is_next_only_when_its_next_try_is_due(
        self, state: str, hours: float, offered: int
    ) -> None:
        tried = int(state == "attempted")
        page = pages.callbacks(views.callbacks(rows=[views.row(1, state, hours, attempts=tried)]))
        assert page.count("/callbacks/next/claim") == offered
        assert f"{BASE}/callbacks/s1/claim" in page  # by hand, at any time

    def test_an_empty_list_says_when_a_row_appears(self) -> None:
        assert "Nobody is waiting for a call. A row appears here when a caller says" in said(
            pages.callbacks(views.callbacks(rows=[], done=[]))
        )

    @pytest.mark.parametrize(
        "code, words",
        [("claim", "The callback is yours"), ("resolve", "reached and resolved"), (NASTY, None)],
    )
    def test_what_was_done_is_told_by_code_never_by_the_address(self, code: str, words: str | None) -> None:
        page = said(pages.callbacks(views.callbacks(page=replace(views.PAGE, done=code))))
        assert words in page if words else "alert(1)" not in page

    def test_a_problem_is_told_before_what_was_done(self) -> None:
        page = said(pages.callbacks(views.callbacks(page=replace(views.PAGE, done="claim", problem="held"))))
        assert "Someone else holds that callback" in page
        assert "is yours for 30 minutes" not in page


class TestCalls:
    @pytest.mark.parametrize(
        "row, words",
        [
            (views.call(1), "invited: answered all three"),
            (views.call(1, disposition="open"), "invited: still open"),
            (views.call(1, "not_invited", reason="quarantined"), "not invited: was asked recently"),
            (
                views.call(1, not_sent="too_late", disposition="not_sent"),
                "nothing sent: too long after the call",
            ),
            (views.call(1, "not_invited", reason="solar_storm"), "not invited: solar_storm"),
        ],
    )
    def test_what_became_of_a_call_is_said_in_words(self, row: Any, words: str) -> None:
        assert words in said(pages.call(pages.CallView(views.PAGE, row)))

    def test_a_call_id_with_a_slash_still_has_an_address(self) -> None:
        page = pages.calls(views.calls(calls=[views.call(1, call_id="a/b?c")]))
        assert f"{BASE}/calls?call_id=a%2Fb%3Fc" in page

    def test_an_id_nobody_reported_is_named(self) -> None:
        assert "No call with the id <b>x</b> has been" in said(pages.calls(views.calls(asked="<b>x</b>")))

    def test_no_time_of_day_tells_who_took_the_call(self) -> None:
        assert not re.search(
            r"\d\d:\d\d", said(pages.call(views.one_call())) + said(pages.calls(views.calls()))
        )


class TestRemarks:
    def test_a_remark_keeps_its_language_and_direction(self) -> None:
        page = pages.remarks(views.remarks())
        assert '<blockquote lang="ar" dir="auto"><bdi>أنتظر' in page

    def test_what_callers_write_does_no_harm(self) -> None:
        assert "<script" not in pages.remarks(views.remarks())


class TestSettings:
    def test_shows_the_rules_and_who_changed_them(self) -> None:
        page = said(pages.settings(views.settings()))
        assert "quarantine_days 30" in page
        assert "Fri 20 Nov 14:32, Johan mode : live quarantine_days : 14" in page
        assert "outbound_voice all others: off" in page

    def test_says_of_every_rule_once_what_it_does(self) -> None:
        told = [name for group in words()["settings"]["groups"] for name in group["rules"]]
        assert sorted(told) == sorted(field.name for field in fields(Policy))
