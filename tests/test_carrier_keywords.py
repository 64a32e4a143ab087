"""What Twilio has already acted on (`OptOutType`) means the same to us, and is never answered twice."""

import pytest

from tests.engine_fixture import Engine
from tests.in_process import Bench, inbound, on

CALLER = "+46701740612"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    return on(engine.dynamodb, engine.table)


def text(bench: Bench, body: str, taken_as: str) -> str:
    """What we answer to a text that the carrier took for a keyword."""
    form = {**inbound(CALLER, body, f"SM{body:>032}"), "OptOutType": taken_as}
    return bench.service.conversation.text_came(form)


def decided(bench: Bench) -> str | None:
    bench.ahead(days=40)
    return bench.service.intake.call_ended(bench.call(CALLER)).reason


def test_a_keyword_only_the_carrier_knows_opts_out(bench: Bench) -> None:
    bench.invited(CALLER)
    assert "<Message" not in text(bench, "basta", "STOP")
    assert decided(bench) == "opted_out"


def test_so_it_does_when_nothing_is_open(bench: Bench) -> None:
    assert "<Message" not in text(bench, "basta", "STOP")
    assert decided(bench) == "opted_out"
    assert "<Message" not in text(bench, "start", "START")
    assert decided(bench) is None


def test_an_answer_on_the_carrier_s_list_is_still_an_answer(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    text(bench, "nej", "STOP")
    survey = bench.store.survey(survey_id)
    assert survey
    assert survey.answers == {"service": "no"}


def test_yes_never_undoes_a_stop_whatever_the_carrier_makes_of_it(bench: Bench) -> None:
    bench.invited(CALLER)
    text(bench, "STOP", "STOP")
    text(bench, "YES", "START")
    assert decided(bench) == "opted_out"


def test_a_stop_stays_one_whatever_the_carrier_takes_it_for(bench: Bench) -> None:
    bench.invited(CALLER)
    text(bench, "SLUTA", "HELP")
    assert decided(bench) == "opted_out"
