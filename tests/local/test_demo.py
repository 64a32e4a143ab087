"""What `make demo` invents: a story that is the same for the same seed, and whose people are understood."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.numbers import parse
from chalicelib.prompts import load, stops
from chalicelib.reading import read
from chalicelib.script import Meaning, Value
from infra.local.demo import words
from infra.local.demo.calendar import calendar, shared_out
from infra.local.demo.moves import SOON
from infra.local.demo.numbers import AMERICAN, BRITISH, SWEDISH, UsedUp
from infra.local.demo.story import MOST, USUAL, Call, tell

ZONE = ZoneInfo("Europe/Stockholm")
FICTION = re.compile(
    r"\+467017406(0[5-9]|[1-9]\d)|\+447700900\d{3}|\+1\d{3}55501\d\d|\+468465004\d\d|\+4631390060\d|\+463139006\d\d"
)
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
NOWS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
few = settings(max_examples=30, deadline=None)


def story(
    calls: int = USUAL, seed: int = 1, now: datetime = NOW, used: frozenset[str] = frozenset()
) -> list[Call]:
    return tell(calls, seed, calendar(now, ZONE), set(used), "demo")


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    assert story() == story()
    assert story() != story(seed=2)


@few
@given(now=NOWS, calls=st.integers(1, 600))
def test_there_are_as_many_calls_as_asked_for_in_the_past_three_weeks_on_working_days(
    now: datetime, calls: int
) -> None:
    told = story(calls, now=now)
    assert [call.order for call in told] == list(range(1, calls + 1))
    for call in told:
        ended = datetime.fromisoformat(str(call.report["ended_at"]))
        assert now - timedelta(days=22) < ended < call.at < now
        assert call.at - ended < timedelta(hours=2)  # later it would be too late to ask
        assert ended.isoweekday() < 6


@given(calls=st.integers(0, 1000), weights=st.lists(st.floats(0.1, 2), min_size=1, max_size=20))
def test_calls_are_shared_out_to_the_last_one(calls: int, weights: list[float]) -> None:
    shares = shared_out(calls, weights)
    assert sum(shares) == calls
    assert all(
        abs(share - calls * weight / sum(weights)) < 1 for share, weight in zip(shares, weights, strict=True)
    )


def test_every_number_is_kept_free_for_fiction_and_rings_anew_only_days_later() -> None:
    first: dict[str, datetime] = {}
    for call in story(MOST):
        number = call.report["number"]
        if number in (None, "112"):
            continue
        assert isinstance(number, str)
        assert FICTION.fullmatch(number)
        assert parse(number)
        if number in first:
            assert call.at - first[number] >= timedelta(days=5)
            assert call.moves == ()
        first.setdefault(number, call.at)


def test_a_second_demonstration_takes_other_numbers_until_there_are_none() -> None:
    used = {str(call.report["number"]) for call in story()}
    assert not used & {str(call.report["number"]) for call in story(used=frozenset(used)) if call.moves}
    with pytest.raises(UsedUp):
        story(used=frozenset((*SWEDISH, *BRITISH, *AMERICAN)))


@few
@given(now=NOWS)
def test_the_usual_story_leaves_a_dozen_to_call_back(now: datetime) -> None:
    days = calendar(now, ZONE)
    latest = max(*days.reports, *days.afternoons)
    owed = [call for call in story(now=now) if any(move.do == "desk" for move in call.moves)]
    consented = [
        call for call in owed if call.at + call.moves[0].after <= latest or call.moves[0].after == SOON
    ]
    assert len([call for call in consented if call.at.date() in days.unrung]) >= 12


def test_the_bad_tuesday_is_a_tuesday_with_more_calls_and_longer_waits() -> None:
    tuesday = calendar(NOW, ZONE).bad_tuesday
    calls = Counter(call.at.date() for call in story())
    assert tuesday.isoweekday() == 2
    assert calls[tuesday] == max(calls.values())
    waits = {call.at.date(): int(str(call.report["wait_seconds"])) for call in story()}
    assert all((wait > 2000) is (day == tuesday) for day, wait in waits.items())


SPELLINGS = [
    (language if language in ("sv", "en") else "sv", value, text)
    for language, spellings in [*words.WORDS.items(), ("sv", words.DIGITS), ("en", words.DIGITS)]
    for value, texts in spellings.items()
    for text in texts
]


@pytest.mark.parametrize("language, value, text", SPELLINGS)
def test_an_answer_is_understood_however_it_is_spelt(language: str, value: str, text: str) -> None:
    meant = {"yes": Value.YES, "no": Value.NO, "skip": Value.SKIPPED}[value]
    assert read(text, load(language).words, 1).answers == (meant,)


@pytest.mark.parametrize(
    "phrases, meaning",
    [
        (words.ANGRY, Meaning.UNCLEAR),
        (words.NONSENSE, Meaning.UNCLEAR),
        (words.PRAISE, Meaning.UNCLEAR),
        (words.UNDO, Meaning.UNDO),
        (words.STOP, Meaning.OPT_OUT),
        (words.NOT_ME, Meaning.NOT_ME),
        (words.RING, Meaning.RING),
    ],
)
def test_what_is_no_answer_is_understood_as_what_it_is(
    phrases: Mapping[str, tuple[str, ...]], meaning: Meaning
) -> None:
    for language, texts in phrases.items():
        for text in texts:
            assert read(text, load(language).words, 1, stops=stops(("sv", "en"))).meaning is meaning, text
