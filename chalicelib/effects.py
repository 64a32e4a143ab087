"""What to do, as the machine decided it. Imperative; small enough to be recorded as codes.

An event that arrives twice is answered with the effects recorded the first time, so an effect must be
safe to repeat, and must be told again from its code: `decode(encode(e)) == e`.
"""

from collections.abc import Callable
from dataclasses import astuple

from chalicelib.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question to the caller: one of the three, "all", "consent", "who" or "end"."""

    question: str
    lead: str = ""  # the text's key when it is not the plain question: "invite", "unclear", "moved_on"
    turn: int = 1  # how often it has been put: part of the path a key press comes back on


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something that needs no answer; on the phone, then hang up."""

    text: str


@dataclass(frozen=True, slots=True)
class Send:
    """Text attempt `attempt` through the carrier's API. It is recorded already."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring the caller: attempt `attempt`, recorded already."""

    attempt: int


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the carrier what became of attempt `attempt`."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Have this survey looked at now, through the queue."""


@dataclass(frozen=True, slots=True)
class KeepRemark:
    """Keep the text of this reply, the caller's `n`th remark, for a person to read."""

    n: int = 0  # of a record made before there was one


@dataclass(frozen=True, slots=True)
class OptOut:
    """Never invite this number again."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """The caller may be invited again."""


@dataclass(frozen=True, slots=True)
class OpenCallback:
    """The caller is owed a call."""


@dataclass(frozen=True, slots=True)
class CancelCallback:
    """The caller no longer wants to be rung."""


@dataclass(frozen=True, slots=True)
class ChangeNumber:
    """Ring the number in this reply instead."""


@dataclass(frozen=True, slots=True)
class EndQuarantine:
    """Nothing reached the caller, so nothing keeps us from inviting next time."""


Effect = (
    Ask
    | Tell
    | Send
    | Dial
    | LookUp
    | Wake
    | KeepRemark
    | OptOut
    | OptIn
    | OpenCallback
    | CancelCallback
    | ChangeNumber
    | EndQuarantine
)

_KINDS: dict[str, Callable[..., Effect]] = {kind.__name__: kind for kind in Effect.__args__}


def encode(effect: Effect) -> str:
    """`Ask("time", "unclear", 2)` -> `"Ask:time:unclear:2"`."""
    return ":".join([type(effect).__name__, *map(str, astuple(effect))])


def decode(code: str) -> Effect:
    """The effect a code was made from."""
    name, *values = code.split(":")
    return _KINDS[name](*(int(value) if value.isdigit() else value for value in values))
