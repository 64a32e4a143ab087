"""Doing things a little later, off the thread that asked: one clock thread, a few workers."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger(__name__)


class Later:
    """Runs callables after a delay. What it is still busy with can be waited for, so that scripts need not guess."""

    def __init__(self, workers: int = 16) -> None:
        self._due: list[tuple[float, int, bool, Callable[[], object]]] = []
        self._order = itertools.count()
        self._busy = 0  # accepted and not finished, waits for people (rings, patience) not counted
        self._wake = threading.Condition()
        self._closed = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="carrier")
        self._thread = threading.Thread(target=self._watch, name="carrier-clock", daemon=True)
        self._thread.start()

    def run(self, seconds: float, action: Callable[[], object], patient: bool = False) -> None:
        """Do `action` in so many seconds. `patient`: it only waits for a person and does not count as busy."""
        with self._wake:
            if self._closed:
                return  # the carrier is going down; what is unfinished is taken up from the disk
            self._busy += 0 if patient else 1
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), patient, action))
            self._wake.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is on its way any more; False when that took longer than `seconds`."""
        with self._wake:
            return self._wake.wait_for(lambda: self._busy == 0, seconds)

    @property
    def busy(self) -> int:
        """How many things are on their way."""
        with self._wake:
            return self._busy

    def forget(self) -> None:
        """Drop all that has not begun."""
        with self._wake:
            self._busy -= sum(not patient for _, _, patient, _ in self._due)
            self._due.clear()
            self._wake.notify_all()

    def close(self) -> None:
        """Start nothing more, and wait for what is running."""
        with self._wake:
            self._closed = True
            self._due.clear()
            self._wake.notify_all()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def _watch(self) -> None:
        with self._wake:
            while not self._closed:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._wake.wait(wait)
                    continue
                _, _, patient, action = heapq.heappop(self._due)
                self._pool.submit(self._do, action, patient)

    def _do(self, action: Callable[[], object], patient: bool) -> None:
        try:
            action()
        except Exception:
            log.exception("the carrier stumbled")
            raise
        finally:
            with self._wake:
                self._busy -= 0 if patient else 1
                self._wake.notify_all()
