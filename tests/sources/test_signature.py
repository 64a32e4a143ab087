"""Who may post to us: the specification's vector, and everything that must not open the door."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import Unauthorised
from chalicelib.sources.signature import verify
from infra.sources.sign import headers, sign

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors" / "standard_webhooks.json").read_text())
VECTOR = PUBLISHED["vectors"][0]
SECRET, BODY = VECTOR["secret"], VECTOR["body"].encode()
SIGNED_AT = datetime.fromtimestamp(int(VECTOR["timestamp"]), UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret of 24 byte").decode()


def sent(**changed: str) -> dict[str, str]:
    fields = {
        "id": VECTOR["id"],
        "timestamp": VECTOR["timestamp"],
        "signature": VECTOR["signature"],
    } | changed
    return {f"webhook-{name}": value for name, value in fields.items()}


def test_the_published_vector_is_accepted_and_tells_its_id() -> None:
    assert verify([SECRET], sent(), BODY, SIGNED_AT) == VECTOR["id"]


def test_our_own_signature_is_the_published_one() -> None:
    assert sign(SECRET, VECTOR["id"], SIGNED_AT, BODY) == VECTOR["signature"]


def test_header_names_may_be_written_in_any_case() -> None:
    assert verify(
        [SECRET],
        {name.title(): value for name, value in sent().items()},
        BODY,
        SIGNED_AT,
    )


def test_one_valid_signature_among_several_is_enough() -> None:
    published = next(case for case in PUBLISHED["negative"] if case.get("expect") == "valid")
    several = published["header"].replace("<valid>", VECTOR["signature"])
    assert verify([SECRET], sent(signature=several), BODY, SIGNED_AT)


@pytest.mark.parametrize("secrets", [[OTHER, SECRET], [SECRET, OTHER], ["not base64!", SECRET]])
def test_while_a_secret_is_rotated_both_are_good(secrets: list[str]) -> None:
    assert verify(secrets, sent(), BODY, SIGNED_AT)


@pytest.mark.parametrize("secret", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"])
def test_a_secret_without_its_padding_is_accepted(secret: str) -> None:
    assert verify([secret], headers(secret, "m1", SIGNED_AT, BODY), BODY, SIGNED_AT) == "m1"


@pytest.mark.parametrize("late, accepted", [(300, True), (-300, True), (301, False), (-301, False)])
def test_five_minutes_either_way_are_tolerated(late: int, accepted: bool) -> None:
    now = SIGNED_AT + timedelta(seconds=late)
    if accepted:
        assert verify([SECRET], sent(), BODY, now)
    else:
        with pytest.raises(Unauthorised, match=r"^webhook-timestamp: the message is"):
            verify([SECRET], sent(), BODY, now)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("blank", [True, False])
def test_a_missing_header_is_named(missing: str, blank: bool) -> None:
    some = {name: value for name, value in sent().items() if name != missing or blank}
    some |= {missing: ""} if blank else {}
    with pytest.raises(Unauthorised, match=f"^{missing}: the header is missing"):
        verify([SECRET], some, BODY, SIGNED_AT)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": PUBLISHED["negative"][0]["signature"]},  # the last character differs
        {"signature": "v1"},
        {"signature": "v1,"},
        {"signature": "v1,a,b"},
        {"signature": "v1,å"},
        {"signature": "v1,\ud800"},
        {"signature": " "},
        {"signature": VECTOR["signature"].replace("v1,", "v1a,")},
        {"signature": VECTOR["signature"].removeprefix("v1,")},
        {"id": "msg_another"},
        {"id": "\ud800"},
        {"timestamp": "1614265331"},  # another second: another signature
        {"timestamp": "1614265330.0"},
        {"timestamp": "+1614265330"},
        {"timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"timestamp": "NaN"},
        {"timestamp": "9" * 400},
    ],
)
def test_a_malformed_or_altered_header_is_unauthorised(changed: dict[str, str]) -> None:
    with pytest.raises(Unauthorised):
        verify([SECRET], sent(**changed), BODY, SIGNED_AT)


def test_one_more_byte_in_the_body_is_unauthorised() -> None:
    with pytest.raises(Unauthorised, match="webhook-signature: none was made with our secret"):
        verify([SECRET], sent(), BODY + b" ", SIGNED_AT)


def test_a_body_that_is_no_text_is_verified_as_bytes() -> None:
    body = b"\xff\x00"
    assert verify([SECRET], headers(SECRET, "m1", SIGNED_AT, body), body, SIGNED_AT) == "m1"


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_å"], ["whsec_=="]])
def test_without_a_usable_secret_nobody_gets_in(secrets: list[str]) -> None:
    empty_key = headers("whsec_", "m1", SIGNED_AT, BODY)
    with pytest.raises(Unauthorised):
        verify(secrets, empty_key, BODY, SIGNED_AT)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.text(max_size=40)),
    st.dictionaries(st.sampled_from(sorted(sent())), st.text(max_size=60)),
    st.binary(max_size=50),
)
def test_whatever_is_sent_is_refused_and_never_fails_otherwise(
    secrets: list[str], headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(Unauthorised):
        verify(secrets, sent() | headers, body, SIGNED_AT)
