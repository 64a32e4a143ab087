"""PHONE_KEY is rotated in the middle of things: whoever was known before is known after, and nobody is known twice."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.events import CallEnded
from chalicelib.privacy import Privacy
from chalicelib.survey import Disposition, Stage, Survey
from tests.engine_fixture import Engine
from tests.in_process import Bench, on
from tests.units import Counting

CALLER, OTHER = "+46701740612", "+46701740613"


@pytest.fixture
def client(engine: Engine) -> Counting:
    """Of an empty table, and counting."""
    engine.empty()
    return Counting(engine.dynamodb, engine.table)


@pytest.fixture
def bench(client: Counting, engine: Engine) -> Bench:
    return on(client, engine.table)


def survey(bench: Bench, survey_id: str) -> Survey:
    found = bench.store.survey(survey_id, strong=True)
    assert found
    return found


def decided(bench: Bench, call: CallEnded) -> str | None:
    """Why the caller of a call is not invited; None: they are."""
    reason: str | None = bench.service.intake.call_ended(call).body()["reason"]
    return reason


def callers(client: Counting, engine: Engine) -> list[str]:
    """The keys of every caller's record."""
    items = engine.dynamodb.scan(TableName=engine.table)["Items"]
    return [item["pk"]["S"] for item in items if item["pk"]["S"].startswith("caller#")]


def test_a_survey_goes_on_as_if_nothing_had_been(bench: Bench, client: Counting, engine: Engine) -> None:
    survey_id = bench.invited(CALLER)
    bench.text(CALLER, "1")
    bench.rotate()
    bench.text(CALLER, "2")
    bench.rotate()
    bench.text(CALLER, "1")
    assert survey(bench, survey_id).disposition is Disposition.COMPLETE
    assert len(callers(client, engine)) == 1


def delivered(bench: Bench) -> str:
    """A survey whose first text is on the handset."""
    survey_id = bench.invited(CALLER)
    bench.service.conversation.text_status(survey_id, 1, {"MessageStatus": "delivered", "MessageSid": "SM1"})
    return survey_id


def test_the_reminder_still_goes_out(bench: Bench) -> None:
    survey_id = delivered(bench)
    bench.rotate()
    bench.ahead(hours=4)
    bench.service.clockwork.look("survey", survey_id)
    assert [to for to, _ in bench.carrier.sent] == [CALLER, CALLER]


def test_stop_ends_the_survey_and_counts_for_good(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    bench.rotate()
    bench.text(CALLER, "STOPP")
    assert survey(bench, survey_id).stage is Stage.CLOSED
    for _ in range(2):
        assert decided(bench, bench.call(CALLER)) == "opted_out"
        bench.rotate()


@pytest.mark.parametrize("survey_open", [True, False], ids=["after a survey", "known by nothing else"])
def test_start_lifts_a_stop_from_before(bench: Bench, survey_open: bool) -> None:
    if survey_open:
        bench.invited(CALLER)
    bench.text(CALLER, "STOPP")
    bench.rotate()
    bench.text(CALLER, "START")
    bench.ahead(days=31)
    assert decided(bench, bench.call(CALLER)) is None


@pytest.mark.parametrize("surveyed", [True, False], ids=["with a survey", "known by nothing else"])
def test_start_lifts_every_stop_there_is(bench: Bench, surveyed: bool) -> None:
    """Two records of one number: as a deployment leaves them that dies between its containers."""
    old = bench.service.office.vault
    if surveyed:
        bench.invited(CALLER)
    bench.rotate()
    bench.store.opt_out(old.hash(CALLER), bench.now)
    bench.store.opt_out(bench.service.office.vault.hash(CALLER), bench.now)
    bench.text(CALLER, "START")
    assert not bench.service.office.caller(CALLER).opted_out
    bench.ahead(days=31)
    bench.service.clockwork.tick()  # whatever was open is over
    assert decided(bench, bench.call(CALLER)) is None


def test_a_stop_under_either_key_holds_the_reminder_back(bench: Bench) -> None:
    """One that reached a process which did not know the survey's key."""
    survey_id = delivered(bench)
    bench.rotate()
    bench.store.opt_out(bench.service.office.vault.hash(CALLER), bench.now)
    bench.ahead(hours=4)
    bench.service.clockwork.look("survey", survey_id)
    assert len(bench.carrier.sent) == 1


def test_ring_rings(bench: Bench) -> None:
    bench.service.api.change_settings({"outbound_voice": {"": True}}, "ops")
    survey_id = bench.invited(CALLER)
    bench.rotate()
    bench.text(CALLER, "RING")
    bench.service.clockwork.look("survey", survey_id)
    assert bench.carrier.rung == [CALLER]


def test_whoever_rings_us_takes_the_open_survey_on_the_phone(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    bench.rotate()
    said = bench.service.phone.line_opened({"From": CALLER, "CallSid": "CA1"})
    assert survey_id in said


def test_a_quarantine_goes_on_and_ends_when_it_was_to_end(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    for answer in ("1", "1", "1"):
        bench.text(CALLER, answer)
    bench.ahead(days=2)
    bench.service.clockwork.look("survey", survey_id)
    bench.rotate()
    assert decided(bench, bench.call(CALLER)) == "quarantined"
    bench.ahead(days=29)
    assert decided(bench, bench.call(CALLER)) is None


def test_the_same_call_again_gets_the_same_answer_and_a_newer_one_takes_over(bench: Bench) -> None:
    call = bench.call(CALLER)
    first = bench.service.intake.call_ended(call)
    bench.rotate()
    again = bench.service.intake.call_ended(call)
    assert (again.first, again.body()) == (False, first.body())
    bench.ahead(seconds=10)
    newer = bench.service.intake.call_ended(bench.call(CALLER))
    assert newer.survey_id
    assert survey(bench, first.survey_id or "").superseded_by == newer.survey_id
    bench.ahead(seconds=60)
    for each in (first, newer):
        bench.service.clockwork.look("survey", each.survey_id or "")
    assert len(bench.carrier.sent) == 1


def test_the_language_they_last_answered_in_is_known(bench: Bench) -> None:
    bench.invited(CALLER, language="en")
    bench.text(CALLER, "1")
    bench.ahead(days=31)
    bench.rotate()
    decision = bench.service.intake.call_ended(bench.call(CALLER, language=None))
    assert (decision.survey.language, decision.survey.language_from) == ("en", "last")


def test_a_callback_is_cancelled_by_a_stop_and_closed_by_a_newer_call(bench: Bench) -> None:
    for caller, act in (
        (CALLER, lambda: bench.text(CALLER, "STOPP")),
        (OTHER, lambda: bench.service.intake.call_ended(bench.call(OTHER))),
    ):
        owed(bench, caller, act)


def owed(bench: Bench, caller: str, act: Callable[[], Any]) -> None:
    survey_id = bench.invited(caller)
    for answer in ("1", "1", "2", "ja"):
        bench.text(caller, answer)
    assert bench.service.api.state(survey_id) == "open"
    bench.ahead(days=2)
    bench.service.clockwork.look("survey", survey_id)  # closed: the row is found by the caller alone
    bench.rotate()
    act()
    assert bench.service.api.state(survey_id) == "cancelled"


def test_the_trials_allow_list_holds(bench: Bench) -> None:
    bench.service.api.change_settings({"mode": "trial", "allow_list": [CALLER]}, "ops")
    bench.rotate()
    bench.invited(CALLER)
    assert [to for to, _ in bench.carrier.sent] == [CALLER]
    assert decided(bench, bench.call(OTHER)) == "trial"


def test_everything_is_told_and_forgotten_whatever_key_it_came_under(bench: Bench) -> None:
    first = bench.invited(CALLER)
    bench.text(CALLER, "1")
    bench.ahead(days=31)
    bench.service.clockwork.look("survey", first)
    bench.rotate()
    second = bench.invited(CALLER)
    bench.rotate()
    privacy = Privacy(bench.service.office)
    told = privacy.disclose(CALLER, "tester")
    assert [each["survey_id"] for each in told["surveys"]] == [first, second]
    proof = privacy.erase(CALLER, "tester")
    assert (proof["surveys_unlinked"], proof["surveys_ended"]) == (2, 1)
    assert proof["read_again_and_gone"]
    assert privacy.disclose(CALLER, "tester")["nothing_is_kept"]
    assert not [row for row in (survey(bench, first), survey(bench, second)) if row.caller or row.sealed]


def test_two_records_of_one_number_count_as_one(bench: Bench) -> None:
    """Left by two processes of which only one knew the newest key."""
    office = bench.service.office
    older = bench.invited(CALLER)
    bench.text(CALLER, "1")
    bench.rotate()
    newest = bench.service.office.vault.hash(CALLER)
    bench.store.told_late(newest, bench.now)
    bench.store.opt_out(newest, bench.now)
    known = bench.service.office.caller(CALLER)
    assert (known.key, known.open_survey) == (office.vault.hash(CALLER), older)
    assert known.opted_out
    assert known.told_late_at == bench.now
    assert known.keys == tuple(bench.service.office.vault.hashes(CALLER))


def test_one_key_costs_one_read_and_each_further_key_half_a_unit(bench: Bench, client: Counting) -> None:
    bench.invited(CALLER)
    for keys in (1, 2, 3):
        before = client.bill.read
        bench.service.office.caller(CALLER)
        assert client.bill.read - before == keys * 0.5
        bench.rotate()
