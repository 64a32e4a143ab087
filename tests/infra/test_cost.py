"""What a year costs: parts from the texts themselves, prices with their sources, ceilings that are felt."""

import argparse
import contextlib
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.segments import segments
from infra import bill, cost
from infra.command import DONE, FAILED, REFUSED
from infra.prompts.form import arrived, table

BOOK = bill.prices()
YEAR = bill.Year(300_000, cost.mix("sv:60,en:20,ar:20"))


def run(*arguments: str) -> tuple[int, str]:
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        code = cost.main(arguments)
    return code, heard.getvalue()


def test_a_year_s_calls_are_priced_by_month_and_survey() -> None:
    code, said = run("--calls", "300000", "--languages", "sv:60,en:20,ar:20")
    assert code == DONE
    for word in (
        "DynamoDB",
        "API Gateway",
        "Lambda",
        "SQS",
        "texts sent",
        "a month",
        "a completed",
        "assumed",
    ):
        assert word in said


def test_parts_are_those_of_the_texts_that_are_sent() -> None:
    """Everybody answers, nobody is called back: the invitation, two more questions, and thanks."""
    raw = table("sv")
    keys = ("invite_one_by_one", "ask", "ask", "thanks")
    each = sum(segments(arrived(key, raw["sms"][key], raw)).segments for key in keys)
    year = bill.Year(1000, {"sv": 1.0}, invited=1, completed=1, unresolved=0, landlines=0)
    assert bill.of(year, BOOK).parts == pytest.approx(1000 * each)


def test_a_script_of_its_own_costs_more_parts() -> None:
    swedish, arabic = (bill.parts_of(code, YEAR) for code in ("sv", "ar"))
    assert arabic > swedish * 1.3


def test_table_units_of_a_completed_survey_are_the_measured_ones() -> None:
    """As tests/test_units.py counts them: 14 and 6.5, and 3 and 3 for a callback."""
    plain = bill.used(bill.Year(1000, {"sv": 1.0}, invited=1, completed=1, unresolved=0), BOOK)
    called = bill.used(bill.Year(1000, {"sv": 1.0}, invited=1, completed=1, unresolved=1), BOOK)
    assert (plain["write"], plain["read"]) == (14_000, 6_500)
    assert (called["write"] - plain["write"], called["read"] - plain["read"]) == (3_000, 3_000)


def test_three_answers_in_one_text_save_requests() -> None:
    assert bill.used(replace(YEAR, at_once=True), BOOK)["requests"] < bill.used(YEAR, BOOK)["requests"]


def test_a_passed_ceiling_is_named_and_felt() -> None:
    code, said = run("--calls", "1000000000")
    assert code == FAILED
    assert "Over the ceiling: aws a month" in said


def test_a_language_without_texts_is_refused_with_those_there_are() -> None:
    code, said = run("--calls", "1000", "--languages", "xx:1")
    assert code == REFUSED
    assert "sv" in said


@pytest.mark.parametrize("text", ["sv", "sv:", "sv:0", "sv:-1,en:2"])
def test_a_mix_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        cost.mix(text)


@pytest.mark.parametrize("text", ["-5", "0", "1.5", "many", ""])
def test_a_number_of_calls_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        cost.calls(text)


@given(st.dictionaries(st.sampled_from(["sv", "en", "ar", "so"]), st.integers(1, 1000), min_size=1))
def test_shares_make_one(weights: dict[str, int]) -> None:
    text = ",".join(f"{code}:{weight}" for code, weight in weights.items())
    assert sum(cost.mix(text).values()) == pytest.approx(1)


@given(st.integers(1, 10**9), st.floats(0, 1), st.floats(0, 1))
def test_more_calls_never_cost_less(calls: int, invited: float, completed: float) -> None:
    year = bill.Year(calls, {"sv": 1.0}, invited=invited, completed=completed)
    less, more = (bill.of(each, BOOK) for each in (year, replace(year, calls=calls * 2)))
    assert sum(less.aws.values()) <= sum(more.aws.values())
    assert sum(less.carrier.values()) <= sum(more.carrier.values())


def test_every_price_names_its_source_and_whether_it_was_read() -> None:
    for kind in ("aws", "carrier"):
        for name, price in BOOK[kind].items():
            assert price["source"].startswith("https://"), name
            assert price["read"] == "no" or f"{price['read']}-01" <= BOOK["written"], name
            assert price.get("by", "https://").startswith("https://"), name
            assert not ("by" in price and price["read"] == "no"), name
            assert price["usd"] > 0
