"""The callback desk at work: what a newer call, a text, the clock and those who ring do to a call owed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.callbacks import Callback
from tests.engine_fixture import Engine
from tests.in_process import Bench, on

CALLER, OTHER, KIM = "+46701740612", "+46701740613", "Kim"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    return on(engine.dynamodb, engine.table)


def owed(bench: Bench, caller: str = CALLER) -> str:
    """A callback that was just promised: its id."""
    survey_id = bench.invited(caller)
    for answer in ("1", "1", "2", "ja"):
        bench.ahead(seconds=10)
        bench.text(caller, answer)
    assert row(bench, survey_id).state == "open"
    return survey_id


def row(bench: Bench, callback_id: str) -> Callback:
    found = bench.store.callback(callback_id)
    assert found
    return found


def act(bench: Bench, callback_id: str, *verbs: str, **body: Any) -> None:
    for verb in verbs:
        bench.service.api.act(callback_id, verb, KIM, body)


def look(bench: Bench, callback_id: str) -> None:
    bench.service.callbacks.look(callback_id)


# --- a newer call -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "of_another_kind",
    [
        {"direction": "outbound"},  # the desk's own ring, too
        {"direction": "internal"},
        {"test": True},
        {"ended": -timedelta(hours=1)},  # before the call the row is about, and reported late
    ],
    ids=["outbound", "internal", "test", "older"],
)
@pytest.mark.parametrize("queue", ["permits", "visas"])
def test_only_a_newer_call_of_the_callers_own_counts(
    bench: Bench, of_another_kind: dict[str, Any], queue: str
) -> None:
    callback = owed(bench)
    before = row(bench, callback)
    kind = dict(of_another_kind)
    ended_at = bench.now + kind.pop("ended", timedelta())
    bench.service.intake.call_ended(replace(bench.call(CALLER), queue=queue, ended_at=ended_at, **kind))
    assert row(bench, callback) == before


def test_a_newer_call_that_helped_closes_what_is_owed_and_leaves_what_was_passed_on(bench: Bench) -> None:
    waiting, passed_on = owed(bench), owed(bench, OTHER)
    act(bench, passed_on, "claim", "reach", "escalate")
    for caller in (CALLER, OTHER):
        bench.service.intake.call_ended(bench.call(caller))
    assert (row(bench, waiting).state, row(bench, passed_on).state) == ("cancelled", "escalated")


# --- the caller withdraws -----------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [False, True], ids=["survey open", "survey closed"])
def test_no_reaches_a_call_that_was_passed_on(bench: Bench, closed: bool) -> None:
    callback = owed(bench)
    act(bench, callback, "claim", "reach", "escalate")
    if closed:
        bench.ahead(hours=25)
        bench.service.clockwork.look("survey", callback)
    assert "vi ringer inte" in bench.text(CALLER, "nej")
    assert row(bench, callback).state == "do_not_call"


def test_a_stop_reaches_a_call_that_was_passed_on(bench: Bench) -> None:
    callback = owed(bench)
    act(bench, callback, "claim", "reach", "escalate")
    bench.text(CALLER, "STOPP")
    assert row(bench, callback).state == "do_not_call"


def test_whoever_is_being_talked_to_is_left_to_the_one_who_talks(bench: Bench) -> None:
    callback = owed(bench)
    act(bench, callback, "claim", "reach")
    bench.text(CALLER, "STOPP")
    assert row(bench, callback).state == "reached"


def test_a_yes_after_no_is_owed_a_call_again_also_where_it_had_been_passed_on(bench: Bench) -> None:
    callback = owed(bench)
    act(bench, callback, "claim", "reach", "escalate")
    for said in ("nej", "ring mig"):
        bench.ahead(minutes=1)
        bench.text(CALLER, said)
    assert row(bench, callback).state == "open"


def test_what_was_passed_on_and_not_done_in_time_ends_without_a_text(bench: Bench) -> None:
    callback = owed(bench)
    act(bench, callback, "claim", "reach", "escalate")
    sent = len(bench.carrier.sent)
    bench.ahead(days=8)
    look(bench, callback)
    assert row(bench, callback).state == "expired"
    assert len(bench.carrier.sent) == sent
