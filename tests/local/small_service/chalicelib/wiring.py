"""The two functions that the local machine asks of the service's wiring."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


class Clockwork:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def tick(self) -> dict[str, int]:
        return {"year": self._now().year}


@dataclass(frozen=True, slots=True)
class Service:
    clockwork: Clockwork


services: list[Service] = []


def use_clock(now: Callable[[], datetime]) -> None:
    services.append(Service(Clockwork(now)))


def service() -> Service:
    return services[-1]
