"""The simulated carrier put together: what texts and phone calls need to reach handsets and the service."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.clock import LocalClock

from .faults import Faults
from .later import Later
from .model import Notice, Settings
from .network import Network
from .webhooks import Answer, Form, Poster


@dataclass(slots=True)
class Carrier:
    """One carrier: its network, its workers, its faults, and its link to the service."""

    settings: Settings
    network: Network
    faults: Faults
    poster: Poster
    later: Later
    notices: list[Notice] = field(default_factory=list)  # errors, as Twilio's debugger would list them
    requests: list[dict[str, object]] = field(default_factory=list)  # what the service asked of the carrier
    turns: defaultdict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))

    def post(self, kind: str, url: str, form: Form) -> Answer | None:
        """Tell the service something; a redirect, a 4xx, a 5xx, or no answer at all is also noted."""
        answer = self.poster.post(self.network.now(), kind, url, form)
        if answer is None or answer.status >= 300:
            self.note(11200, url, f"no usable answer: {answer.status if answer else 'none came back'}")
        return answer

    def note(self, code: int, url: str, text: str) -> None:
        self.notices.append(Notice(self.network.now(), code, url, text))
        self.network.changed()

    def reset(self) -> None:
        """Forget everything, faults too."""
        self.later.forget()
        self.later.settle(5)
        self.faults.clear()
        self.network.reset()
        for records in (self.notices, self.requests, self.poster.postings):
            records.clear()

    def close(self) -> None:
        self.later.close()
        self.network.close()


def open_carrier(settings: Settings, data: Path) -> Carrier:
    """A carrier with its memory in `data`/carrier.json and the machine's clock in `data`/clock.json."""
    network = Network(LocalClock(data / "clock.json"), data / "carrier.json")
    faults = Faults()
    poster = Poster(settings.auth_token, faults, pause=settings.pace * 3)
    return Carrier(settings, network, faults, poster, Later())
