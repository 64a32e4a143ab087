"""A person asks what is kept of their number, and to be forgotten: what is answered, and what is left."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.callbacks import State
from chalicelib.carrier.twilio import Twilio
from chalicelib.errors import BadRequest, CarrierError, Conflict
from chalicelib.events import Outcome
from chalicelib.privacy import Privacy, number_in
from chalicelib.script import Value
from chalicelib.store import Store
from chalicelib.store.dynamo import Table
from chalicelib.survey import Stage, Survey
from tests.engine_fixture import Engine
from tests.in_process import NOON, Bench, Carrier, on
from tests.test_crashes import WRITES, Died, Mortal

CALLER, OTHER, STRANGER = "+46701740612", "+46701740613", "+46701740614"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    """The service on an empty table."""
    engine.empty()
    return on(engine.dynamodb, engine.table)


def erased(bench: Bench, number: str = CALLER) -> dict[str, Any]:
    proof: dict[str, Any] = bench.service.api.erase({}, {"number": number}, "Anna")["proof"]
    return proof


def disclosed(bench: Bench, number: str = CALLER) -> dict[str, Any]:
    return bench.service.api.disclose({}, {"number": number}, "Anna")


def survey(bench: Bench, survey_id: str) -> Survey:
    found = bench.store.survey(survey_id, strong=True)
    assert found
    return found


def a_life(bench: Bench) -> str:
    """A caller who answered, wrote, and is owed a call on another number."""
    survey_id = bench.invited(CALLER, agent="a-17")
    for text in (
        "1",
        "2",
        "2",
        "ja",
        "ring mig på 070-174 06 13",
        "jag har väntat på ert besked sedan i maj",
    ):
        bench.ahead(minutes=1)
        bench.text(CALLER, text)
    return survey_id


# told


def test_everything_kept_is_told_and_no_key_and_no_agent(bench: Bench) -> None:
    survey_id = a_life(bench)
    told = disclosed(bench)
    [each] = told["surveys"]
    assert each["survey_id"] == survey_id
    assert each["answers"] == {"service": "yes", "time": "no", "resolved": "no"}
    assert [line["at"] for line in each["attempts"]] == ["2026-11-24T11:01:00+00:00"]
    assert each["texts"] >= 6
    assert [remark["text"] for remark in each["remarks"]] == ["jag har väntat på ert besked sedan i maj"]
    assert (each["callback"]["state"], each["callback"]["number"]) == ("open", "•••• 13")
    assert (each["number_kept"], told["nothing_is_kept"]) == (True, False)
    assert told["quarantine_until"] == "2026-12-24T11:00:00+00:00"
    said = json.dumps(told)
    keys = bench.service.office.vault.hashes(CALLER)
    assert not [word for word in (*keys, CALLER, CALLER[3:], "a-17", "0701740613") if word in said]


def test_an_opt_out_is_told_with_its_day(bench: Bench) -> None:
    bench.text(CALLER, "STOPP")
    told = disclosed(bench)
    assert (told["opted_out_at"], told["surveys"]) == (NOON.isoformat(), [])
    assert not told["nothing_is_kept"]


def test_a_start_is_told_and_forgotten(bench: Bench) -> None:
    bench.text(CALLER, "START")
    told = disclosed(bench)
    assert (told["opt_ins"], told["nothing_is_kept"]) == (1, False)
    bench.text(CALLER, "STOPP")
    assert erased(bench)["read_again_and_gone"]
    told = disclosed(bench)
    assert (told["opt_ins"], bool(told["opted_out_at"])) == (0, True)


def test_of_a_number_nobody_knows_nothing_is_told_and_nothing_made(bench: Bench) -> None:
    told = disclosed(bench)
    assert (told["nothing_is_kept"], told["surveys"], told["opted_out_at"]) == (True, [], None)
    assert bench.service.office.store.erasure.left_of(bench.service.office.vault.hash(CALLER)) == []


def test_a_survey_that_is_closed_is_still_told_and_holds_no_number(bench: Bench) -> None:
    survey_id = a_life(bench)
    bench.ahead(days=2)
    bench.service.clockwork.look("survey", survey_id)
    [each] = disclosed(bench)["surveys"]
    assert (each["state"], each["number_kept"], len(each["remarks"])) == ("closed", False, 1)


def test_whoever_is_on_the_trials_list_is_told_so(bench: Bench) -> None:
    bench.service.api.change_settings({"allow_list": [CALLER]}, "ops")
    assert disclosed(bench)["on_trial_list"]
    assert not disclosed(bench, OTHER)["on_trial_list"]
    assert any("allow-list" in place["what"] for place in erased(bench)["lives_on"])


# forgotten


def test_everything_goes_but_the_answers_which_lead_to_nobody(bench: Bench, engine: Engine) -> None:
    survey_id = a_life(bench)
    before = survey(bench, survey_id)
    proof = erased(bench)
    assert {name: proof[name] for name in proof if name.endswith(("ed", "gone", "kept"))} == {
        "surveys_unlinked": 1,
        "surveys_ended": 1,
        "remarks_deleted": 1,
        "callbacks_deleted": 1,
        "opt_out_kept": False,
        "nothing_was_kept": False,
        "carrier_records_deleted": 1,
        "carrier_records_not_deleted": 0,
        "read_again_and_gone": True,
    }
    after = survey(bench, survey_id)
    assert (after.answers, after.disposition) == (before.answers, before.disposition)
    assert (after.stage, after.caller, after.sealed, after.agent) == (Stage.CLOSED, None, None, "")
    stored = json.dumps(engine.dynamodb.scan(TableName=engine.table)["Items"], default=str)
    words = (*bench.service.office.vault.hashes(CALLER), CALLER[3:], "väntat", "sealed", "a-17")
    assert not [word for word in words if word in stored]
    assert disclosed(bench)["nothing_is_kept"]


def test_a_second_time_is_safe_and_says_that_nothing_was_kept(bench: Bench) -> None:
    a_life(bench)
    first, second = erased(bench), erased(bench)
    assert (first["nothing_was_kept"], second["nothing_was_kept"]) == (False, True)
    assert (second["surveys_unlinked"], second["read_again_and_gone"]) == (0, True)


def test_a_stranger_we_only_answered_once_is_forgotten_too(bench: Bench) -> None:
    bench.text(CALLER, "hello?")
    assert disclosed(bench)["told_late_at"] == NOON.isoformat()
    first, second = erased(bench), erased(bench)
    assert (first["nothing_was_kept"], second["nothing_was_kept"]) == (False, True)
    assert disclosed(bench)["nothing_is_kept"]


def test_an_open_survey_ends_and_nothing_more_is_sent(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    bench.text(CALLER, "1")
    assert erased(bench)["surveys_ended"] == 1
    for hours in (0, 4, 24, 72):
        bench.ahead(hours=hours)
        bench.service.clockwork.look("survey", survey_id)
        bench.service.clockwork.tick()
    assert len(bench.carrier.sent) == 1
    assert "Message" in bench.text(CALLER, "2")  # late, like anybody's
    assert survey(bench, survey_id).answers == {"service": Value.YES}


def test_one_that_was_only_planned_is_never_sent(bench: Bench) -> None:
    decision = bench.service.intake.call_ended(bench.call(CALLER))
    erased(bench)
    bench.ahead(seconds=60)
    bench.service.clockwork.look("survey", decision.survey_id or "")
    assert bench.carrier.sent == []
    assert survey(bench, decision.survey_id or "").reason == "erased"


def test_a_stop_survives_and_the_proof_says_so(bench: Bench) -> None:
    bench.invited(CALLER)
    bench.text(CALLER, "STOPP")
    for _ in range(2):
        proof = erased(bench)
        assert proof["opt_out_kept"]
        assert any("opt-out" in place["what"] for place in proof["lives_on"])
        assert bench.service.intake.call_ended(bench.call(CALLER)).reason == "opted_out"
    bench.text(CALLER, "START")
    assert bench.service.intake.call_ended(bench.call(CALLER)).reason is None


def test_the_counts_follow(bench: Bench) -> None:
    bench.invited(CALLER)
    bench.service.clockwork.refresh()
    bench.ahead(hours=20)  # an hour nobody counts again unless it is marked
    bench.service.clockwork.refresh()
    assert bench.service.api.rates({})["groups"][0]["funnel"]["open"] == 1
    erased(bench)
    bench.ahead(minutes=5)
    bench.service.clockwork.refresh()
    funnel = bench.service.api.rates({})["groups"][0]["funnel"]
    assert (funnel["open"], funnel["calls"]) == (0, 1)


def test_nobody_else_is_touched(bench: Bench) -> None:
    mine, theirs = bench.invited(CALLER), bench.invited(OTHER)
    before = survey(bench, theirs)
    erased(bench)
    assert survey(bench, theirs) == before
    assert survey(bench, mine).stage is Stage.CLOSED
    assert bench.carrier.records(OTHER)


def test_what_the_carrier_cannot_delete_yet_is_said_and_done_the_next_time(bench: Bench) -> None:
    bench.invited(CALLER)
    bench.carrier.under_way = True
    first = erased(bench)
    assert (first["carrier_records_not_deleted"], first["read_again_and_gone"]) == (1, False)
    assert any("erase again" in place["what"] for place in first["lives_on"])
    bench.carrier.under_way = False
    second = erased(bench)
    assert (second["carrier_records_deleted"], second["read_again_and_gone"]) == (1, True)
    assert not second["nothing_was_kept"]


@dataclass(slots=True)
class Listing:
    """A folder of Twilio's records, as its client lists it."""

    kept: list[SimpleNamespace]

    def list(self, **asked: Any) -> list[SimpleNamespace]:
        sides = {"to": "to", "from_": "sender"}
        wanted = {sides[name]: value for name, value in asked.items() if name in sides}
        return [
            each for each in self.kept if all(vars(each)[name] == value for name, value in wanted.items())
        ]


def test_at_the_carrier_only_what_went_between_the_number_and_us_is_ours() -> None:
    us, centre, service = "+46701740699", "+4684650499", "MG0123456789abcdef0123456789abcdef"

    def text(sid: str, to: str, sender: str, pool: str | None = None) -> SimpleNamespace:
        return SimpleNamespace(sid=sid, to=to, sender=sender, from_=sender, messaging_service_sid=pool)

    def call(sid: str, to: str, sender: str) -> SimpleNamespace:
        return SimpleNamespace(sid=sid, to=to, sender=sender, _from=sender)

    texts = [text("SM1", CALLER, us), text("SM2", us, CALLER), text("SM3", CALLER, centre)]
    texts += [text("SM4", CALLER, "+46701740698", service), text("SM5", OTHER, us)]
    calls = [call("CA1", CALLER, us), call("CA2", us, CALLER), call("CA3", centre, CALLER)]
    for sender, ours in ((us, {"SM1", "SM2", "CA1", "CA2"}), (service, {"SM1", "SM2", "SM4", "CA1", "CA2"})):
        twilio = Twilio("AC1", ("token",), sender, us, "https://survey.example.org")
        client: Any = SimpleNamespace(messages=Listing(texts), calls=Listing(calls))
        twilio._client = client
        assert {record.partition("/")[2] for record in twilio.records(CALLER)} == ours


class Silent(Carrier):
    """Cannot be asked what it keeps."""

    def records(self, number: str) -> list[str]:
        raise CarrierError("the carrier could not be reached", Outcome.WAIT)


def test_a_carrier_that_cannot_be_asked_keeps_nobody_from_being_forgotten_here(engine: Engine) -> None:
    bench = on(engine.dynamodb, engine.table, carrier=Silent())
    survey_id = bench.invited("+46701740614")
    proof = erased(bench, "+46701740614")
    assert (proof["carrier_records_not_deleted"], proof["read_again_and_gone"]) == (None, False)
    assert survey(bench, survey_id).sealed is None


def test_the_carriers_time_is_bounded(bench: Bench) -> None:
    bench.invited(CALLER)
    proof = Privacy(bench.service.office).erase(CALLER, "Anna", within=bench.now - bench.now)
    assert (proof["carrier_records_deleted"], proof["carrier_records_not_deleted"]) == (0, 1)


# thirteen months


@pytest.mark.parametrize("text", ["hello", "START"])
def test_of_a_number_that_never_came_back_nothing_is_kept_after_thirteen_months(
    bench: Bench, text: str
) -> None:
    bench.invited(CALLER)
    bench.text(OTHER, "STOPP")
    for number in (CALLER, OTHER, STRANGER):
        bench.text(number, text)
    bench.ahead(days=399)
    assert not disclosed(bench)["nothing_is_kept"]
    bench.ahead(days=2)
    assert disclosed(bench)["nothing_is_kept"]
    assert disclosed(bench, STRANGER)["nothing_is_kept"]
    assert disclosed(bench, OTHER)["nothing_is_kept"] is (text == "START")
    assert erased(bench)["read_again_and_gone"]  # although the record may still lie there


def test_a_stop_is_kept_without_end(bench: Bench) -> None:
    bench.invited(CALLER)
    bench.text(CALLER, "STOPP")
    bench.ahead(days=4000)
    assert disclosed(bench)["opted_out_at"]
    assert bench.service.intake.call_ended(bench.call(CALLER)).reason == "opted_out"


def test_each_call_asked_about_begins_the_thirteen_months_anew(bench: Bench) -> None:
    first = bench.invited(CALLER)
    bench.ahead(days=300)
    second = bench.invited(CALLER)
    bench.ahead(days=399)
    assert survey(bench, second).call_id
    assert bench.store.survey(first) is None
    assert len(disclosed(bench)["surveys"]) == 1


# meanwhile


@dataclass(slots=True)
class Meanwhile:
    """A client that lets something happen right before the first writes of a kind."""

    real: Any
    before: str
    act: Callable[[], object]
    times: int

    def __getattr__(self, name: str) -> Any:
        if name == self.before and self.times:
            self.times -= 1
            self.act()
        return getattr(self.real, name)


def interrupted(
    bench: Bench, engine: Engine, before: str, act: Callable[[], object], times: int = 1
) -> dict[str, Any]:
    """The proof of an erasure during which something else happens."""
    office = bench.another().office
    client: Any = Meanwhile(engine.dynamodb, before, act, times)
    office.store = Store(Table(client, engine.table, lambda: bench.now))
    return Privacy(office).erase(CALLER, "Anna")


def test_a_stop_that_comes_meanwhile_is_not_lost(bench: Bench, engine: Engine) -> None:
    bench.invited(CALLER)
    proof = interrupted(bench, engine, "delete_item", lambda: bench.text(CALLER, "STOPP"))
    assert proof["opt_out_kept"]
    assert bench.service.office.caller(CALLER).opted_out


def test_a_call_that_ends_meanwhile_is_forgotten_too(bench: Bench, engine: Engine) -> None:
    bench.service.api.change_settings({"quarantine_days": 0}, "ops")
    first = bench.invited(CALLER)
    proof = interrupted(
        bench, engine, "delete_item", lambda: bench.service.intake.call_ended(bench.call(CALLER))
    )
    assert (proof["surveys_unlinked"], proof["read_again_and_gone"]) == (2, True)
    assert survey(bench, first).sealed is None


def test_an_answer_that_comes_meanwhile_counts(bench: Bench, engine: Engine) -> None:
    survey_id = bench.invited(CALLER)
    proof = interrupted(bench, engine, "put_item", lambda: bench.text(CALLER, "1"))
    assert proof["read_again_and_gone"]
    assert survey(bench, survey_id).answers == {"service": Value.YES}


def test_who_never_stops_writing_is_told_to_try_again(bench: Bench, engine: Engine) -> None:
    survey_id = bench.invited(CALLER)

    def written() -> None:
        seen = survey(bench, survey_id)
        bench.store.save_survey(seen, seen, bench.now)

    with pytest.raises(Conflict, match="try again"):
        interrupted(bench, engine, "put_item", written, times=1000)
    assert survey(bench, survey_id).sealed
    assert erased(bench)["read_again_and_gone"]


def test_one_that_dies_on_the_way_is_noted_and_the_next_goes_on_from_there(
    bench: Bench, engine: Engine
) -> None:
    finished = False
    for deeds in count(1):
        survey_id = a_life(bench)
        office, left = bench.another().office, [deeds]
        client: Any = Mortal(engine.dynamodb, WRITES, left)
        office.store = Store(Table(client, engine.table, lambda: bench.now))
        try:
            finished = bool(Privacy(office).erase(CALLER, "Anna"))
        except Died:
            noted = {each for entry in bench.store.erasure.noted() for each in entry["surveys"]}
            assert survey_id in noted
        assert erased(bench)["read_again_and_gone"]
        assert bench.store.erasure.left_with(survey_id) == []
        if finished:
            break
    assert deeds > 5


# noted


def test_who_asked_is_noted_and_logged_without_the_number(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    survey_id = a_life(bench)
    caplog.clear()
    told, proof = disclosed(bench), erased(bench)
    for kind, reference in (("disclosures", told["reference"]), ("erasures", proof["reference"])):
        [noted] = bench.store.erasure.noted(kind)
        assert (noted["who"], noted["surveys"], noted["sk"][-8:]) == ("Anna", [survey_id], reference)
    logged = [vars(record) for record in caplog.records]
    assert [(each["msg"], each["by"], each["reference"]) for each in logged] == [
        ("disclosure", "Anna", told["reference"]),
        ("erasure", "Anna", proof["reference"]),
    ]
    assert CALLER[3:] not in str(logged) + json.dumps([told, proof])


@pytest.mark.parametrize(
    "query, body",
    [
        ({}, {}),
        ({}, {"number": None}),
        ({}, {"number": 46701740612}),
        ({}, {"number": ["+46701740612"]}),
        ({}, {"number": "0701740612"}),  # whose country?
        ({}, {"number": "+46"}),
        ({}, {"number": "+46701740612" * 9}),
        ({"number": "+46701740612"}, {"number": "+46701740612"}),  # an address is logged on its way
    ],
)
def test_what_is_no_number_is_refused_by_name_and_not_repeated(
    query: Mapping[str, str], body: Mapping[str, Any]
) -> None:
    with pytest.raises(BadRequest) as refused:
        number_in(query, body)
    assert refused.value.field == "number"
    assert "1740612" not in str(refused.value)


def test_one_number_in_any_of_its_spellings_is_one(bench: Bench) -> None:
    bench.invited(CALLER)
    assert len(disclosed(bench, " +46 (0)70-174 06 12 ")["surveys"]) == 1


def test_a_callback_that_is_over_is_told_without_its_number(bench: Bench) -> None:
    survey_id = a_life(bench)
    for verb in ("claim", "reach", "resolve"):
        bench.service.api.act(survey_id, verb, "Kim", {})
    bench.ahead(days=8)
    bench.service.clockwork.tick()
    [each] = disclosed(bench)["surveys"]
    assert (each["callback"]["state"], each["callback"]["number"]) == (State.RESOLVED, None)
    assert "Kim" not in json.dumps(each)
