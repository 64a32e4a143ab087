"""What somebody does after a call, written down before it happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Literal

# write: a text. be: let the phone act by itself ("busy", "machine", …).
# pick_up: answer when it rings, press these keys, hang up. ring: ring the survey's number, and the same.
# desk: a lead acts on the callback, "<lead> <verb> [outcome]".
Verb = Literal["write", "be", "pick_up", "ring", "desk"]


@dataclass(frozen=True, slots=True)
class Move:
    after: timedelta  # the move before, or the report of the call
    do: Verb
    what: str = ""


Moves = tuple[Move, ...]
AT_ONCE = timedelta(0)  # as the first move: before the invitation is sent
SOON = timedelta(minutes=5)  # as the first move: once the invitation is there


def texts(after: timedelta, *bodies: str) -> Moves:
    """One text after the other, the first after a while."""
    return tuple(Move(AT_ONCE if n else after, "write", body) for n, body in enumerate(bodies))


def drawn(dice: Random, shares: Sequence[tuple[str, float]]) -> str:
    """One of the names, each as often as its share says."""
    names, weights = zip(*shares, strict=True)
    return str(dice.choices(names, weights)[0])
