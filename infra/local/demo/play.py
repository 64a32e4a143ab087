"""The story played on a running stage: the clock goes from report to report, and everybody does what is due."""

import heapq
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from infra.local.demo.calendar import Calendar
from infra.local.demo.desk import LEADS
from infra.local.demo.moves import SOON, Move, Moves
from infra.local.demo.stage import Refused, Stage, in_order
from infra.local.demo.story import Call

PHONES = 8  # people who do something at the same moment
HELD = 2  # callbacks the leads have in hand when the story ends
Told = Callable[[int, str], None]  # calls ended so far, and what is happening


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """Somebody's next move."""

    due: datetime
    order: int  # of equal ones, the caller who rang first
    number: str = field(compare=False)
    survey: str = field(compare=False)
    moves: Moves = field(compare=False)


class Play:
    def __init__(self, stage: Stage, calendar: Calendar, calls: Iterable[Call], told: Told) -> None:
        self._stage, self._calendar, self._told = stage, calendar, told
        self._calls = {at: list(ended) for at, ended in groupby(calls, key=lambda call: call.at)}
        self._turns: list[Turn] = []
        self._done = 0
        self._people = ThreadPoolExecutor(PHONES, thread_name_prefix="caller")

    def run(self) -> None:
        """Three weeks. Whatever happens, the clock is right again afterwards."""
        policy = self._stage.service("GET", "/api/settings")["policy"]
        invited_after = timedelta(seconds=policy["invite_delay_seconds"]) + SOON
        try:
            for at in sorted([*self._calendar.reports, *self._calendar.afternoons]):
                self._told(self._done, f"{at:%A} {at.day} {at:%B}")
                self._at(at, self._calls.get(at, []), invited_after)
        finally:
            self._people.shutdown(cancel_futures=True)
            self._stage.clock(None)
        self._told(self._done, "counting")
        self._stage.tick()
        self._take_some()

    def _at(self, at: datetime, ended: list[Call], invited_after: timedelta) -> None:
        self._stage.clock(at)
        for turn in self._people.map(self._report, ended):
            self._next(turn)
        self._done += len(ended)
        self._everybody(at)
        if ended:
            self._stage.clock(at + invited_after)
            self._stage.tick()
            self._everybody(at + invited_after)
            self._stage.settle()

    def _report(self, call: Call) -> Turn:
        """The caller's first move, if they are invited."""
        decision = self._stage.call_ended(call.report)
        moves = call.moves if decision["decision"] == "invited" else ()
        due = call.at + moves[0].after if moves else call.at
        return Turn(due, call.order, str(call.report["number"]), decision["survey_id"] or "", moves)

    def _next(self, turn: Turn) -> None:
        if turn.moves:
            heapq.heappush(self._turns, turn)

    def _everybody(self, until: datetime) -> None:
        """All moves due by then, of different people at once, of one person in order."""
        due = []
        while self._turns and self._turns[0].due <= until:
            due.append(heapq.heappop(self._turns))
        for turn in self._people.map(lambda turn: self._act(turn, until), due):
            self._next(turn)

    def _act(self, turn: Turn, until: datetime) -> Turn:
        """What is left of it."""
        due, moves = turn.due, turn.moves
        while moves and due <= until:
            if not self._move(moves[0], turn):
                moves = ()
            moves = moves[1:]
            due = until + moves[0].after if moves else due
        return Turn(due, turn.order, turn.number, turn.survey, moves)

    def _move(self, move: Move, turn: Turn) -> bool:
        """Whether it could be done: a silent phone is not picked up, and who is owed nothing is not rung back."""
        stage, number = self._stage, turn.number
        match move.do:
            case "write":
                stage.phone(number, "texts", body=move.what)
            case "be":
                stage.behave(number, move.what)
            case "ring":
                stage.phone(number, "ring")
                self._press(number, move.what)
            case "pick_up":
                if not stage.rings(number):
                    return False
                stage.phone(number, "answer")
                self._press(number, move.what)
            case "desk":
                return self._at_the_desk(turn.survey, *move.what.split())
        return True

    def _press(self, number: str, keys: str) -> None:
        call = self._stage.phone(number, "press", digits=keys)["call"] if keys else {"status": "in-progress"}
        if call["status"] == "in-progress":
            self._stage.phone(number, "hangup")

    def _at_the_desk(self, callback: str, lead: str, verb: str, outcome: str = "") -> bool:
        body = {"owner": lead} | ({"outcome": outcome} if outcome else {})
        try:
            self._stage.service("POST", f"/api/callbacks/{callback}/{verb}", body)
        except Refused as error:
            if error.status not in (404, 409):  # not owed, or over by now
                raise
            return False
        return True

    def _take_some(self) -> None:
        """The leads are at work: a few callbacks are in their hands."""
        waiting = in_order(self._stage.service("GET", "/api/callbacks?state=open")["callbacks"], "call_id")
        for lead, row in zip(LEADS[:HELD], waiting, strict=False):
            self._at_the_desk(row["id"], lead, "claim")
