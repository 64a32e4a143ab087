"""What a centre's flow says about the survey, and what it keeps to itself."""

from datetime import UTC, datetime

import pytest

from chalicelib.events import CallEnded
from chalicelib.sources.hints import apply

CALL = CallEnded("c-1", "+46701740612", datetime(2026, 11, 21, tzinfo=UTC), language="en", queue="permits")


def test_only_what_begins_with_survey_is_read() -> None:
    told = apply(CALL, {"name": "Ann", "case": "K-1", "SURVEY_TOPIC": "extension", "survey_office": 7})
    assert told.attributes == {"topic": "extension", "office": "7"}


def test_every_hint_has_its_place() -> None:
    told = apply(
        CALL,
        {
            "survey_language": "sv-SE",
            "survey_queue": "appeals",
            "survey_team": "north",
            "survey_agent": "a-17",
            "survey_callback": "Yes",
            "survey_channel": "voice",
            "survey_invite": "never",
            "survey_test": "true",
            "survey_direction": "outbound",
            "survey_answered": "no",
            "survey_chain": "switchboard, appeals",
        },
    )
    assert told == CallEnded(
        "c-1",
        "+46701740612",
        datetime(2026, 11, 21, tzinfo=UTC),
        direction="outbound",
        answered=False,
        language="sv",
        queue="appeals",
        team="north",
        agent="a-17",
        callback_consent=True,
        channel="voice",
        survey="never",
        test=True,
        chain=("switchboard", "appeals"),
    )


@pytest.mark.parametrize(
    "attributes",
    [
        None,
        [],
        {},
        {"survey_": "x", 7: "x", "survey_topic": None},
        {
            "survey_language": "Swedish",
            "survey_callback": "perhaps",
            "survey_channel": "mail",
            "survey_direction": "up",
            "survey_invite": "always",
            "survey_queue": {},
            "survey_test": "",
        },
    ],
)
def test_a_hint_that_cannot_be_understood_is_as_good_as_none(attributes: object) -> None:
    assert apply(CALL, attributes) == CALL


def test_a_flow_cannot_flood_a_record() -> None:
    told = apply(CALL, {f"survey_a{number}": "x" * 500 for number in range(100)})
    assert len(told.attributes) == 16
    assert {len(value) for value in told.attributes.values()} == {64}
