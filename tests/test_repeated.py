"""A webhook that the carrier repeats undoes nothing that the caller has said since."""

from hashlib import sha256

import pytest

from tests.engine_fixture import Engine
from tests.in_process import Bench, on

CALLER, FIRST, SECOND = "+46701740612", "+46701740613", "+46701740614"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    return on(engine.dynamodb, engine.table)


def write(bench: Bench, *texts: str) -> str:
    """Texts of the caller, each under a MessageSid of its own: the same text is the same message. The last answer."""
    answer = ""
    for said in texts:
        bench.ahead(seconds=5)
        answer = bench.text(CALLER, said, f"SM{sha256(said.encode()).hexdigest()[:32]}")
    return answer


def asked_for_consent(bench: Bench) -> str:
    survey_id = bench.invited(CALLER)
    for digit in ("1", "1", "2"):
        bench.text(CALLER, digit)
    return survey_id


def promised(bench: Bench) -> str:
    survey_id = asked_for_consent(bench)
    write(bench, "ja")
    return survey_id


def state(bench: Bench, callback_id: str) -> str:
    row = bench.store.callback(callback_id)
    return row.state if row else "none"


def number(bench: Bench, callback_id: str) -> str:
    return str(bench.service.api.act(callback_id, "claim", "Kim", {})["number"])


def opted_out(bench: Bench) -> bool:
    return bench.service.office.caller(CALLER).opted_out


def test_a_yes_does_not_bring_back_what_a_newer_call_has_settled(bench: Bench) -> None:
    callback = promised(bench)
    bench.ahead(minutes=30)
    bench.service.intake.call_ended(bench.call(CALLER))
    write(bench, "ja")
    assert state(bench, callback) == "cancelled"


def test_a_yes_does_not_bring_back_what_was_withdrawn(bench: Bench) -> None:
    callback = promised(bench)
    assert "vi ringer inte" in write(bench, "nej")
    write(bench, "ja")
    assert state(bench, callback) == "cancelled"


def test_a_no_does_not_call_off_what_was_promised_anew(bench: Bench) -> None:
    callback = promised(bench)
    write(bench, "nej", "ring mig", "nej")
    assert state(bench, callback) == "open"


def test_a_correction_does_not_call_off_what_was_promised_after_it(bench: Bench) -> None:
    callback = promised(bench)
    write(bench, "ändra", "2", "1", "ändra")
    assert state(bench, callback) == "open"


def test_a_remark_does_not_take_the_place_of_a_newer_one(bench: Bench) -> None:
    bench.invited(CALLER)
    for digit in ("1", "1", "1"):
        bench.text(CALLER, digit)
    remarks = ("Ni svarade inte alls på det jag undrade", "Men handläggaren var vänlig")
    write(bench, *remarks, remarks[0])
    assert {remark.text for remark in bench.store.newest_remarks(10)} == set(remarks)


def test_a_number_does_not_take_the_place_of_a_newer_one(bench: Bench) -> None:
    callback = promised(bench)
    numbers = [f"ring {number} i stället" for number in (FIRST, SECOND)]
    write(bench, *numbers, numbers[0])
    assert number(bench, callback) == SECOND


def test_a_number_repeated_at_once_is_still_the_one_to_ring(bench: Bench) -> None:
    callback = promised(bench)
    said = f"ring {FIRST} i stället"
    assert write(bench, said) == write(bench, said)
    assert number(bench, callback) == FIRST


@pytest.mark.parametrize("surveyed", [True, False], ids=["after a survey", "known by nothing else"])
@pytest.mark.parametrize("first_stop", [True, False], ids=["STOP first", "START first"])
def test_a_start_does_not_take_back_a_newer_stop(bench: Bench, surveyed: bool, first_stop: bool) -> None:
    if surveyed:
        bench.invited(CALLER)
    if first_stop:
        write(bench, "STOPP")
    write(bench, "START")
    assert not opted_out(bench)
    write(bench, "STOP", "START")
    assert opted_out(bench)
    write(bench, "start")
    assert not opted_out(bench)
