"""What the local machine asks of the service's wiring: a clock, a tick, and rules that it may lay aside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


class Clockwork:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def tick(self) -> dict[str, int]:
        return {"year": self._now().year}

    def take_up(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Rules:
    quiet_hours: str = "20:00-08:00"


@dataclass(slots=True)
class Office:
    base_policy: Rules = Rules()

    def forget(self) -> None:
        """Nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Service:
    clockwork: Clockwork
    office: Office


services: list[Service] = []


def use_clock(now: Callable[[], datetime]) -> None:
    services.append(Service(Clockwork(now), Office()))


def service() -> Service:
    return services[-1]
