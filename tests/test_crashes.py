"""A process that dies after any single write or send, and whoever called it calling again: it ends the same.

The centre, the carrier and the queue all repeat what was not answered; the sweep does the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import pytest

from chalicelib import shapes
from tests.engine_fixture import Engine
from tests.in_process import Bench, Carrier, Queue, on

CALLER, LANDLINE, LINE = "+46701740612", "+46313900612", "CA" + "1" * 32
WRITES = ("put_item", "update_item", "delete_item")
NEVER = 10**9


class Died(BaseException):
    """Not an Exception: nothing may catch it on its way."""


@dataclass(slots=True)
class Mortal:
    """A client, carrier or queue whose process dies right after the n-th deed, counted over all of them."""

    real: Any
    deeds: tuple[str, ...]
    left: list[int]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name not in self.deeds:
            return found

        def deed(*args: Any, **kwargs: Any) -> Any:
            done = found(*args, **kwargs)
            self.left[0] -= 1
            if self.left[0] == 0:
                raise Died
            return done

        return deed


@dataclass(slots=True)
class Play:
    """One caller's story; in the scene `dies_in` the process dies after its n-th deed and the event comes again."""

    bench: Bench
    left: list[int]
    dies_in: str = ""
    after: int = NEVER
    died: bool = False
    heard: list[str] = field(default_factory=list)  # what callers and centre were answered
    surveys: list[str] = field(default_factory=list)

    def scene(self, name: str, event: Callable[[], Any]) -> Any:
        self.left[0] = self.after if name == self.dies_in else NEVER
        try:
            answer = event()
        except Died:
            self.died = True
            self.left[0] = NEVER
            self.bench.service = self.bench.another()
            answer = event()
        self.left[0] = NEVER
        self.heard.append(f"{name}: {answer}")
        return answer

    def call_ends(self, caller: str, **fields: Any) -> str:
        call = self.bench.call(caller, **fields)
        name = f"call {call.call_id}"
        body = self.scene(name, lambda: self.bench.service.intake.call_ended(call).body())
        survey_id: str = body["survey_id"]
        self.surveys.append(survey_id)
        return survey_id

    def swept(self, survey_id: str, **span: float) -> None:
        """Time passes, and the sweep looks; at what a dead process left under way once more, as soon as it may."""
        self.bench.ahead(**span)
        name = f"look {span}"
        self.scene(name, lambda: self.bench.service.clockwork.look("survey", survey_id))
        for _ in range(3 if name == self.dies_in else 0):
            self.bench.ahead(seconds=61)
            self.bench.service.clockwork.look("survey", survey_id)

    def texts(self, *bodies: str) -> None:
        for n, body in enumerate(bodies):
            self.bench.ahead(seconds=30)
            sid = f"SM{n:030x}{body[:2]:0>2}"
            self.scene(f"text {n} {body}", partial(self.bench.text, CALLER, body, sid))

    def keys(self, survey_id: str, *pressed: str) -> None:
        for question, key in zip(("who", "service", "time", "resolved", "consent"), pressed, strict=False):
            form = {"CallSid": LINE, "Digits": key}
            self.scene(question, partial(self._pressed, survey_id, question, form))

    def _pressed(self, survey_id: str, question: str, form: dict[str, str]) -> str:
        return self.bench.service.phone.key_pressed(survey_id, question, form)


def answered_by_text(play: Play) -> None:
    survey_id = play.call_ends(CALLER)
    play.swept(survey_id, seconds=60)
    form = {"MessageStatus": "delivered", "MessageSid": "SM1"}
    play.scene("receipt", lambda: play.bench.service.conversation.text_status(survey_id, 1, form))
    play.texts("hm", "1", "2", "2", "ja", "tack för det, det var bra")
    play.swept(survey_id, hours=26)


def promised_and_stopped(play: Play) -> None:
    survey_id = play.call_ends(CALLER)
    play.swept(survey_id, seconds=60)
    play.texts("1", "2", "2", "ja", "stopp")
    play.swept(survey_id, hours=26)


def silent(play: Play) -> None:
    survey_id = play.call_ends(CALLER)
    play.swept(survey_id, seconds=60)
    play.swept(survey_id, hours=4)
    play.swept(survey_id, hours=26)


def taken_over(play: Play) -> None:
    older = play.call_ends(CALLER)
    play.swept(older, seconds=60)
    play.bench.ahead(minutes=5)
    newer = play.call_ends(CALLER)
    play.swept(newer, seconds=60)
    play.texts("1", "1", "1")
    play.swept(newer, hours=26)


def answered_by_voice(play: Play) -> None:
    survey_id = play.call_ends(LANDLINE)
    play.swept(survey_id, seconds=60)
    form = {"CallSid": LINE, "AnsweredBy": "human"}
    play.scene("pick up", lambda: play.bench.service.phone.call_answered(survey_id, form))
    play.keys(survey_id, "1", "1", "2", "2", "1")
    done = {"CallSid": LINE, "CallStatus": "completed"}
    play.scene("hung up", lambda: play.bench.service.phone.call_status(survey_id, 1, done))
    play.swept(survey_id, hours=26)


def ending(play: Play) -> dict[str, Any]:
    """All that anybody outside could tell, and what is kept of the surveys."""
    store = play.bench.store
    surveys = [shapes.call(survey) for survey in map(store.survey, play.surveys) if survey]
    kept = ("decision", "reason", "disposition", "not_sent", "answers", "consent", "remarks", "superseded_by")
    return {
        "heard": play.heard,
        "sent": play.bench.carrier.sent,
        "rung": play.bench.carrier.rung,
        "surveys": [{name: survey[name] for name in kept} for survey in surveys],
        "remarks": sorted(remark.text for remark in store.newest_remarks(50)),
        "owed": [(row.id, row.state) for over in (True, False) for row in store.callbacks("north", over)],
        "due": list(store.due(play.bench.now)),
    }


@pytest.mark.parametrize(
    "story", [answered_by_text, promised_and_stopped, silent, taken_over, answered_by_voice]
)
def test_it_ends_the_same_wherever_the_process_dies(engine: Engine, story: Callable[[Play], None]) -> None:
    undisturbed = played(engine, story)
    scenes = [line.partition(": ")[0] for line in undisturbed.heard]
    wanted = ending(undisturbed)
    deaths = 0
    for scene in scenes:
        for n in count(1):
            play = played(engine, story, scene, n)
            if not play.died:
                break
            deaths += 1
            assert ending(play) == wanted, f"died in {scene} after {n}"
    assert deaths > len(scenes) // 2


def played(engine: Engine, story: Callable[[Play], None], dies_in: str = "", after: int = NEVER) -> Play:
    client = engine.dynamodb
    engine.empty()
    left = [NEVER]
    carrier, queue = Mortal(Carrier(), ("send", "call"), left), Mortal(Queue(), ("look",), left)
    bench = on(Mortal(client, WRITES, left), engine.table, carrier=carrier, queue=queue)
    play = Play(bench, left, dies_in, after)
    story(play)
    return play
