"""Lines and the reports about them: which report ends which survey."""

import pytest

from chalicelib.survey import Stage
from tests.engine_fixture import Engine
from tests.in_process import Bench, on

LANDLINE = "+46313900612"
CENTRES, OURS = "CA" + "1" * 32, "CA" + "2" * 32  # the call to the contact centre, and the one we place


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    return on(engine.dynamodb, engine.table)


def completed(bench: Bench, call_sid: str = CENTRES) -> None:
    """What Twilio says of a call to the centre that is over."""
    form = {"CallSid": call_sid, "CallStatus": "completed", "Direction": "inbound", "From": LANDLINE}
    bench.service.phone.centre_call_status(form)


def rung(bench: Bench, survey_id: str) -> None:
    """We ring, they pick up and say that it was they who called."""
    bench.ahead(seconds=60)
    bench.service.clockwork.look("survey", survey_id)
    bench.service.phone.call_answered(survey_id, {"CallSid": OURS, "AnsweredBy": "human"})
    bench.service.phone.key_pressed(survey_id, "who-1", {"CallSid": OURS, "Digits": "1"})


def stage(bench: Bench, survey_id: str) -> Stage:
    survey = bench.store.survey(survey_id)
    assert survey
    return survey.stage


def test_the_end_of_the_first_call_told_late_does_not_end_a_survey_on_our_own(bench: Bench) -> None:
    completed(bench)
    survey_id = bench.service.office.vault.survey_id(CENTRES)
    rung(bench, survey_id)
    completed(bench)
    assert stage(bench, survey_id) is Stage.ASKING


def test_nor_one_that_a_newer_call_took_over(bench: Bench) -> None:
    completed(bench)
    bench.ahead(seconds=30)
    newer = bench.service.intake.call_ended(bench.call(LANDLINE)).survey_id
    assert newer
    rung(bench, newer)
    completed(bench)
    assert stage(bench, newer) is Stage.ASKING


def test_a_survey_handed_over_ends_with_the_call_it_was_handed_over_on(bench: Bench) -> None:
    form = {"CallSid": CENTRES, "From": LANDLINE, "DialCallStatus": "completed", "DialCallDuration": "240"}
    bench.service.phone.line_opened(form)
    survey_id = bench.service.office.vault.survey_id(CENTRES)
    assert stage(bench, survey_id) is Stage.ASKING
    completed(bench)
    assert stage(bench, survey_id) is Stage.DONE
