"""How periods, times and shares are read and written."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib import pages
from chalicelib.pages import text
from tests import page_views as views
from tests.page_reader import said


class TestFilters:
    TODAY = date(2026, 11, 23)

    def test_without_any_the_last_four_weeks_with_today(self) -> None:
        assert pages.read_filters({}, self.TODAY) == (
            pages.Filters(date(2026, 10, 27), date(2026, 11, 24)),
            {},
        )

    def test_what_the_page_writes_it_reads_back(self) -> None:
        asked = pages.Filters(date(2026, 1, 1), date(2026, 3, 1), team="north", channel="sms")
        assert pages.read_filters(asked.query, self.TODAY) == (asked, {})

    @pytest.mark.parametrize(
        "query, problem",
        [
            ({"from": "yesterday"}, {"from": "date"}),
            ({"to": "2026-02-30"}, {"to": "date"}),
            ({"from": "0001-01-01"}, {"from": "date"}),  # a year before it cannot be shown
            (
                {"from": "2150-01-01", "to": "2150-01-09"},
                {"from": "date", "to": "date"},
            ),  # nor asked of the API
            ({"to": "2100-01-01"}, {"to": "date"}),
            ({"from": "2026-11-24", "to": "2026-11-24"}, {"to": "order"}),
            ({"from": "2025-01-01", "to": "2026-11-24"}, {"from": "long"}),
        ],
    )
    def test_a_bad_day_is_named_and_the_usual_period_shown(
        self, query: dict[str, str], problem: dict[str, str]
    ) -> None:
        filters, problems = pages.read_filters(query, self.TODAY)
        assert problems == problem
        assert filters.end - filters.start == timedelta(weeks=4)
        assert 'aria-invalid="true"' in pages.results(views.results(filters=filters, problems=problems))

    @pytest.mark.parametrize("days, by", [(28, "day"), (35, "day"), (36, "week"), (91, "week")])
    def test_longer_periods_are_drawn_by_week(self, days: int, by: str) -> None:
        assert pages.Filters(self.TODAY, self.TODAY + timedelta(days=days)).trend == by

    def test_a_quarter_is_drawn_and_listed_by_week(self) -> None:
        filters = replace(views.FILTERS, start=date(2026, 8, 25))
        page = said(pages.results(views.results(filters=filters, trend=views.rates(views.days(), "week"))))
        assert "Week by week" in page
        assert "week 47" in page


class TestText:
    @pytest.mark.parametrize(
        "share, words",
        [
            (0.0, "0"),
            (0.0121, "1.2"),
            (0.0004, "<0.1"),  # not none
            (0.3133, "31"),
            (0.825, "83"),  # half goes up, as people do it
            (0.9967, "99.7"),  # not quite all
            (0.9998, ">99.9"),
            (1.0, "100"),
        ],
    )
    def test_percentages_are_as_fine_as_they_need_to_be(self, share: float, words: str) -> None:
        assert text.percent(share) == words

    @pytest.mark.parametrize(
        "at, words",
        [
            ("2026-11-23T09:40:00+00:00", "today 10:40"),
            ("2026-11-23T23:30:00+00:00", "tomorrow 00:30"),  # the office's midnight, not UTC's
            ("2026-11-27T09:40:00+00:00", "Fri 27 Nov 10:40"),
            ("2026-11-22T09:40:00+00:00", "Sun 22 Nov 10:40"),
        ],
    )
    def test_times_are_told_in_the_offices_zone(self, at: str, words: str) -> None:
        assert text.moment_words(datetime.fromisoformat(at), views.NOW, ZoneInfo("Europe/Stockholm")) == words

    @pytest.mark.parametrize(
        "number, words",
        [
            ("+46701740605", "+46 70 174 06 05"),
            ("+447700900123", "+44 770 090 012 3"),
            ("+46313900600", "+46 31 390 06 00"),
        ],
    )
    def test_numbers_are_grouped_for_reading_aloud(self, number: str, words: str) -> None:
        assert text.phone_words(number) == words

    def test_a_period_within_a_year_names_the_year_once(self) -> None:
        assert text.period_words(date(2026, 10, 27), date(2026, 11, 24)) == "27 Oct – 23 Nov 2026"
        assert text.period_words(date(2026, 12, 20), date(2027, 1, 3)) == "20 Dec 2026 – 2 Jan 2027"
        assert text.period_words(date(2026, 11, 23), date(2026, 11, 24)) == "23 Nov 2026"
