"""`POST /webhooks/calls`: what a centre may post, and what is refused with the field's name."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources.calls import parse

CALL = {
    "call_id": "c-81f2",
    "caller": "+46701740612",
    "ended_at": "2026-11-21T10:02:41+01:00",
    "started_at": "2026-11-21T09:51:07+01:00",
    "direction": "inbound",
    "answered": True,
    "language": "sv-SE",
    "queue": "residence-permits",
    "team": "north",
    "agent": "a-17",
    "wait_seconds": 312,
    "talk_seconds": 420.5,
    "callback_consent": None,
    "channel": None,
    "survey": None,
    "test": False,
    "attributes": {"topic": "extension", "tries": 2, "vip": False, "nothing": None},
}
REQUIRED = {name: CALL[name] for name in ("call_id", "caller", "ended_at")}


def post(**changed: object) -> CallEnded:
    return parse(json.dumps(REQUIRED | changed).encode())


def test_every_field_reaches_the_event() -> None:
    assert parse(json.dumps(CALL).encode()) == CallEnded(
        call_id="c-81f2",
        caller="+46701740612",
        ended_at=datetime(2026, 11, 21, 9, 2, 41, tzinfo=UTC),
        started_at=datetime(2026, 11, 21, 8, 51, 7, tzinfo=UTC),
        language="sv",
        queue="residence-permits",
        team="north",
        agent="a-17",
        wait=timedelta(seconds=312),
        talk=timedelta(seconds=420.5),
        attributes={"topic": "extension", "tries": "2", "vip": "false"},
    )


def test_three_fields_are_enough_and_unknown_ones_are_ignored() -> None:
    assert post(colour="blue", nested={"deep": [1]}) == CallEnded(
        "c-81f2", "+46701740612", datetime(2026, 11, 21, 9, 2, 41, tzinfo=UTC)
    )


def test_null_is_the_same_as_absent() -> None:
    assert post(**{name: None for name in CALL if name not in REQUIRED}) == post()


@pytest.mark.parametrize("name", ["call_id", "caller", "ended_at"])
def test_a_missing_required_field_is_named(name: str) -> None:
    body = json.dumps({key: value for key, value in REQUIRED.items() if key != name}).encode()
    with pytest.raises(BadRequest, match=f"^{name}: is required") as refused:
        parse(body)
    assert refused.value.field == name


@pytest.mark.parametrize(
    "written, caller",
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("+", None),
        ("Anonymous", None),
        ("+266696687", None),  # ANONYMOUS on a keypad
        (
            "070-174 06 12",
            "070-174 06 12",
        ),  # a national number: eligibility knows the country
        (
            "1001",
            "1001",
        ),  # junk is passed on: an answer of 422 would be retried for ever
        (46701740612, "46701740612"),
        (1.5, "1.5"),
        (True, "True"),
        ("x" * 5000, "x" * 64),
        ("\ud800\x00", "?\x00"),  # half a character cannot be stored
    ],
)
def test_any_scalar_may_stand_for_the_caller(written: object, caller: str | None) -> None:
    assert post(caller=written).caller == caller


@pytest.mark.parametrize(
    "field, value",
    [
        ("call_id", None),
        ("call_id", ""),
        ("call_id", 17),
        ("call_id", "a/b"),
        ("call_id", "a b"),
        ("call_id", "å"),
        ("call_id", "c-1\n"),
        ("call_id", "c" * 129),
        ("caller", {"number": "+46701740612"}),
        ("caller", ["+46701740612"]),
        ("ended_at", None),
        ("ended_at", 1795255361),
        ("ended_at", "2026-11-21"),
        ("ended_at", "2026-11-21T10:02:41"),  # without an offset
        ("ended_at", "2026-02-30T10:02:41Z"),
        ("ended_at", "2026-11-21T25:02:41Z"),
        ("ended_at", "2026-11-21T10:02:41+25:00"),
        ("ended_at", "0001-01-01T00:00:00+01:00"),  # before the first day Python knows
        ("ended_at", "1970-01-01T00:00:00Z"),  # a clock that was never set
        ("ended_at", "٢٠٢٦-11-21T10:02:41Z"),
        ("ended_at", "2026-W47-6T10:02:41Z"),
        ("started_at", "yesterday"),
        ("direction", "sideways"),
        ("direction", ["inbound"]),
        ("answered", 1),
        ("answered", "true"),
        ("language", 46),
        ("language", "swedish"),
        ("language", "s"),
        ("language", ["sv"]),
        ("queue", 17),
        ("queue", "q" * 65),
        ("queue", "per\u0000mits"),
        ("queue", "per\nmits"),
        ("queue", "\ud800"),
        ("team", {"name": "north"}),
        ("agent", "a\u2028b"),
        ("wait_seconds", -1),
        ("wait_seconds", True),
        ("wait_seconds", "312"),
        ("talk_seconds", 1e300),
        ("talk_seconds", 10**400),
        ("callback_consent", "yes"),
        ("channel", "mail"),
        ("survey", "always"),
        ("survey", False),
        ("test", 0),
        ("attributes", ["topic"]),
        ("attributes", {"topic": {"deep": 1}}),
        ("attributes", {"topic": "x" * 201}),
        ("attributes", {"x" * 65: "topic"}),
        ("attributes", {f"a{n}": "x" for n in range(17)}),
    ],
)
def test_a_bad_value_is_refused_by_the_fields_name(field: str, value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        post(**{field: value})
    assert refused.value.field == field
    assert "46701740612" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"c-1"',
        b'{"call_id": "c-1",}',
        b'{"call_id": "c-\xff"}',
        b'{"call_id": "c-1", "call_id": "c-2"}',
        b'{"talk_seconds": NaN}',
        b'{"talk_seconds": -Infinity}',
        b'{"talk_seconds": ' + b"9" * 5000 + b"}",
        b'{"a":' * 20000,
        b"[" * 60000 + b"]" * 60000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_no_json_object_is_refused_as_the_body(body: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(body)
    assert refused.value.field == "body"


def test_seconds_beyond_floating_point_are_refused_by_name() -> None:
    body = json.dumps(REQUIRED).encode()[:-1] + b', "talk_seconds": 1e999}'
    with pytest.raises(BadRequest, match=r"^talk_seconds: "):
        parse(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(CALL)), JSON, max_size=4))
def test_any_values_end_in_a_call_or_a_named_refusal(
    changed: dict[str, object],
) -> None:
    try:
        ended = post(**changed)
    except BadRequest as error:
        named = error.field
    else:
        named = ""
        assert ended.ended_at.tzinfo is UTC
        assert f"{ended}".encode()
    assert named in {*changed, "body", ""}


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_named_refusal(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(body)
