"""Failing on demand: rules that make the carrier misbehave on one leg, a number of times or once in so many."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

LEGS = {
    "send": "a text is handed to the carrier",
    "call": "a phone call is ordered",
    "list": "the carrier's records are looked up",
    "webhook": "the carrier tells the service something",
    "reply": "the service's answer travels back",
}
ON_REQUEST = frozenset({"429", "500_before", "500_after", "timeout_before", "timeout_after", "reset"})
ON_MESSAGE = frozenset({"drop", "duplicate", "delay", "no_receipt"})
ON_POST = frozenset({"drop", "reset", "500_before", "timeout_before", "duplicate", "delay"})
ON_ANSWER = frozenset({"drop", "reset", "500_after", "timeout_after"})
POSSIBLE = {
    "send": ON_REQUEST | ON_MESSAGE,
    "call": ON_REQUEST | {"drop", "no_receipt", "delay"},
    "list": frozenset({"429", "500_before", "timeout_before", "reset"}),
    "webhook": ON_POST,
    "reply": ON_ANSWER,
}
ENDINGS = {"send": ("undelivered:", "failed:"), "call": ("failed:",)}  # followed by an error code


class BadRule(ValueError):
    """A fault nobody could act on; the message says which word is wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to go wrong now."""

    do: str
    seconds: float  # how long a delay or a time-out lasts


@dataclass(slots=True)
class Rule:
    """`{"on": "send", "do": "500_after", "times": 2}` or `{"on": "reply", "do": "drop", "one_in": 10, "seed": 7}`."""

    on: str
    do: str
    seconds: float
    times: int | None  # how often still; None: for ever
    one_in: int
    dice: Random
    hits: int = 0

    def fires(self) -> bool:
        if self.times == 0 or self.dice.randrange(self.one_in):
            return False
        self.hits += 1
        self.times = self.times - 1 if self.times is not None else None
        return True


class Faults:
    """The rules in force; safe to ask from several threads."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, wanted: Mapping[str, object]) -> None:
        rule = read_rule(wanted)
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, on: str) -> Fault | None:
        """The first rule for this leg that strikes now, if any."""
        with self._lock:
            struck = next((rule for rule in self._rules if rule.on == on and rule.fires()), None)
        return Fault(struck.do, struck.seconds) if struck else None

    def listed(self) -> list[dict[str, object]]:
        with self._lock:
            return [
                {"on": rule.on, "do": rule.do, "times": rule.times, "one_in": rule.one_in, "hits": rule.hits}
                for rule in self._rules
            ]


def read_rule(wanted: Mapping[str, object]) -> Rule:
    """A rule from its JSON; BadRule names what is wrong. Without `times` and `one_in` it strikes once."""
    on, do = str(wanted.get("on", "")), str(wanted.get("do", ""))
    if on not in POSSIBLE:
        raise BadRule(f"on: one of {', '.join(POSSIBLE)}")
    ends = any(do.startswith(ending) and do.removeprefix(ending).isdigit() for ending in ENDINGS.get(on, ()))
    if do not in POSSIBLE[on] and not ends:
        raise BadRule(f"do: for {on!r} one of {', '.join(sorted(POSSIBLE[on]))}")
    one_in = _whole(wanted, "one_in") or 1
    times = _whole(wanted, "times")
    if times is None and "one_in" not in wanted:
        times = 1
    seconds = float(str(wanted.get("seconds", 12 if do.startswith("timeout") else 2)))
    dice = Random(
        f"{_whole(wanted, 'seed') or 0} {on} {do}"
    )  # two rules with one seed do not strike together
    return Rule(on, do, seconds, times, one_in, dice)


def _whole(wanted: Mapping[str, object], name: str) -> int | None:
    value = wanted.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadRule(f"{name}: a whole number")
    return value
