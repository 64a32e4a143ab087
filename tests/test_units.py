"""What a survey costs in the table, step by step (design: at most 14 write and 8 read units; callback 3 more)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.callbacks import Callback, State
from tests.engine_fixture import Engine
from tests.in_process import Bench, inbound, on
from tests.units import Counting, size

CALLER = "+46701740612"
CALL_ID = "5c2f9a3e-7d41-4b7e-9a51-0c1d2e3f4a5b"  # as long as contact centres make them
SID = "SM0123456789abcdef0123456789abcdef"


@dataclass(slots=True)
class Life:
    """One survey, and what each step of it cost."""

    bench: Bench
    client: Counting
    warm: bool = True
    steps: list[tuple[str, float, float, list[str]]] = field(default_factory=list)

    def step(self, name: str, act: Callable[[], Any]) -> Any:
        """Do it; as a process that has just read the policy would, where `warm`: at volume hundreds share that read."""
        if self.warm:
            self.bench.service.office.policy()
        bill = self.client.bill
        write, read, requests = bill.write, bill.read, len(bill.requests)
        answer = act()
        self.steps.append((name, bill.write - write, bill.read - read, bill.requests[requests:]))
        return answer

    def cost(self, *names: str) -> tuple[float, float]:
        """Write and read units of these steps, or of all."""
        chosen = [step for step in self.steps if not names or step[0] in names]
        return sum(step[1] for step in chosen), sum(step[2] for step in chosen)

    def told(self) -> str:
        rows = [f"{name:26} {w:4g} W {r:4g} R   {'; '.join(requests)}" for name, w, r, requests in self.steps]
        write, read = self.cost()
        return "\n".join(["", *rows, f"{'all':26} {write:4g} W {read:4g} R"])

    def status(self, survey_id: str, status: str) -> None:
        form = {"MessageStatus": status, "MessageSid": SID}
        self.bench.service.conversation.text_status(survey_id, 1, form)

    def reply(self, body: str) -> str:
        self.bench.ahead(minutes=1)
        answer: str = self.step(f"reply {body}", lambda: self.bench.text(CALLER, body))
        return answer

    def until_delivered(self, **fields: Any) -> str:
        """A call ends, a text goes out, and it is reported three times."""
        bench, clockwork = self.bench, self.bench.service.clockwork
        call = bench.call(CALLER, call_id=CALL_ID, agent="a-17", **fields)
        decision = self.step("call ends", lambda: bench.service.intake.call_ended(call))
        bench.ahead(seconds=60)
        self.step("text sent", lambda: clockwork.look("survey", decision.survey_id))
        for status in ("queued", "sent", "delivered"):
            bench.ahead(seconds=1)
            self.step(status, partial(self.status, decision.survey_id, status))
        survey_id: str = decision.survey_id
        return survey_id

    def until_closed(self, survey_id: str) -> None:
        """The reminder's hour, when nothing is due; then a day after the last answer."""
        for hours in (4, 21):
            self.bench.ahead(hours=hours)
            due = list(self.bench.store.due(self.bench.now))
            if survey_id in due:
                self.step(
                    f"look after {hours} h", lambda: self.bench.service.clockwork.look("survey", survey_id)
                )


@pytest.fixture
def life(engine: Engine) -> Life:
    client = engine.dynamodb
    engine.empty()
    client = Counting(engine.dynamodb, engine.table)
    return Life(on(client, engine.table), client)


def test_a_complete_survey_of_three_texts_stays_within_14_write_and_8_read_units(life: Life) -> None:
    survey_id = life.until_delivered()
    for answer in ("1", "2", "1"):
        life.reply(answer)
    life.until_closed(survey_id)
    print(life.told())
    write, read = life.cost()
    closed = life.bench.store.survey(survey_id)
    assert closed is not None
    assert (closed.stage, closed.answered, closed.sealed) == ("closed", 3, None)
    assert write <= 14
    assert read <= 8


def test_processes_that_remember_nothing_pay_half_a_read_for_the_policy_each(life: Life) -> None:
    life.warm = False
    survey_id = life.until_delivered()
    for answer in ("1", "2", "1"):
        life.reply(answer)
    life.until_closed(survey_id)
    print(life.told())
    write, read = life.cost()
    assert write <= 14
    assert read <= 8 + 3


def test_a_callback_costs_at_most_3_write_units_more(life: Life) -> None:
    earlier = Callback(
        "earlier", "c-0", State.OPEN, life.bench.now, life.bench.now, life.bench.now, team="north"
    )
    life.bench.store.add_callback(earlier)  # a process registers each team once
    survey_id = life.until_delivered()
    for answer in ("1", "2", "2", "ja"):
        life.reply(answer)
    life.until_closed(survey_id)
    print(life.told())
    write, read = life.cost()
    assert life.bench.store.callback(survey_id) is not None
    assert write <= 14 + 3
    assert read <= 8 + 3


def test_three_answers_in_one_text_cost_less(life: Life) -> None:
    life.bench.service.api.change_settings({"style": "all_in_one"}, "ops")
    survey_id = life.until_delivered()
    life.reply("1 2 1")
    life.until_closed(survey_id)
    print(life.told())
    write, read = life.cost()
    assert write <= 12
    assert read <= 7


def test_the_same_call_again_writes_nothing(life: Life) -> None:
    life.until_delivered()
    call = life.bench.call("+46701740613", call_id=CALL_ID)
    life.step("again", lambda: life.bench.service.intake.call_ended(call))
    assert life.cost("again") == (0, 0.5)


def test_a_text_on_its_way_costs_nothing_and_a_report_that_comes_twice_writes_nothing(life: Life) -> None:
    survey_id = life.until_delivered()
    life.step("twice", lambda: life.status(survey_id, "delivered"))
    assert life.cost("queued", "sent") == (0, 0)
    assert life.cost("twice") == (0, 0.5)


def test_a_text_that_comes_twice_writes_nothing_the_second_time(life: Life) -> None:
    life.until_delivered()
    form = inbound(CALLER, "1", SID)
    first = life.step("first", lambda: life.bench.service.conversation.text_came(form))
    again = life.step("again", lambda: life.bench.service.conversation.text_came(form))
    assert first == again
    assert life.cost("again") == (0, 1)


@pytest.mark.parametrize(
    "fields, most",
    [
        ({"answered": False}, 2),
        ({"caller": None}, 2),
        ({"caller": "+4670"}, 2),
        ({"talk": timedelta(seconds=3)}, 2),
    ],
)
def test_a_call_that_is_not_surveyed_costs_its_line_in_the_ledger(
    life: Life, fields: dict[str, Any], most: float
) -> None:
    call = life.bench.call(fields.pop("caller", CALLER), call_id=CALL_ID)
    from dataclasses import replace

    life.step("call", lambda: life.bench.service.intake.call_ended(replace(call, **fields)))
    assert life.cost("call")[0] <= most


def test_a_record_stays_under_a_kilobyte_with_everything_that_can_happen_to_it(life: Life) -> None:
    survey_id = life.until_delivered(queue="residence-permits-and-visas", language="en")
    largest = 0
    for text in ("what?", "1", "hm", "2", "change", "1", "2", "oh", "yes", "thanks for that, and bye", "no"):
        life.reply(text)
        key = {"pk": {"S": f"survey#{survey_id}"}, "sk": {"S": "survey"}}
        stored = life.client.get_item(TableName=life.bench.store._table._name, Key=key)["Item"]
        largest = max(largest, size(stored))
    assert largest <= 1024, largest
