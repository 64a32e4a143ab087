"""Rates, intervals and suppression, against worked answers."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rates import aapor, response_rate, suppress, wilson

VECTORS = Path(__file__).parent / "vectors"
AAPOR, WILSON, SUPPRESSION = (
    json.loads((VECTORS / f"{name}.json").read_text()) for name in ("aapor", "wilson", "suppression")
)


@pytest.mark.parametrize("case", AAPOR["cases"], ids=lambda case: case["name"])
def test_rates_match_the_worked_cases_exactly_and_as_floats(case: dict[str, Any]) -> None:
    exact = {name: float(Fraction(value)) for name, value in case["exact"].items()}
    assert aapor(case["counts"], Fraction(case["e"])) == pytest.approx(exact, abs=1e-12)
    assert aapor(case["counts"], case["e_float"]) == pytest.approx(case["expected"], abs=1e-9)


def test_rates_over_known_cases_are_kept_back_while_any_case_is_of_unknown_eligibility() -> None:
    silent_carrier = response_rate({"I": 60, "P": 5, "R": 15, "UO": 420})
    assert silent_carrier["RR1"] == silent_carrier["RR3"] == pytest.approx(0.12)
    assert [silent_carrier[name] for name in ("RR5", "RR6", "REF3", "CON3")] == [None] * 4
    assert response_rate({"I": 60, "P": 5, "R": 15, "NE": 7})["RR5"] == pytest.approx(0.75)


def test_the_headline_comes_with_the_interval_of_its_own_base() -> None:
    rate = response_rate({"I": 120, "P": 15, "R": 9865, "NE": 31})
    assert (rate["low"], rate["high"]) == pytest.approx((0.0100454761, 0.0143293063), abs=1e-8)


@pytest.mark.parametrize("case", WILSON["cases"], ids=lambda case: f"{case['x']} of {case['n']}")
def test_intervals_match_the_worked_cases(case: dict[str, Any]) -> None:
    assert wilson(case["x"], case["n"]) == pytest.approx((case["low"], case["high"]), abs=1e-8)


@given(st.integers(1, 10**7), st.data())
def test_a_share_lies_within_its_interval(n: int, data: st.DataObject) -> None:
    yes = data.draw(st.integers(0, n))
    low, high = wilson(yes, n)
    assert low is not None
    assert high is not None
    assert 0 <= low <= yes / n <= high <= 1


@pytest.mark.parametrize("yes, n", [(-1, 5), (6, 5), (1, 0)])
def test_more_yes_than_answers_is_an_error(yes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{yes} of {n}"):
        wilson(yes, n)


@pytest.mark.parametrize("case", SUPPRESSION["cases"], ids=lambda case: case["name"])
def test_small_groups_are_hidden_as_in_the_worked_cases(case: dict[str, Any]) -> None:
    hidden = {label for label, cell in case["expected"].items() if cell == "suppressed"}
    assert suppress({label: cell["n"] for label, cell in case["groups"].items()}, case["k"]) == hidden


@pytest.mark.parametrize("answers, hidden", [
    ({"a": 9}, {"a"}),
    ({"a": 10}, set()),
    ({"a": 50, "": 0}, {""}),  # calls never invited have no channel: nobody to protect, nobody to hide for
    ({"a": 50, "b": 40, "": 0, "c": 4}, {"", "c", "b"}),  # an empty group shields nobody
    ({"a": 10, "b": 10, "c": 9}, {"c", "a"}),
])  # fmt: skip
def test_a_hidden_group_is_never_hidden_alone(answers: dict[str, int], hidden: set[str]) -> None:
    assert suppress(answers) == hidden


@given(st.dictionaries(st.text(max_size=2), st.integers(0, 25), min_size=2))
def test_no_hidden_group_is_the_total_less_the_shown_ones(answers: dict[str, int]) -> None:
    hidden = suppress(answers)
    shown = answers.keys() - hidden
    assert all(answers[label] >= 10 for label in shown)
    assert not shown or sum(answers[label] > 0 for label in hidden) != 1
    assert sum(answers[label] >= 10 for label in hidden) <= 1
