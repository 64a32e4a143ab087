"""A process that dies after any single write or send, and whoever called it calling again: the end is the same.

The webhook, the carrier and the queue all repeat what was not answered; the sweep does the rest.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.survey import Survey
from tests.engine_fixture import Engine
from tests.in_process import Bench, on

CALLER, LANDLINE = "+46701740612", "+46313900612"
WRITES = ("put_item", "update_item", "delete_item")
FOREVER = 10**9


class Died(BaseException):
    """Not an Exception: nothing may catch it on the way."""


@dataclass(slots=True)
class Mortal:
    """A client or a carrier whose process dies right after its n-th deed."""

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
    """A story told to one table; in every scene the process may die once."""

    bench: Bench
    left: list[int]
    scene, dies_in, after = "", "", 0

    def act(self, scene: str, event: Callable[[], Any]) -> Any:
        """The event; and once more where the process died in it."""
        self.left[0] = self.after if scene == self.dies_in else FOREVER
        try:
            return event()
        except Died:
            self.left[0] = FOREVER
            self.bench.service = self.bench.another()
            return event()


def staged(engine: Engine) -> Play:
    for item in engine.dynamodb.scan(TableName=engine.table)["Items"]:
        engine.dynamodb.delete_item(TableName=engine.table, Key={name: item[name] for name in ("pk", "sk")})
    left = [FOREVER]
    bench = on(Mortal(engine.dynamodb, WRITES, left), engine.table)
    bench.service.office.carrier = Mortal(bench.carrier, ("send", "call"), left)
    play = Play(bench, left)
    return play
