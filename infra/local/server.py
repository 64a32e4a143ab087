"""The service on this machine: `python -m infra.local.server`. The app as deployed, its queue and schedules included.

Everything it needs is in the environment (see `infra/local/settings.py`); `make run` sets that up.
"""

import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.local import controls, engine, gateway, workers
from infra.local.clock import LocalClock
from infra.local.demo import routes as demo
from infra.local.start import routes

READERS = 2  # Lambda would run more than one batch at a time, too
SWEEP_EVERY, REFRESH_EVERY = 1.0, 2.0  # seconds; a minute and more where it is deployed
STOP_WITHIN = 3.0
QUIET_HOURS, NONE_QUIET = "20:00-08:00", "00:00-00:00"
ENDING = {signal.SIGTERM, signal.SIGINT}


class Service:
    """The app served, with its queue readers and schedules as threads."""

    def __init__(self, env: Mapping[str, str]) -> None:
        clock_file = Path(env["DATA"]) / "clock.json"
        self._now = LocalClock(clock_file).now
        self._app = importlib.import_module("app")
        self._wiring = importlib.import_module("chalicelib.wiring")
        self._wiring.use_clock(self._now)
        sqs = engine.sqs(env["AWS_ENDPOINT_URL"])
        url = env["SEND_QUEUE_URL"]
        self._readers = [workers.QueueReader(sqs, url, self._app.send) for _ in range(READERS)]
        self._clock_file = clock_file
        self.observe_quiet_hours()
        controls.add(self._app.app, clock_file, self.tick, self.observe_quiet_hours)
        routes.add(self._app.app, simulated_carrier(env))
        demo.add(self._app.app, env)
        self._server = gateway.serve(self._app.app, int(env["PORT"]))
        self._stop = threading.Event()

    def observe_quiet_hours(self) -> None:
        """With the machine's own time a text may come at night, so that the service can be tried then (decision 5)."""
        office = self._wiring.service().office
        hours = QUIET_HOURS if self._clock_file.exists() else NONE_QUIET
        office.base_policy = replace(office.base_policy, quiet_hours=hours)
        office.forget()

    def tick(self) -> dict[str, Any]:
        """Run what is due now; returns what was done, when all of it is."""
        messages = self._drain()
        counts: dict[str, Any] = dict(self._wiring.service().clockwork.tick())
        return {**counts, "messages": messages + self._drain()}

    def _drain(self) -> int:
        """Each reader in turn, which waits for the batch it is busy with."""
        return sum(reader.drain() for reader in self._readers)

    def run(self) -> None:
        """Serve until told to end, then let what is under way come to its end."""
        threads = [
            threading.Thread(target=reader.run, args=[self._stop], daemon=True) for reader in self._readers
        ]
        for name, seconds in (("sweep", SWEEP_EVERY), ("refresh", REFRESH_EVERY)):
            handler = getattr(self._app, name)
            arguments = [seconds, name, handler, self._now, self._stop]
            threads.append(threading.Thread(target=workers.tick_every, args=arguments, daemon=True))
        take_up = self._wiring.service().clockwork.take_up  # a killed engine has lost its queue
        threads.append(threading.Thread(target=take_up, daemon=True))
        for thread in threads:
            thread.start()
        threading.Thread(target=self._server.server.serve_forever, daemon=True).start()
        signal.sigwait(ENDING)
        self._stop.set()
        self._server.shutdown()
        for thread in threads:
            thread.join(STOP_WITHIN)


def simulated_carrier(env: Mapping[str, str]) -> str | None:
    """The simulated carrier's address; None when another carrier is used."""
    own = f"http://127.0.0.1:{env['CARRIER_PORT']}"
    return own if env.get("TWILIO_API_URL") == own else None


def main() -> int:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
    )
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # in every thread: run() waits for them
    Service(os.environ).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
