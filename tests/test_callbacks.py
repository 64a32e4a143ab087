"""The callback's own machine: thirty moves allowed, eighty forbidden, one holder at a time."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import callbacks
from chalicelib.callbacks import ALLOWED, FORGOTTEN, KEEP, LEASE, MISSES, Callback, State
from chalicelib.errors import BadRequest, Conflict

VECTORS = json.loads((Path(__file__).parent / "vectors/callbacks.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAIRS = [(before, after) for before in State for after in State if before is not after]


def a_row(state: State = State.OPEN, **changes: object) -> Callback:
    held = {"owner": "anna", "lease_until": NOW + LEASE} if state is State.CLAIMED else {}
    held |= {"owner": "anna"} if state is State.REACHED else {}
    over = {"finished_at": NOW} if not ALLOWED[state] else {}
    usual = Callback("s1", "c-1", state, NOW + 24 * HOUR, NOW + 72 * HOUR, NOW, sealed=b"sealed")
    return replace(usual, **{**held, **over, **changes})


# Every way a row can change, as its holder and the clock can do it.
VERBS: dict[str, Callable[[Callback], Callback]] = {
    "claim": lambda row: callbacks.claim(row, "anna", NOW),
    "release": lambda row: callbacks.release(row, "anna", NOW),
    "missed": lambda row: callbacks.attempt(row, "anna", NOW, "no_answer", NOW + 4 * HOUR, 3),
    "missed for the last time": lambda row: callbacks.attempt(row, "anna", NOW, "busy", NOW, 1),
    "reach": lambda row: callbacks.reach(row, "anna", NOW),
    "resolve": lambda row: callbacks.resolve(row, "anna", NOW),
    "escalate": lambda row: callbacks.escalate(row, "anna", NOW, NOW + 72 * HOUR),
    "do not call": lambda row: callbacks.do_not_call(row, "anna", NOW),
    "cancel": lambda row: callbacks.cancel(row, NOW),
    "withdraw": lambda row: callbacks.withdraw(row, NOW),
    "sweep, lease over": lambda row: callbacks.swept(row, NOW + LEASE, NOW + 99 * HOUR),
    "sweep, expired": lambda row: callbacks.swept(row, NOW + 72 * HOUR, NOW + 99 * HOUR),
    "sweep, long after": lambda row: callbacks.swept(row, NOW + 200 * HOUR, NOW + 300 * HOUR),
    "rang again": lambda row: callbacks.moved_up(row, NOW),
}


def test_the_moves_are_those_of_the_vectors() -> None:
    assert {state.value for state in State} == set(VECTORS["states"])
    assert {before.value: {after.value for after in ALLOWED[before]} for before in State} == {
        before: set(after) for before, after in VECTORS["allowed"].items()
    }


def test_thirty_moves_are_allowed_and_eighty_forbidden() -> None:
    allowed = [pair for pair in PAIRS if pair[1] in ALLOWED[pair[0]]]
    assert len(allowed) == VECTORS["count_allowed"] == 30
    assert len(PAIRS) - len(allowed) == VECTORS["count_forbidden"] == 80
    assert not {(State(a), State(b)) for a, b in VECTORS["forbidden_examples"]} & set(allowed)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", State)
def test_no_verb_makes_a_forbidden_move(state: State, verb: str) -> None:
    row = a_row(state)
    try:
        after = VERBS[verb](row)
    except Conflict:
        after = row
    last_miss = state is State.CLAIMED and after.state is State.UNREACHABLE  # by way of attempted
    assert after.state is state or after.state in ALLOWED[state] or last_miss


@pytest.mark.parametrize(
    "verb, possible",
    [
        (
            "claim",
            {"open", "attempted", "scheduled", "claimed", "reached"},
        ),  # the last two: to hold it longer
        ("release", {"claimed", "attempted", "scheduled"}),
        ("missed", {"claimed"}),
        ("reach", {"claimed"}),
        ("resolve", {"reached", "escalated"}),
        ("escalate", {"reached"}),
        ("do not call", {"open", "claimed", "attempted", "scheduled", "reached", "escalated"}),
    ],
)
def test_a_verb_is_refused_in_every_other_state(verb: str, possible: set[str]) -> None:
    for state in State:
        if state.value in possible:
            assert VERBS[verb](a_row(state)).state is not None
        else:
            with pytest.raises(Conflict, match="cannot become"):
                VERBS[verb](a_row(state))


# --- holding ------------------------------------------------------------------------------------------------


def test_a_claim_holds_for_half_an_hour_and_claiming_again_extends_it() -> None:
    row = callbacks.claim(a_row(), "anna", NOW)
    assert (row.state, row.owner, row.lease_until) == (State.CLAIMED, "anna", NOW + 30 * MINUTE)
    assert callbacks.claim(row, "anna", NOW + 20 * MINUTE).lease_until == NOW + 50 * MINUTE


@pytest.mark.parametrize("verb", ["claim", "release", "attempt", "reach", "do_not_call"])
def test_whoever_comes_second_is_told_who_holds_it(verb: str) -> None:
    row = callbacks.claim(a_row(), "anna", NOW)
    more = ("no_answer", NOW, 3) if verb == "attempt" else ()
    with pytest.raises(Conflict) as refused:
        getattr(callbacks, verb)(row, "bo", NOW + 29 * MINUTE, *more)
    assert refused.value.owner == "anna"


def test_a_lease_that_ran_out_lets_another_in() -> None:
    row = callbacks.claim(a_row(), "anna", NOW)
    assert callbacks.claim(row, "bo", NOW + LEASE).owner == "bo"
    freed = callbacks.swept(row, NOW + LEASE, NOW)
    assert (freed.state, freed.owner) == (State.OPEN, None)


@given(st.lists(st.tuples(st.sampled_from(["anna", "bo", "cia"]), st.integers(0, 40)), max_size=12))
def test_however_claims_race_one_holds_the_row_and_nobody_loses_it_early(
    tries: list[tuple[str, int]],
) -> None:
    row, at = a_row(), NOW
    for who, minutes in tries:
        at += minutes * MINUTE
        held_by = row.owner if row.lease_until and at < row.lease_until else None
        if held_by in (None, who):
            row = callbacks.claim(row, who, at)
            assert row.owner == who
        else:
            with pytest.raises(Conflict) as refused:
                callbacks.claim(row, who, at)
            assert refused.value.owner == held_by


# --- ringing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["no_answer", "busy", "voicemail"])
def test_the_third_miss_is_the_last(outcome: str) -> None:
    row = a_row()
    for n in (1, 2, 3):
        row = callbacks.attempt(callbacks.claim(row, "anna", NOW), "anna", NOW, outcome, NOW + n * HOUR, 3)
        assert row.attempts == n
        assert row.owner is None
        if n < 3:
            assert (row.state, row.due_at) == (State.ATTEMPTED, NOW + n * HOUR)
    assert (row.state, row.finished_at) == (State.UNREACHABLE, NOW)


def test_a_wrong_number_is_not_rung_again() -> None:
    row = callbacks.claim(a_row(), "anna", NOW)
    assert callbacks.attempt(row, "anna", NOW, "wrong_number", NOW, 3).state is State.UNREACHABLE


def test_a_miss_has_one_of_four_outcomes() -> None:
    assert set(MISSES) == {"no_answer", "busy", "voicemail", "wrong_number"}
    with pytest.raises(BadRequest) as refused:
        callbacks.attempt(callbacks.claim(a_row(), "anna", NOW), "anna", NOW, "asleep", NOW, 3)
    assert refused.value.field == "outcome"


def test_reached_then_resolved_by_whoever_reached_them() -> None:
    row = callbacks.reach(callbacks.claim(a_row(), "anna", NOW), "anna", NOW)
    assert (row.state, row.attempts) == (State.REACHED, 1)
    with pytest.raises(Conflict, match="anna"):
        callbacks.resolve(row, "bo", NOW + 20 * HOUR)
    done = callbacks.resolve(row, "anna", NOW + HOUR)
    assert (done.state, done.finished_at) == (State.RESOLVED, NOW + HOUR)


def test_escalated_has_a_day_of_its_own_and_ends() -> None:
    row = callbacks.escalate(a_row(State.REACHED), "anna", NOW, NOW + HOUR)
    assert (row.due_at, row.expires_at) == (NOW + HOUR, NOW + HOUR)
    assert callbacks.swept(row, NOW + HOUR, NOW).state is State.EXPIRED


# --- the clock ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [State.OPEN, State.CLAIMED, State.ATTEMPTED, State.SCHEDULED, State.ESCALATED]
)
def test_a_promise_not_kept_expires(state: State) -> None:
    row = a_row(state, lease_until=None)
    assert callbacks.swept(row, NOW + 72 * HOUR - MINUTE, NOW).state is state
    assert callbacks.swept(row, NOW + 72 * HOUR, NOW).state is State.EXPIRED


def test_reached_and_forgotten_is_passed_on() -> None:
    row = a_row(State.REACHED)
    assert callbacks.swept(row, row.due_at + FORGOTTEN - MINUTE, NOW).state is State.REACHED
    after = callbacks.swept(row, row.due_at + FORGOTTEN, NOW + 200 * HOUR)
    assert (after.state, after.expires_at) == (State.ESCALATED, NOW + 200 * HOUR)


@pytest.mark.parametrize("state", State)
def test_whatever_is_left_alone_ends_and_then_loses_its_number(state: State) -> None:
    row, at = a_row(state), NOW
    for _ in range(60):
        at += 12 * HOUR
        row = callbacks.swept(row, at, at + 72 * HOUR)
        if row.sealed is None:
            break
    assert row.finished
    assert row.sealed is None
    assert row.finished_at is not None
    assert at - row.finished_at >= KEEP


def test_the_number_is_kept_a_week_after_the_end() -> None:
    row = a_row(State.RESOLVED)
    assert callbacks.swept(row, NOW + 7 * 24 * HOUR - MINUTE, NOW) is row
    assert callbacks.swept(row, NOW + 7 * 24 * HOUR, NOW).sealed is None


# --- the caller ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_a_caller_who_was_helped_is_no_longer_owed_a_call(state: State) -> None:
    after = callbacks.cancel(a_row(state), NOW)
    waiting = state in (State.OPEN, State.CLAIMED, State.ATTEMPTED, State.SCHEDULED)
    assert after.state is (State.CANCELLED if waiting else state)


@pytest.mark.parametrize("state", State)
def test_a_caller_who_withdraws_is_not_called_by_those_it_was_passed_on_to_either(state: State) -> None:
    row = a_row(state)
    passed_on = state is State.ESCALATED
    wanted = State.DO_NOT_CALL if passed_on else callbacks.cancel(row, NOW).state
    assert callbacks.withdraw(row, NOW).state is wanted


def test_only_a_yes_newer_than_the_promise_undoes_do_not_call() -> None:
    row = a_row(State.DO_NOT_CALL, consent_at=NOW)
    assert not callbacks.wanted_again(row, NOW)
    assert callbacks.wanted_again(row, NOW + MINUTE)


@pytest.mark.parametrize("state", State)
def test_a_caller_who_rang_again_in_vain_comes_first(state: State) -> None:
    after = callbacks.moved_up(a_row(state), NOW)
    waits = state in (State.OPEN, State.ATTEMPTED, State.SCHEDULED)
    assert after.due_at == (NOW if waits else NOW + 24 * HOUR)
    assert after.state is state
