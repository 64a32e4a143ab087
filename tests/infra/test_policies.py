"""Each function may do on the table and the queue what it does there, and no more: heard from the service itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.errors import CarrierError, Unknown
from chalicelib.events import Outcome
from infra.local.engine import ROOT
from tests.engine_fixture import Engine
from tests.in_process import NOON, Bench, Carrier, on

ENQUEUE = "sqs:SendMessage"
ACTIONS = {
    "get_item": "dynamodb:GetItem",
    "query": "dynamodb:Query",
    "put_item": "dynamodb:PutItem",
    "update_item": "dynamodb:UpdateItem",
    "delete_item": "dynamodb:DeleteItem",
}
CALLER = "+46701740611"


@dataclass(slots=True)
class Heard:
    """A table's client that passes everything on and notes what it was asked: as actions, where we know them."""

    client: Any
    asked: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        if name != "exceptions":
            self.asked.add(ACTIONS.get(name, name))
        return getattr(self.client, name)


@dataclass(slots=True)
class Stage:
    """One function, heard, and everybody else, on one table."""

    it: Bench
    others: Bench
    heard: Heard

    def asked(self) -> set[str]:
        return self.heard.asked | ({ENQUEUE} if self.it.queue.asked else set())

    def ahead(self, **span: float) -> None:
        for bench in (self.it, self.others):
            bench.ahead(**span)

    def survey(self, caller: str = CALLER) -> str:
        """Of a call reported by somebody else."""
        decision = self.others.service.intake.call_ended(self.others.call(caller))
        assert decision.survey_id, decision
        return decision.survey_id

    def answered(self, *texts: str) -> str:
        """A survey whose caller was asked, and replied so."""
        survey_id = self.survey()
        self.ahead(seconds=60)
        self.others.service.clockwork.look("survey", survey_id)
        for text in texts:
            self.others.text(CALLER, text)
        return survey_id


@pytest.fixture
def stage(engine: Engine) -> Stage:
    client = engine.dynamodb
    engine.empty()
    heard = Heard(client)
    return Stage(on(heard, engine.table, _calls=count(1000)), on(client, engine.table), heard)


@dataclass(slots=True)
class Lossy(Carrier):
    """What goes out is lost on the way, or refused for good."""

    refused: str = "+46701740612"

    def send(self, to: str, body: str, status_path: str | None) -> str:
        if to == self.refused:
            raise CarrierError("no such number", Outcome.NEVER)
        raise Unknown("the line went dead")


def send(stage: Stage) -> None:
    """Sent, lost and refused, in time and too late; to the end of a survey, and of a callback nobody took."""
    look, good = stage.it.service.clockwork.look, stage.it.service.office.carrier
    lost, refused, late = (stage.survey(caller) for caller in (CALLER, Lossy().refused, "+46701740613"))
    stage.ahead(seconds=60)
    stage.it.service.office.carrier = Lossy()
    look("survey", refused)
    for seconds in (0, 30, 60, 90):
        stage.ahead(seconds=seconds)
        look("survey", lost)
    stage.it.service.office.carrier = good
    look("survey", lost)
    stage.ahead(hours=3)
    look("survey", late)
    stage.ahead(days=3)
    look("survey", lost)
    stage.ahead(days=60)
    done = stage.answered("1", "2", "2", "ja")
    for _ in range(10):
        stage.ahead(days=1)
        look("survey", done)
        look("callback", done)


def sweep(stage: Stage) -> None:
    stage.answered("1", "2", "2", "ja")
    stage.ahead(days=4)
    assert stage.it.service.clockwork.sweep()


def refresh(stage: Stage) -> None:
    stage.answered("1", "2")
    stage.ahead(hours=3)
    stage.others.text(CALLER, "1")  # a call of hours that were counted
    for _ in range(2):
        stage.ahead(hours=1)
        stage.it.service.clockwork.refresh()


def told(stage: Stage) -> None:
    """As Connect and Genesys tell of calls: in pieces, handed on, twice, one who said stop, one with a callback."""
    tell = stage.it.service.intake.told
    first = stage.it.call(CALLER, answered=False)
    tell(first)
    tell(replace(first, answered=True))
    tell(replace(first, answered=True, chain=("a", "b"), queue="studies"))
    stage.ahead(days=60)
    stage.answered("1", "2", "2", "ja")
    stage.ahead(hours=1)
    tell(stage.it.call(CALLER))
    stage.others.text(CALLER, "STOP")
    tell(stage.it.call(CALLER))


def ask(stage: Stage) -> None:
    """Inside a flow: whole, and cut short by zero."""
    phone = stage.it.service.phone
    for keys, line in (("12212", "line-1"), ("00", "line-2")):
        stage.ahead(days=60)
        turn = phone.handed_over(stage.it.call(CALLER, channel="voice", on_the_line=True))
        for key in keys:
            if turn.said and turn.said.answer_to:
                turn = phone.pressed(turn.survey_id, turn.said.answer_to, line, key)


def api(stage: Stage) -> None:
    """Everything that comes by web."""
    service = stage.it.service
    service.api.change_settings({"reminder_hours": 5}, "tests")
    service.intake.call_ended(stage.it.call("+46701740612"))
    survey_id = stage.answered()
    for text in ("1", "2", "2", "ja", "it took too long"):
        stage.it.text(CALLER, text)
    service.api.act(survey_id, "claim", "anna", {"owner": "anna"})
    for text in ("STOP", "START"):
        stage.it.text(CALLER, text)
    day = {"from": NOON.date().isoformat(), "to": (NOON + timedelta(days=90)).date().isoformat()}
    for show in (service.api.rates, service.api.calls, service.api.responses):
        show(day)
    service.api.erase({}, {"number": CALLER}, "tests")


SCENES: dict[str, Callable[[Stage], None]] = {
    "api": api,
    "send": send,
    "sweep": sweep,
    "refresh": refresh,
    "connect": told,
    "connect-records": told,
    "genesys": told,
    "connect-ask": ask,
}


def allowed(function: str) -> set[str]:
    """On the table and the send queue, by its policy."""
    file = ROOT / ".chalice" / f"policy-{function}.json"
    statements = {each["Sid"]: each for each in json.loads(file.read_text(encoding="utf-8"))["Statement"]}
    found = set(statements["Records"]["Action"])
    return found | ({statements["Enqueue"]["Action"]} if "Enqueue" in statements else set())


@pytest.mark.parametrize("function", SCENES)
def test_a_function_may_do_what_it_does_and_no_more(stage: Stage, function: str) -> None:
    SCENES[function](stage)
    assert stage.asked() == allowed(function)


def test_every_policy_is_heard() -> None:
    assert {f"policy-{function}.json" for function in SCENES} == {
        file.name for file in (ROOT / ".chalice").glob("policy-*.json")
    }
