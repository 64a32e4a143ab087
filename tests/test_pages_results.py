"""What a team lead reads on the results page: the API's figures, nothing hidden, nothing that bites."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import pages
from chalicelib.pages import text
from chalicelib.rates import Ending
from tests import page_views as views
from tests.page_reader import NASTY, Tree, said, tally

BASE = views.PAGE.base
RESULTS = pages.results(views.results())


class TestResults:
    def test_what_can_be_acted_on_stands_first(self) -> None:
        page = said(RESULTS)
        assert page.index("6 people to call , first due today 10:40") < page.index("Were callers helped?")

    def test_an_overdue_callback_is_said_instead_of_the_next_one(self) -> None:
        owed = pages.Owed(3, 1, "2026-11-23T06:00:00+00:00")
        assert "3 people to call , 1 overdue" in said(pages.results(views.results(owed=owed)))

    def test_a_share_comes_with_interval_counts_and_target(self) -> None:
        page = said(pages.results(views.results(tally(yyy=290, nnn=62))))
        assert "82 % yes 290 of 352 said yes; between 78 and 86 % target 60 % met" in page

    @pytest.mark.parametrize(
        "yes, no, verdict",
        [
            (290, 62, "target 60 % met"),
            (40, 62, "below target 60 %"),
            (65, 40, "too close to the target of 60 % to say"),  # 62 %, but 52-71
        ],
    )
    def test_the_target_is_judged_by_the_interval(self, yes: int, no: int, verdict: str) -> None:
        assert verdict in said(pages.results(views.results(tally(yyy=yes, nnn=no))))

    def test_under_thirty_answers_there_are_counts_and_no_percentage(self) -> None:
        page = said(pages.results(views.results(tally(yyy=14, nnn=6))))
        assert "14 of 20 yes between 48 and 85 %; 20 answers are too few for a percentage" in page
        assert "70 %" not in page

    def test_under_ten_answers_nothing_of_what_was_said_is_shown(self) -> None:
        shown = [pages.results(views.results(tally(yyy=yes, nnn=9 - yes))) for yes in range(10)]
        assert len(set(shown)) == 1
        assert "9 began to answer, 9 answered all three. What they said is shown from 10 answers on" in said(
            shown[0]
        )

    def test_the_response_rate_is_over_all_invited_with_counts(self) -> None:
        page = said(pages.results(views.results(tally(yyy=313, non_contact=687, not_eligible=5))))
        assert "313 of 1,000 invited answered all three questions: 31 % (29–34)" in page
        assert "5 who never called us are left out of the rate." in page

    def test_every_call_is_accounted_for_in_words(self) -> None:
        counts = {
            "yyy": 40,
            "non_contact": 30,
            "opted_out": 2,
            "not_invited__quarantined": 20,
            "not_sent__too_late": 3,
        }
        page = said(pages.results(views.results(tally(**counts))))
        assert (
            "Calls ended 95 Not invited 20 21 % of calls Invited, nothing sent 3 3.2 % of calls Invited 72"
            in page
        )
        assert "Not invited Reason Count was asked recently 20 Total 20" in page
        assert "Invited, nothing sent Reason Count too long after the call 3 Total 3" in page
        assert (
            "answered all three 40 asked never to be asked again 2 no answer, or not reachable 30 Total 72"
            in page
        )

    def test_a_reason_without_words_is_shown_as_it_is(self) -> None:
        assert "solar_storm 4" in said(pages.results(views.results(tally(not_invited__solar_storm=4))))

    def test_open_surveys_make_it_provisional(self) -> None:
        assert "Provisional: 7 of the invited may still answer" in said(
            pages.results(views.results(tally(yyy=40, open=7)))
        )

    def test_small_groups_are_hidden_in_the_tables(self) -> None:
        days = tally(yyy=40)
        days[0][1][Ending("south", "permits", "so", "sms", "", "complete", "yyn", True, True).encode()] = 3
        page = said(pages.results(views.results(days)))
        assert "Somali 3 3 of 3 too few to show too few to show too few to show" in page
        assert "Swedish 40 100 % 40 of 40 too few to show" in page  # or the total would give the three away

    def test_each_day_stands_in_the_table_under_the_chart(self) -> None:
        page = Tree(RESULTS)
        days = [day for day, _ in views.days()]
        assert all(text.day_words(date.fromisoformat(day)) in page.said for day in days)

    def test_without_calls_there_are_no_zeros_but_what_to_do(self) -> None:
        page = said(pages.results(views.results([], page=replace(views.PAGE, local=True))))
        assert "No answers yet. End a call on the handset" in page
        assert not re.search(r"\b0\b", page.replace("Target 60", ""))

    def test_without_calls_for_a_filter_the_filter_is_to_blame(self) -> None:
        page = pages.results(views.results([], filters=replace(views.FILTERS, team="north")))
        assert "No calls in this period with these filters. Show everything" in said(page)

    def test_made_up_data_says_so(self) -> None:
        page = said(pages.results(views.results(page=replace(views.PAGE, made_up=True))))
        assert "Made-up data" in page
        assert "Made-up data" not in said(RESULTS)

    def test_a_period_is_called_what_it_is(self) -> None:
        end = views.FILTERS.end
        for days, name in ((7, "7 days"), (28, "4 weeks")):
            page = pages.results(
                views.results(filters=replace(views.FILTERS, start=end - timedelta(days=days)))
            )
            assert f'aria-current="true">{name}</a>' in page

    def test_filters_stay_in_every_link_to_another_period(self) -> None:
        page = pages.results(views.results(filters=replace(views.FILTERS, queue="a b&c")))
        assert f"{BASE}/?from=2026-09-29&amp;to=2026-10-27&amp;queue=a+b%26c" in page

    def test_names_from_outside_do_no_harm(self) -> None:
        days: Any = [
            (
                "2026-11-20",
                Counter({Ending(NASTY, NASTY, NASTY, "sms", "", "complete", "yyy", True, True).encode(): 40}),
            )
        ]
        page = pages.results(
            views.results(
                days, filters=replace(views.FILTERS, team=NASTY), page=replace(views.PAGE, who=NASTY)
            )
        )
        assert "<script" not in page
        assert NASTY in Tree(page).words

    @given(st.integers(0, 400), st.integers(0, 400))
    def test_every_count_shown_is_the_one_of_the_api(self, yes: int, no: int) -> None:
        view = views.results(tally(yyy=yes, nnn=no, non_contact=1))
        cell: Any = view.total["groups"][0]["questions"]["service"]
        page = said(pages.results(view))
        if cell.get("suppressed"):
            assert "said yes; between" not in page
        elif cell["share"] is None:
            assert f"{yes} of {yes + no} yes" in page
        else:
            assert f"{text.percent(cell['share'])} % yes {yes} of {yes + no} said yes" in page
