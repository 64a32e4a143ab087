"""The table's promises, kept by two engines: every write under its condition, exactly one of many at once.

`moto` runs what it does rightly; races are for the embedded engine alone, since moto does not isolate writers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from chalicelib.api import Api
from chalicelib.callbacks import Callback, State
from chalicelib.errors import Conflict, NotFound
from chalicelib.events import CallEnded, Outcome
from chalicelib.intake import Decision
from chalicelib.script import Value
from chalicelib.store import Store
from chalicelib.store.dynamo import Table
from chalicelib.survey import Attempt, Disposition, Stage, Survey
from infra.local.engine import create_table, definitions
from tests.engine_fixture import Engine
from tests.in_process import NOON, Bench, on
from tests.stage import at_once
from tests.test_privacy import Meanwhile
from tests.units import Counting

HOUR = timedelta(hours=1)


@pytest.fixture(params=["moto", "engine"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty table, made from the definitions that are deployed."""
    if request.param == "engine":
        engine: Engine = request.getfixturevalue("engine")
        engine.empty()
        yield Store(Table(engine.dynamodb, engine.table, lambda: NOON))
        return
    with mock_aws():
        client = boto3.client("dynamodb", "eu-north-1", aws_access_key_id="x", aws_secret_access_key="x")
        create_table(client, "aftercall", definitions()["Table"])
        yield Store(Table(client, "aftercall", lambda: NOON))


@pytest.fixture
def bench(engine: Engine) -> Bench:
    """The service on an empty table of the embedded engine."""
    engine.empty()
    return on(engine.dynamodb, engine.table)


def a_survey(name: str = "s1", **changes: Any) -> Survey:
    plain = Survey(
        name, f"call-{name}", NOON, date(2026, 11, 24), Stage.PLANNED, "permits", "north", "a-17", channel="sms",
        language="sv", wording="9c1f0000", caller="c" * 32, sealed=b"\x00sealed\xff", planned_at=NOON, due_at=NOON,
    )  # fmt: skip
    return replace(plain, **changes)


def a_callback(name: str = "s1", **changes: Any) -> Callback:
    plain = Callback(
        name, f"call-{name}", State.OPEN, NOON + 24 * HOUR, NOON + 72 * HOUR, NOON, "north", "permits", "sv",
        sealed=b"sealed", caller="c" * 32, answers={"service": "yes", "time": "no", "resolved": "no"}, consent_at=NOON,
        consent_wording="9c1f0000",
    )  # fmt: skip
    return replace(plain, **changes)


FULL = a_survey(
    stage=Stage.DONE,
    language_from="call",
    callback_consent=True,
    attempts=(
        Attempt(1, "invite", False, NOON, Outcome.LANDLINE, "SM" + "0" * 32, 2),
        Attempt(2, "ring", True, NOON + HOUR),
        Attempt(3, "reminder", False, NOON + HOUR, Outcome.DELIVERED),
    ),
    asked=("service", "time"),
    asked_at=NOON,
    turn=3,
    charged=1,
    answers={"time": Value.NO, "service": Value.SKIPPED, "resolved": Value.UNANSWERED},
    undone=("service",),
    consent="yes",
    consent_at=NOON,
    promised=date(2026, 11, 25),
    ring=True,
    replied=True,
    reminded=True,
    remarks=2,
    thanked=True,
    texts=7,
    disposition=Disposition.BREAK_OFF,
    closes_at=NOON + 24 * HOUR,
    superseded_by="s9",
    reason="killed",
    seen=(("0123456789ab", "Ask:time:unclear:2 KeepRemark:2"), ("ba9876543210", "")),
    version=3,
)


# --- a survey ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "survey", [a_survey(), FULL, a_survey(sealed=None, caller=None, due_at=None, queue="")]
)
def test_a_survey_comes_back_as_it_was_kept(store: Store, survey: Survey) -> None:
    assert store.add_survey(survey, NOON)
    found = store.survey(survey.id)
    assert found == survey
    assert found is not None
    assert list(found.answers) == list(survey.answers)


def test_a_call_gets_one_record(store: Store) -> None:
    assert store.add_survey(a_survey(), NOON)
    assert not store.add_survey(a_survey(queue="other"), NOON)
    assert store.survey("s1") == a_survey()
    assert store.survey("s2") is None


def test_whoever_read_an_older_version_does_not_overwrite_a_newer(store: Store) -> None:
    before = a_survey()
    store.add_survey(before, NOON)
    first, second = replace(before, answers={"service": Value.YES}), replace(before, stage=Stage.CLOSED)
    assert store.save_survey(before, first, NOON)
    assert not store.save_survey(before, second, NOON)
    assert store.survey("s1") == replace(first, version=1)


def test_a_survey_that_is_not_there_is_not_made_by_a_change(store: Store) -> None:
    assert not store.save_survey(a_survey(), a_survey(), NOON)
    assert store.survey("s1") is None


def test_what_was_closed_holds_no_number_and_is_due_no_more(store: Store) -> None:
    before = a_survey()
    store.add_survey(before, NOON)
    closed = replace(before, stage=Stage.CLOSED, caller=None, sealed=None, due_at=None)
    store.save_survey(before, closed, NOON)
    found = store.survey("s1", strong=True)
    assert found
    assert (found.caller, found.sealed) == (None, None)
    assert list(store.due(NOON + 1000 * HOUR)) == []


# --- what is due ------------------------------------------------------------------------------------------


def test_everything_due_is_found_and_nothing_that_is_not(store: Store) -> None:
    due = {f"s{n}": NOON + n * HOUR for n in range(30)}
    for name, at in due.items():
        store.add_survey(a_survey(name, due_at=at), NOON)
    store.add_survey(a_survey("never", due_at=None), NOON)
    found = list(store.due(NOON + 9 * HOUR))
    assert sorted(found) == sorted(name for name, at in due.items() if at <= NOON + 9 * HOUR)


def test_within_a_shard_the_longest_overdue_comes_first(store: Store) -> None:
    due = {f"s{n}": NOON - n * HOUR for n in range(40)}
    for name, at in due.items():
        store.add_survey(a_survey(name, due_at=at), NOON)
    order = list(store.due(NOON))
    assert len(order) == 40
    falls = sum(due[later] < due[earlier] for earlier, later in pairwise(order))
    assert falls < 8  # at most where one shard ends and the next begins


def test_moving_the_time_moves_the_entry(store: Store) -> None:
    before = a_survey()
    store.add_survey(before, NOON)
    store.save_survey(before, replace(before, due_at=NOON + 5 * HOUR), NOON)
    assert list(store.due(NOON + 4 * HOUR)) == []
    assert list(store.due(NOON + 5 * HOUR)) == ["s1"]


# --- callers ----------------------------------------------------------------------------------------------

KEY, OTHER_KEY = "c" * 32, "d" * 32


def claim(store: Store, survey: str, over: str | None = None, days: float = 30, now: datetime = NOON) -> bool:
    return store.claim_caller(store.caller(KEY), survey, over, NOON + timedelta(days=days), now)


def test_a_caller_nobody_knows_has_no_history(store: Store) -> None:
    known = store.caller(KEY)
    assert (known.open_survey, known.quarantine_until, known.opted_out, known.surveys) == (
        None,
        None,
        False,
        (),
    )


def test_a_caller_is_claimed_by_one_survey_and_again_by_the_same(store: Store) -> None:
    assert claim(store, "s1")
    assert claim(store, "s1")  # the same call, posted again after a crash
    assert not claim(store, "s2")
    assert store.caller(KEY).open_survey == "s1"
    assert store.caller(KEY).surveys == ("s1",)


def test_a_newer_call_takes_over_from_the_survey_it_names_and_from_no_other(store: Store) -> None:
    assert claim(store, "s1")
    assert not claim(store, "s3", over="s2")
    assert claim(store, "s2", over="s1")
    assert store.caller(KEY).surveys == ("s1", "s2")


def test_after_the_quarantine_and_not_before_a_caller_may_be_claimed_again(store: Store) -> None:
    assert claim(store, "s1", days=30)
    assert not claim(store, "s2", now=NOON + timedelta(days=30) - timedelta(seconds=1))
    assert claim(store, "s2", days=60, now=NOON + timedelta(days=30))


def test_whoever_opted_out_is_claimed_by_nobody_until_they_opt_in(store: Store) -> None:
    store.opt_out(KEY, NOON)
    store.opt_out(KEY, NOON + HOUR)
    assert store.caller(KEY).opted_out
    assert not claim(store, "s1")
    assert not claim(store, "s1", over="s1")
    store.opt_in("SM1", KEY, at=NOON)
    assert not store.caller(KEY).opted_out
    assert claim(store, "s1")


def test_a_start_the_carrier_repeats_undoes_no_stop_that_came_since(store: Store) -> None:
    for text in ("SM1", "SM2"):  # nobody had opted out yet
        store.opt_in(text, KEY, OTHER_KEY, at=NOON)
    store.opt_out(KEY, NOON)
    for text in ("SM1", "SM2"):
        store.opt_in(text, KEY, OTHER_KEY, at=NOON)
    assert store.caller(KEY, OTHER_KEY).opted_out
    store.opt_in("SM3", OTHER_KEY, KEY, at=NOON)
    assert not store.caller(KEY, OTHER_KEY).opted_out


def test_of_any_number_of_starts_the_last_six_are_remembered(store: Store) -> None:
    for n in range(20):
        store.opt_in(f"SM{n}", KEY, at=NOON)
    assert store.caller(KEY).starts == tuple(f"SM{n}" for n in range(14, 20))


def test_a_remark_that_is_kept_stays_as_it_is(store: Store) -> None:
    for text in ("first", "second"):
        store.add_remark(a_survey(), 1, text, NOON)
    assert [remark.text for remark in store.remarks_of("s1")] == ["first"]


def test_the_quarantine_is_ended_by_the_survey_that_set_it_and_by_no_other(store: Store) -> None:
    claim(store, "s1")
    store.end_quarantine(KEY, "s0")
    assert not claim(store, "s2")
    store.end_quarantine(KEY, "s1")
    assert claim(store, "s2")


def test_the_surveys_and_starts_of_a_caller_are_remembered_at_the_price_of_one(engine: Engine) -> None:
    client = Counting(engine.dynamodb, engine.table)
    store, names = (
        Store(Table(client, engine.table, lambda: NOON)),
        [f"{n:026}" for n in range(33)],
    )  # as long as ids are
    engine.empty()
    store.told_late(KEY, NOON)
    for n in range(6):
        store.opt_in(f"{n:010}", KEY, at=NOON)
    for before, name in pairwise(["", *names]):
        spent = client.bill.write
        assert claim(store, name, over=before)
        assert client.bill.write - spent == 1
    assert store.caller(KEY).surveys == tuple(names[-28:])


# --- callbacks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        a_callback(),
        a_callback(
            state=State.CLAIMED, owner="Kim", lease_until=NOON, attempts=2, texts=("missed-1",), version=4
        ),
        a_callback(state=State.RESOLVED, finished_at=NOON, sealed=None, owner="Åsa"),
    ],
)
def test_a_callback_comes_back_as_it_was_kept(store: Store, row: Callback) -> None:
    assert store.add_callback(row)
    assert store.callback("s1") == row


def test_a_call_is_owed_once_and_changed_by_whoever_saw_its_newest_state(store: Store) -> None:
    assert store.add_callback(a_callback())
    assert not store.add_callback(a_callback(queue="other"))
    claimed = a_callback(state=State.CLAIMED, owner="Kim", version=1)
    assert store.save_callback(claimed, 0)
    assert not store.save_callback(replace(claimed, owner="Robin"), 0)
    kept = store.callback("s1")
    assert kept
    assert kept.owner == "Kim"


def test_a_teams_list_is_due_soonest_first_and_without_numbers(store: Store) -> None:
    for n in (3, 1, 2):
        store.add_callback(a_callback(f"s{n}", due_at=NOON + n * HOUR))
    store.add_callback(a_callback("s4", team="south"))
    store.add_callback(a_callback("s5", state=State.RESOLVED, finished_at=NOON))
    rows = store.callbacks("north", over=False)
    assert [row.id for row in rows] == ["s1", "s2", "s3"]
    assert all((row.sealed, row.caller) == (None, None) for row in rows)
    assert rows[0].answers == a_callback().answers
    assert [row.id for row in store.callbacks("north", over=True)] == ["s5"]
    assert [row.id for row in store.callbacks("south", over=False)] == ["s4"]
    assert store.teams() == ["north", "south"]
    assert store.open_callbacks() == 4


def test_a_row_that_is_over_moves_to_the_other_list(store: Store) -> None:
    store.add_callback(a_callback())
    over = a_callback(state=State.CANCELLED, finished_at=NOON, version=1)
    assert store.save_callback(over, 0)
    assert store.callbacks("north", over=False) == []
    assert store.open_callbacks() == 0


def test_a_row_that_ended_weeks_ago_is_still_found_by_its_state_and_holds_no_number(bench: Bench) -> None:
    survey_id = bench.invited("+46701740624")
    for text in ("1", "1", "2", "ja"):
        bench.text("+46701740624", text)
    for verb in ("claim", "reach", "resolve"):
        bench.service.api.act(survey_id, verb, "Kim", {})
    for days in (0, 8, 60):
        bench.ahead(days=days)
        bench.service.clockwork.tick()
        [row] = bench.service.api.callbacks({"state": "resolved"})["callbacks"]
        assert (row["id"], row["owner"]) == (survey_id, "Kim")
    assert bench.service.api.callbacks({"state": "expired"})["callbacks"] == []
    assert bench.service.api.finished_since(bench.now - timedelta(days=90)) == []  # the page's "lately"
    kept = bench.store.callback(survey_id)
    assert kept
    assert kept.sealed is None


def test_a_callback_is_due_at_its_expiry_and_again_when_its_number_has_to_go(store: Store) -> None:
    store.add_callback(a_callback())
    assert list(store.callbacks_due(NOON + 71 * HOUR)) == []
    assert list(store.callbacks_due(NOON + 72 * HOUR)) == ["s1"]
    store.save_callback(a_callback(state=State.RESOLVED, finished_at=NOON, version=1), 0)
    assert list(store.callbacks_due(NOON + timedelta(days=7) - HOUR)) == []
    assert list(store.callbacks_due(NOON + timedelta(days=7))) == ["s1"]
    store.save_callback(a_callback(state=State.RESOLVED, finished_at=NOON, sealed=None, version=2), 1)
    assert list(store.callbacks_due(NOON + timedelta(days=700))) == []


def test_a_lease_that_ran_out_is_seen_to_when_its_row_is_due(store: Store) -> None:
    held = a_callback(state=State.CLAIMED, owner="Kim", lease_until=NOON + HOUR)
    store.add_callback(held)
    assert list(store.callbacks_due(NOON + 25 * HOUR)) == ["s1"]


# --- the rest ---------------------------------------------------------------------------------------------


def test_the_policy_is_what_was_saved_last_and_its_history_newest_first(store: Store) -> None:
    assert store.rules.live() == {}
    store.rules.change(lambda _: {"mode": "live"}, "Kim", NOON)
    store.rules.change(lambda _: {"mode": "trial"}, "Robin", NOON + HOUR)
    assert store.rules.live() == {"mode": "trial"}
    assert [entry["who"] for entry in store.rules.history()] == ["Robin", "Kim"]


@pytest.mark.parametrize("times", [1, 3])
def test_a_kill_switch_set_meanwhile_is_not_undone(bench: Bench, engine: Engine, times: int) -> None:
    killed = partial(bench.service.api.change_settings, {"killed": ["all"]}, "Robin")
    overtaken(bench, engine, killed, times).change_settings({"quarantine_days": 14}, "Kim")
    settings = bench.another().api.settings()
    assert (settings["policy"]["killed"], settings["policy"]["quarantine_days"]) == (("all",), 14)
    assert sorted(entry["who"] for entry in settings["history"]) == ["Kim"] + ["Robin"] * times


def test_whoever_is_overtaken_time_and_again_is_told_and_changes_nothing(
    bench: Bench, engine: Engine
) -> None:
    killed = partial(bench.service.api.change_settings, {"killed": ["all"]}, "Robin")
    with pytest.raises(Conflict, match="try again"):
        overtaken(bench, engine, killed, 1000).change_settings({"quarantine_days": 14}, "Kim")
    settings = bench.another().api.settings()
    assert settings["policy"]["quarantine_days"] == 30
    assert {entry["who"] for entry in settings["history"]} == {"Robin"}


def overtaken(bench: Bench, engine: Engine, act: Callable[[], object], times: int) -> Api:
    """The API in another process, where something else happens between reading the rules and writing them."""
    service = bench.another()
    client: Any = Meanwhile(engine.dynamodb, "put_item", act, times)
    service.office.store = Store(Table(client, engine.table, lambda: bench.now))
    return service.api


def test_a_line_is_known_with_its_survey_without_one_or_not_at_all(store: Store) -> None:
    store.add_line("CA1", "s1", NOON)
    store.add_line("CA2", "", NOON)
    assert [store.line(sid) for sid in ("CA1", "CA2", "CA3")] == ["s1", "", None]


def test_what_is_past_its_time_is_gone_although_it_still_lies_there(bench: Bench, engine: Engine) -> None:
    call = bench.call("+46701740624")
    survey_id = bench.service.intake.call_ended(call).survey_id or ""
    bench.ahead(seconds=60)
    bench.service.clockwork.look("survey", survey_id)
    for text in ("1", "1", "2", "ja", "I have been waiting for a decision since May"):
        bench.text("+46701740624", text)
    for verb in ("claim", "reach", "resolve"):
        bench.service.api.act(survey_id, verb, "Kim", {})
    bench.ahead(days=364)
    bench.service.clockwork.tick()
    assert (len(bench.store.newest_remarks(9)), len(bench.store.remarks_of(survey_id))) == (1, 1)
    bench.ahead(days=2)
    assert (bench.store.newest_remarks(9), bench.store.remarks_of(survey_id)) == ([], [])
    assert bench.service.api.call(call.call_id)["answers"]["resolved"] == "no"
    bench.ahead(days=36)
    with pytest.raises(NotFound):
        bench.service.api.call(call.call_id)
    assert bench.service.api.callbacks({"state": "resolved"})["callbacks"] == []
    lying = [item["pk"]["S"] for item in engine.dynamodb.scan(TableName=engine.table)["Items"]]
    assert {f"survey#{survey_id}", f"callback#{survey_id}"} <= set(lying)


def test_a_caller_s_record_past_its_time_does_not_come_back(bench: Bench) -> None:
    key = bench.service.office.vault.hashes("+46701740624")[0]
    bench.service.intake.call_ended(bench.call("+46701740624"))
    bench.ahead(days=401)
    bench.store.told_late(key, bench.now)
    assert (bench.store.caller(key).surveys, bench.store.caller(key).quarantine_until) == ((), None)


def test_a_call_whose_record_is_past_its_time_is_decided_anew_and_kept_anew(bench: Bench) -> None:
    call = bench.call("+46701740624")
    bench.service.intake.call_ended(call)
    bench.ahead(days=401)
    again = [bench.service.intake.call_ended(call) for _ in range(2)]
    assert [(decision.reason, decision.first) for decision in again] == [
        ("too_late", True),
        ("too_late", False),
    ]


def test_no_expression_names_an_attribute_by_a_word_the_database_keeps_for_itself(engine: Engine) -> None:
    """The embedded engine refuses some of these words, AWS all 573."""
    said: list[str] = []
    client = engine.dynamodb
    client.meta.events.register(
        "provide-client-params.dynamodb.*",
        lambda params, **_: said.extend(
            value for name, value in params.items() if name.endswith("Expression")
        ),
    )
    engine.empty()
    bench = on(client, engine.table)
    a_whole_day(bench)
    words = {word.upper() for text in said for word in re.findall(r"(?<![:\w])[a-z]\w*(?!\w|\()", text)}
    assert {"PK", "DUE_AT", "VERSION", "OPTED_OUT"} <= words
    assert words & set(ReservedKeywords.get_reserved_keywords()) == set()


def a_whole_day(bench: Bench) -> None:
    """Something of everything the service does."""
    service = bench.service
    for caller, answers in (
        ("+46701740621", ["1", "2", "2", "ja", "stopp"]),
        ("+46701740622", ["1", "1", "1"]),
    ):
        survey_id = bench.invited(caller)
        for text in answers:
            bench.text(caller, text)
        service.api.callbacks({})
        service.callbacks.look(survey_id)
    for text in ("hello", "STOP", "START"):
        bench.text("+46701740623", text)
    service.phone.line_opened({"From": "+46701740623", "CallSid": "CA1"})
    service.api.change_settings({"mode": "live"}, "ops")
    bench.ahead(days=2)
    service.clockwork.sweep()
    service.clockwork.tick()
    bench.ahead(minutes=10)
    service.clockwork.tick()
    for answer in (
        service.api.rates({}),
        service.api.calls({}),
        service.api.responses({}),
        service.api.settings(),
    ):
        assert answer


# --- many at once -----------------------------------------------------------------------------------------


def test_of_fifty_posts_of_one_call_exactly_one_decides_and_all_get_its_answer(bench: Bench) -> None:
    for _ in range(3):
        call = bench.call("+46701740612" if not bench.queue.asked else "+46701740613")
        decisions = at_once([partial(attempt, bench, call)] * 50)
        assert None not in decisions
        assert sum(decision.first for decision in decisions) == 1
        assert len({str(decision.body()) for decision in decisions}) == 1


@pytest.mark.parametrize("apart", [0, 1], ids=["ended together", "ended one after the other"])
def test_of_fifty_calls_of_one_caller_one_survey_stays_open_and_one_text_goes_out(
    bench: Bench, apart: int
) -> None:
    for caller in ("+46701740612", "+46701740613", "+46701740614"):
        calls = [bench.call(caller, ended_at=NOON - n * apart * timedelta(seconds=1)) for n in range(50)]
        decisions = at_once([partial(attempt, bench, call) for call in calls])
        surveys = [bench.store.survey(each.survey.id, strong=True) for each in decisions if each]
        going = [survey for survey in surveys if survey and survey.stage is Stage.PLANNED]
        assert len(going) == 1
        assert bench.store.caller(going[0].caller or "").open_survey == going[0].id
        if not apart:
            assert sum(each.survey_id is not None for each in decisions if each) == 1
        before = len(bench.carrier.sent)
        bench.ahead(minutes=2)
        for survey in filter(None, surveys):
            bench.service.clockwork.look("survey", survey.id)
        assert len(bench.carrier.sent) == before + 1


def attempt(bench: Bench, call: CallEnded) -> Decision | None:
    """The decision; None when too many came at once, which the source is told (409) and repeats."""
    try:
        return bench.another().intake.call_ended(call)
    except Conflict:
        return None
