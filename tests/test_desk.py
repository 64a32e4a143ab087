"""The callback desk at work: what a newer call, a text, the clock and those who ring do to a call owed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.callbacks import Callback
from chalicelib.prompts import load
from tests.engine_fixture import Engine
from tests.in_process import Bench, on

CALLER, OTHER, LANDLINE, KIM = "+46701740612", "+46701740613", "+46313900612", "Kim"


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


# --- what the caller is told --------------------------------------------------------------------------------


def rings_in_vain(bench: Bench, callback_id: str, outcome: str = "no_answer") -> list[tuple[str, str]]:
    """The texts that come of it."""
    sent = len(bench.carrier.sent)
    act(bench, callback_id, "claim")
    act(bench, callback_id, "attempt", outcome=outcome)
    return bench.carrier.sent[sent:]


def test_whoever_was_not_reached_is_told(bench: Bench) -> None:
    callback = owed(bench)
    [(to, said)] = rings_in_vain(bench, callback)
    assert to == CALLER
    assert "inget svar" in said
    assert row(bench, callback).texts == ("missed-1",)


def test_a_wrong_number_is_told_nothing(bench: Bench) -> None:
    callback = owed(bench)
    assert rings_in_vain(bench, callback, "wrong_number") == []
    assert row(bench, callback).state == "unreachable"


@pytest.mark.parametrize(
    "change",
    [{"killed": ["all"]}, {"killed": ["queue:permits"]}, {"killed": ["language:sv"]}, {"mode": "trial"}],
    ids=str,
)
def test_a_gate_that_is_shut_is_shut_for_the_desk_too(bench: Bench, change: dict[str, Any]) -> None:
    missed, expired = owed(bench), owed(bench, OTHER)
    bench.service.api.change_settings(change, "ops")
    assert rings_in_vain(bench, missed) == []
    sent = len(bench.carrier.sent)
    bench.ahead(days=8)
    look(bench, expired)
    assert (row(bench, missed).texts, row(bench, expired).texts) == ((), ())
    assert len(bench.carrier.sent) == sent


def test_in_trial_whoever_is_on_the_list_is_told(bench: Bench) -> None:
    callback = owed(bench)
    bench.service.api.change_settings({"mode": "trial", "allow_list": [CALLER]}, "ops")
    assert [to for to, _ in rings_in_vain(bench, callback)] == [CALLER]


def test_another_number_that_opted_out_is_told_nothing(bench: Bench) -> None:
    callback = owed(bench)
    bench.text(OTHER, "STOPP")
    bench.text(CALLER, f"ring {OTHER} i stället")
    assert rings_in_vain(bench, callback) == []


def test_a_landline_is_rung_and_not_texted(bench: Bench) -> None:
    callback = owed(bench)
    bench.text(CALLER, f"ring {LANDLINE} i stället")
    assert rings_in_vain(bench, callback) == []
    assert row(bench, callback).texts == ()


# --- the next try -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "missed_at, next_at",
    [
        ("2026-11-25 09:00", "2026-11-25 13:00"),
        ("2026-11-25 15:55", "2026-11-26 08:00"),  # five minutes before closing
        ("2026-11-25 12:00", "2026-11-26 08:00"),  # four hours later is closing time
    ],
)
def test_the_next_try_is_in_office_hours_and_at_least_four_hours_later(
    bench: Bench, missed_at: str, next_at: str
) -> None:
    callback, zone = owed(bench), bench.service.office.settings.zone
    bench.now = datetime.fromisoformat(missed_at).replace(tzinfo=zone).astimezone(UTC)
    [(_, said)] = rings_in_vain(bench, callback)
    due_at = row(bench, callback).due_at.astimezone(zone)
    assert due_at.strftime("%Y-%m-%d %H:%M") == next_at
    day = load("sv").day(due_at.date())
    assert f"igen {day}" in said


def test_where_the_promise_leaves_no_later_try_it_may_be_made_at_once(bench: Bench) -> None:
    callback = owed(bench)
    bench.now = row(bench, callback).expires_at - timedelta(hours=2)
    rings_in_vain(bench, callback)
    assert row(bench, callback).due_at == bench.now


def test_another_number_is_promised_only_while_a_call_is_owed(bench: Bench) -> None:
    callback = owed(bench)
    rings_in_vain(bench, callback, "wrong_number")
    assert "+46701740613" not in bench.text(CALLER, "ring 070-174 06 13 i stället tack")
    assert row(bench, callback).state == "unreachable"


def test_whoever_changes_their_mind_after_the_call_is_owed_another(bench: Bench) -> None:
    callback = owed(bench)
    act(bench, callback, "claim", "reach", "resolve")
    bench.ahead(minutes=5)
    bench.text(CALLER, "nej")
    bench.ahead(minutes=5)
    assert "ringer dig" in bench.text(CALLER, "ring mig")
    assert row(bench, callback).state == "open"


def test_what_has_run_out_is_owed_no_more_before_the_sweep_has_been(bench: Bench) -> None:
    callback = owed(bench)
    bench.now = row(bench, callback).expires_at + timedelta(seconds=30)
    assert bench.service.api.owed() == []
    assert bench.service.api.callbacks({"state": "open"})["callbacks"] == []


# --- what may be promised -----------------------------------------------------------------------------------


def test_without_any_capacity_no_call_is_promised(bench: Bench) -> None:
    bench.service.api.change_settings({"callback_capacity": 0}, "ops")
    survey_id = bench.invited(CALLER)
    replies = [bench.text(CALLER, answer) for answer in ("1", "1", "2")]
    assert "kan inte ringa upp" in replies[-1]
    assert bench.store.callback(survey_id) is None
