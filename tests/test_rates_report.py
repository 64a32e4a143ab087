"""From endings to the groups of `GET /api/rates`: every call counted once, every answer in its question."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rates import BREAKDOWNS, Ending, Funnel, Group, Tally, check_sums, report

AAPOR = json.loads((Path(__file__).parent / "vectors" / "aapor.json").read_text())
STAGES = {  # the worked funnels' word -> ours
    "complete": "complete",
    "partial": "partial",
    "breakoff": "break_off",
    "refused": "refused",
    "opted_out": "opted_out",
    "delivered_silent": "non_contact",
    "voice_no_answer_known_number": "non_contact",
    "permanent_failure": "non_contact",
    "other_eligible": "other",
    "receipt_unknown": "unknown",
    "temporary_failure": "unknown",
    "ineligible_after_send": "not_eligible",
}
ANSWERS = {"complete": "yny", "partial": "yn-", "break_off": "y--"}
ENDS = sorted(
    {*STAGES.values(), "open", "not_invited:quarantined", "not_invited:too_short", "not_sent:too_late"}
)
DAYS = ("2026-11-15", "2026-11-16", "2026-12-31", "2027-01-01")  # a Sunday, its Monday, and one ISO week


def cells(group: Group) -> list[dict[str, Any]]:
    """The three questions' cells, in the order they are put."""
    return [{**group["questions"][question]} for question in ("service", "time", "resolved")]


def ending(end: str, answers: str = "", team: str = "north", **fields: Any) -> Ending:
    answers = answers or ANSWERS.get(end, "---")
    started = answers != "---"
    place = {"queue": "permits", "language": "sv", "channel": "sms", "wave": "9c1f00aa", "delivered": started}
    return Ending(**{"team": team, "end": end, "answers": answers, "started": started, **place, **fields})


def tally(*endings: Ending) -> Tally:
    return Counter(each.encode() for each in endings)


def of_funnel(funnel: dict[str, int]) -> Tally:
    stages = ((STAGES[word], n) for word, n in funnel.items() if word != "invited")
    return tally(*(ending(end) for end, n in stages for _ in range(n)))


@st.composite
def endings(draw: st.DrawFn) -> Ending:
    end = draw(st.sampled_from(ENDS))
    letters = st.text("ynsu-", min_size=3, max_size=3)
    answers = {"complete": st.text("yn", min_size=3, max_size=3), "partial": st.just("yn-")}
    given_ = draw(answers.get(end, letters)) if ":" not in end else "---"
    started = bool(set(given_) & set("yns"))
    delivered = started or (":" not in end and draw(st.booleans()))
    team = draw(st.sampled_from(["north", "syd å", "شمال", ""]))
    return ending(end, given_, team, started=started, delivered=delivered)


tallies = st.lists(endings(), max_size=120).map(lambda many: tally(*many))
periods = st.lists(st.tuples(st.sampled_from(DAYS), tallies), max_size=4)
breakdowns = st.sampled_from([None, *BREAKDOWNS])


@pytest.mark.parametrize("case", AAPOR["funnels"], ids=lambda case: case["name"])
def test_a_worked_funnel_gives_its_rates_from_the_calls_up(case: dict[str, Any]) -> None:
    (group,) = report([("2026-11-21", of_funnel(case["funnel"]))], None, {})
    expected = dict(case["expected_e_1"])
    if case["aapor_counts"]["UO"]:  # rates over known cases flatter: printed only when every case is known
        expected |= dict.fromkeys(("RR5", "RR6", "REF3", "CON3"))
    found = {name: group["response_rate"][name] for name in expected}
    assert found == pytest.approx(expected, abs=1e-9)
    assert group["funnel"]["invited"] == case["funnel"]["invited"]


@pytest.mark.parametrize("case", AAPOR["errors"], ids=lambda case: case["name"])
def test_what_has_no_rate_gives_none(case: dict[str, Any]) -> None:
    (empty,) = report([], None, {})
    invited, complete = case["funnel"]["invited"], case["funnel"]["complete"]
    funnel: Funnel = {**empty["funnel"], "calls": invited, "invited": invited, "complete": complete}
    if case["expect"].startswith("error"):
        with pytest.raises(ValueError, match="invited is 10, all stages is 11"):
            check_sums(funnel, {})
    else:
        check_sums(funnel, {})
        assert set(empty["response_rate"].values()) == {None}


@given(periods, breakdowns)
def test_every_call_is_in_one_group_and_every_group_adds_up(
    days: list[tuple[str, Tally]], by: str | None
) -> None:
    groups = report(days, by, {})
    assert sum(group["funnel"]["calls"] for group in groups) == sum(t.total() for _, t in days)
    for group in groups:
        funnel = group["funnel"]
        out = sum(funnel["not_invited"].values()) + sum(funnel["not_sent"].values())
        assert funnel["calls"] == out + funnel["invited"]
        assert group["provisional"] == (funnel["open"] > 0)
        check_sums(funnel, {})
    labels = [*(label for group in groups for label in group["by"].values())]
    assert labels == sorted(set(labels))


@given(periods)
def test_questions_agree_with_a_count_by_hand(days: list[tuple[str, Tally]]) -> None:
    letters: Counter[tuple[int, str]] = Counter()
    for code in (code for _, day in days for code in day.elements()):
        one = Ending.decode(code)
        letters.update(
            (place, letter) for place, letter in enumerate(one.answers) if one.end != "not_eligible"
        )
    (group,) = report(days, None, {})
    for place, cell in enumerate(cells(group)):
        yes, n = letters[place, "y"], letters[place, "y"] + letters[place, "n"]
        found = (cell.get("yes"), cell.get("n"), cell.get("suppressed"))
        assert found == ((yes, n, None) if n >= 10 else (None, None, True))


def test_surveys_under_way_count_their_answers_and_make_the_group_provisional() -> None:
    day = tally(*[ending("complete", "yyn")] * 20, *[ending("open", "yn-")] * 8, *[ending("break_off")] * 2)
    (group,) = report([("2026-11-21", day)], "team", {})
    assert group["by"] == {"team": "north"}
    assert group["provisional"] is True
    assert group["response_rate"]["RR1"] == pytest.approx(20 / 30)
    service, _, resolved = cells(group)
    assert service == pytest.approx(
        {"yes": 30, "n": 30, "share": 1.0, "low": 30 / (30 + 1.959963984540054**2), "high": 1.0}
    )
    assert (resolved["yes"], resolved["n"]) == (0, 20)
    assert resolved["share"] is None  # under 30: counts and an interval, no bare percentage


def test_skips_and_unanswered_questions_are_in_no_share() -> None:
    day = tally(
        *[ending("partial", "ysn")] * 12, *[ending("partial", "uyn")] * 11, *[ending("refused", "sss")] * 9
    )
    (group,) = report([("2026-11-21", day)], None, {})
    assert [(cell["yes"], cell["n"]) for cell in cells(group)] == [(12, 12), (11, 11), (0, 23)]
    assert group["funnel"]["started"] == 32


def test_who_never_called_us_is_invited_but_in_no_rate() -> None:
    day = tally(*[ending("complete")] * 10, *[ending("not_eligible", "n--")] * 5)
    (group,) = report([("2026-11-21", day)], None, {})
    assert group["funnel"]["invited"] == 15
    assert group["response_rate"]["RR1"] == 1
    assert cells(group)[0]["n"] == 10


def test_one_small_team_takes_the_next_smallest_into_hiding_question_by_question() -> None:
    full = tally(*(ending("complete", "yyn", team) for team, n in (("a", 40), ("b", 12)) for _ in range(n)))
    few = tally(*[ending("complete", "yyn", "c")] * 4, *[ending("break_off", "n--", "c")] * 8)
    shown = [cells(group) for group in report([("2026-11-21", full), ("2026-11-22", few)], "team", {})]
    assert [[cell.get("n") for cell in team] for team in shown] == [
        [40] * 3,
        [12, None, None],
        [12, None, None],
    ]
    assert shown[1][1] == {"suppressed": True}


def test_the_whole_group_is_json_with_the_reasons_spelled_out() -> None:
    day = tally(*[ending("not_invited:quarantined")] * 2, ending("not_sent:too_late"))
    (group,) = json.loads(json.dumps(report([("2026-11-21", day)], "channel", {"team": "north"})))
    assert group["funnel"] == {
        "calls": 3, "not_invited": {"quarantined": 2}, "not_sent": {"too_late": 1}, "invited": 0,
        "delivered": 0, "open": 0, "started": 0, "complete": 0, "partial": 0, "break_off": 0, "refused": 0,
        "opted_out": 0, "non_contact": 0, "unknown": 0, "other": 0, "not_eligible": 0,
    }  # fmt: skip
    assert group["by"] == {"channel": "sms"}


def test_weeks_are_iso_weeks_across_the_turn_of_the_year() -> None:
    groups = report([(day, tally(ending("open"))) for day in DAYS], "week", {})
    counts = [(group["by"]["week"], group["funnel"]["calls"]) for group in groups]
    assert counts == [("2026-W46", 1), ("2026-W47", 1), ("2026-W53", 2)]


def test_filters_keep_the_calls_that_match_them_all() -> None:
    day = tally(ending("open"), ending("open", team="south"), ending("open", language="ar"))
    (group,) = report([("2026-11-21", day)], None, {"team": "north", "language": "ar"})
    assert group["funnel"]["calls"] == 1
    assert report([("2026-11-21", day)], "team", {"queue": "elsewhere"}) == []


@pytest.mark.parametrize(
    "by, where", [("agent", {}), ("", {}), (None, {"agent": "a-17"}), ("day", {"day": "x"})]
)
def test_an_unknown_breakdown_or_filter_is_refused(by: str | None, where: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"not one of|no such filter"):
        report([], by, where)


@pytest.mark.parametrize("wrong, named", [
    ([ending("complete", "yyy", delivered=False)], "started is 1, delivered only 0"),
    ([ending("complete", "yyy", started=False)], "complete . partial is 1, started only 0"),
    ([ending("complete", "yy-")], "complete is 1, answers to resolved only 0"),
    ([ending("open", "y--", started=False)], "answers to service is 1, started only 0"),
    ([ending("not_sent:too_late", delivered=True)], "delivered is 1, invited only 0"),
])  # fmt: skip
def test_counts_that_do_not_add_up_are_an_error_and_never_a_rate(wrong: list[Ending], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        report([("2026-11-21", tally(*wrong))], "team", {})


def test_a_count_below_zero_is_an_error() -> None:
    with pytest.raises(ValueError, match="below 0"):
        report(
            [("2026-11-21", Counter({ending("unknown").encode(): -1, ending("open").encode(): 2}))], None, {}
        )
