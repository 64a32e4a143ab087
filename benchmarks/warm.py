"""A warm webhook, a call's end to its decision, beside the bare requests to the table that it makes."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count
from typing import Any

from benchmarks.paired import Figure, in_turn
from benchmarks.place import Place
from tests.in_process import on

ROUNDS, MOST = 40, 1.5
Request = tuple[str, dict[str, Any]]


def figures(place: Place) -> Iterator[Figure]:
    made: list[Request] = []
    bench = on(Recording(place.client, made), place.table)
    numbers = (f"+4477009{n:05}" for n in range(500, 1000))
    calls = count()

    def ours() -> None:
        made.clear()
        call = bench.call(next(numbers), call_id=f"warm-{next(calls)}")
        assert bench.service.intake.call_ended(call).survey_id

    ours_took, bare_took, ratio = in_turn(ours, lambda: repeat(place.client, made), ROUNDS)
    told = f"its {len(made)} requests alone {bare_took * 1000:.1f} ms"
    yield Figure("warm webhook", f"{ours_took * 1000:.1f} ms", told, ratio, MOST)


class Recording:
    """A DynamoDB client that notes what it was asked."""

    def __init__(self, client: Any, made: list[Request]) -> None:
        self._client, self._made = client, made
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(**asked: Any) -> Any:
            self._made.append((name, deepcopy(asked)))
            return getattr(self._client, name)(**asked)

        return ask


def repeat(client: Any, made: list[Request]) -> None:
    """The same requests on records of their own, so that every condition holds again."""
    for name, asked in made:
        getattr(client, name)(**moved(asked))


def moved(asked: dict[str, Any]) -> dict[str, Any]:
    other = deepcopy(asked)
    for part in ("Key", "Item"):
        if part in other:
            other[part]["pk"] = {"S": other[part]["pk"]["S"] + "~"}
    return other
