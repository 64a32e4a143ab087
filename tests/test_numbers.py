"""Phone numbers: how they are spelt, what kind they are, and how one is hidden and found again."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.numbers import Vault, in_text, masked, parse, screened

KEY, OLD, OTHER = b"k" * 32, b"o" * 32, b"x" * 32
VAULT = Vault([KEY])


# --- reading a number ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["+46701740612", "+46 70-174 06 12", "+46 (0)70 174 06 12", "tel:+46-70-174-06-12"]
)
def test_however_it_is_spelt_it_is_one_number(text: str) -> None:
    number = parse(text)
    assert number is not None
    assert (number.e164, number.channel, number.region) == ("+46701740612", "sms", "SE")


@pytest.mark.parametrize(
    "text, channel, region",
    [
        ("+46313900612", "voice", "SE"),  # a fixed line
        ("+4684650412", "voice", "SE"),
        ("+447700900123", "sms", ""),  # kept for fiction: possible, of no kind, and yet a mobile to us
        ("+12125550123", "sms", "US"),  # America does not tell fixed lines from mobiles
    ],
)
def test_its_kind_says_how_to_reach_it(text: str, channel: str, region: str) -> None:
    number = parse(text)
    assert number is not None
    assert number.channel == channel
    assert number.region in (region, "GB", "US")


@pytest.mark.parametrize(
    "text", [None, "", "12", "070-174 06 12", "+46", "+0123456789", "hej", "1" * 41, "+" * 40]
)
def test_what_is_no_number_is_none(text: str | None) -> None:
    assert parse(text) is None


def test_a_national_number_needs_its_country() -> None:
    number = parse("070-174 06 12", "SE")
    assert number is not None
    assert number.e164 == "+46701740612"


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    for number in (parse(text), parse(text, "SE"), in_text(text, "SE")):
        assert number is None or number.e164.startswith("+")


@pytest.mark.parametrize(
    "text, found",
    [
        ("ring 070-174 06 13 i stället", "+46701740613"),
        ("Ring mig på +46 70 174 06 13, tack!", "+46701740613"),
        ("ring 070-174 06 13 (070 174 0613)", "+46701740613"),  # the same one twice
        ("ring 070-174 06 13 eller 070-174 06 14", None),  # which?
        ("mitt ärende är 12345", None),
        ("ja", None),
    ],
)
def test_another_number_is_taken_from_a_reply_only_when_it_is_the_only_one(
    text: str, found: str | None
) -> None:
    number = in_text(text, "SE")
    assert (number and number.e164) == found


def test_masked_shows_two_digits_and_no_more() -> None:
    assert masked("+46701740612").endswith("12")
    assert not set("+46701740612"[:-2]) & set(masked("+46701740612")[:-2])


# --- finding a caller again ---------------------------------------------------------------------------------


def test_a_caller_has_one_key_which_tells_nothing_without_ours() -> None:
    assert VAULT.hash("+46701740612") == VAULT.hash("+46701740612") != VAULT.hash("+46701740613")
    assert VAULT.hash("+46701740612") != Vault([OTHER]).hash("+46701740612")
    assert len(VAULT.hash("+46701740612")) == 32
    assert "701740612" not in VAULT.hash("+46701740612")


def test_two_spellings_of_one_mexican_or_argentinian_mobile_are_one_caller() -> None:
    assert VAULT.hash("+5215555550123") == VAULT.hash("+525555550123")
    assert VAULT.hash("+5491155550123") == VAULT.hash("+541155550123")
    assert VAULT.hash("+5215555550123") != VAULT.hash("+5491155550123")
    assert VAULT.hash("+46521555501") != VAULT.hash("+4655501")  # elsewhere these digits mean nothing


def test_an_opt_out_is_found_under_every_key_ever_used() -> None:
    rotated = Vault([KEY, OLD])
    assert rotated.hashes("+46701740612") == [rotated.hash("+46701740612"), Vault([OLD]).hash("+46701740612")]


def test_a_calls_record_has_the_same_id_after_the_key_was_rotated() -> None:
    assert (
        Vault([KEY, OLD]).survey_id("c-81f2") == Vault([OLD]).survey_id("c-81f2") != VAULT.survey_id("c-81f2")
    )
    survey_id = VAULT.survey_id("c-81f2")
    assert len(survey_id) == 26
    assert survey_id.isalnum()
    assert "81f2" not in survey_id


# --- hiding a number ----------------------------------------------------------------------------------------


def test_a_sealed_number_opens_for_its_own_record_only() -> None:
    sealed = VAULT.seal("+46701740612", "s1")
    assert b"701740612" not in sealed
    assert VAULT.open(sealed, "s1") == "+46701740612"
    with pytest.raises(InvalidTag):
        VAULT.open(sealed, "s2")


def test_sealing_twice_looks_different() -> None:
    assert VAULT.seal("+46701740612", "s1") != VAULT.seal("+46701740612", "s1")


def test_a_number_sealed_before_the_key_was_rotated_still_opens_and_with_a_foreign_key_never() -> None:
    sealed = Vault([OLD]).seal("+46701740612", "s1")
    assert Vault([KEY, OLD]).open(sealed, "s1") == "+46701740612"
    for vault in (VAULT, Vault([KEY, OTHER])):
        with pytest.raises(InvalidTag):
            vault.open(sealed, "s1")


@given(st.integers(0, 39), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, by: int) -> None:
    sealed = bytearray(VAULT.seal("+46701740612", "s1"))
    sealed[at] ^= by
    with pytest.raises(InvalidTag):
        VAULT.open(bytes(sealed), "s1")


def test_no_key_serves_two_purposes() -> None:
    assert VAULT.hash("survey:c-81f2") != VAULT.survey_id("c-81f2")
    assert len({VAULT.hash("+46701740612"), Vault([OLD]).hash("+46701740612")}) == 2


@pytest.mark.parametrize(
    "text, kept",
    [
        ("my number is 19800101-1234 please call", "my number is […] please call"),
        ("ring 070-174 06 12 or +46 70 174 06 13", "ring […] or […]"),
        ("٠٧٠١٧٤٠٦١٢", "[…]"),
        ("write to kim@example.org, thanks", "write to […], thanks"),
        ("I waited 45 minutes on 21/11", "I waited 45 minutes on 21/11"),
    ],
)
def test_what_identifies_somebody_is_struck_out_of_a_remark(text: str, kept: str) -> None:
    assert screened(text) == kept
