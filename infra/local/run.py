"""`make run`: the whole service on this machine, until Ctrl-C, SIGTERM, or the end of the make that started it.

If this launcher is killed instead, the engine lives on, and the next run takes it over with all it holds.
"""

import os
import signal
import sys
import time
from types import FrameType
from typing import TextIO

from infra.local import lock, processes
from infra.local.engine import EngineError
from infra.local.settings import BadSetting, LocalSettings, direct
from infra.local.stack import Cannot, Stack, health

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY = 0.2  # seconds
REFUSED, BROKE = 2, 1


class Ended(Exception):
    """We were asked to end."""


def main() -> int:
    """The exit code: 0 when asked to end, 1 when a part died, 2 when it could not start."""
    for number in ENDING:
        signal.signal(number, end)
    try:
        settings = LocalSettings.read(os.environ)
        os.environ.update(direct(os.environ))
        with lock.held(settings.data) as held:
            return run(Stack(settings), held)
    except lock.AlreadyRunning as error:
        there = processes.left_over("service", settings.data)
        print(f"{error}: http://127.0.0.1:{there.port}/start" if there else error, file=sys.stderr)
        return REFUSED
    except BadSetting as error:
        print(error, file=sys.stderr)
        return REFUSED
    except Ended:
        return 0


def run(stack: Stack, held: lock.Lock) -> int:
    code = 0
    try:
        stack.start()
        print(ready(stack.settings), flush=True)
        print(watch(stack), file=sys.stderr)
        code = BROKE
    except (Cannot, EngineError) as error:
        print(error, file=sys.stderr)
        code = REFUSED
    except Ended:
        print("\nStopping …", flush=True)
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not keep the engine from writing
        held.stopping()
        stack.stop()
    return code


def watch(stack: Stack) -> str:
    """Pass on what the service reports, until one of the parts is gone: which, and what to do."""
    parent, under_make = os.getppid(), "MAKELEVEL" in os.environ
    with stack.errors("service").open(encoding="utf-8", errors="replace") as reported:
        reported.seek(0, os.SEEK_END)
        while not (ended := stack.ended()):
            pass_on(reported)
            if under_make and os.getppid() != parent:
                raise Ended  # make was killed: nobody is left who could stop us
            time.sleep(LOOK_EVERY)
        pass_on(reported)
    return f"{ended}; the rest is stopped and nothing is lost. Go on with: make run"


def pass_on(reported: TextIO) -> None:
    sys.stderr.write(reported.read())
    sys.stderr.flush()


def ready(settings: LocalSettings) -> str:
    """What to open, and how to end it."""
    rows = [("Start here", f"{settings.url}/start")]
    if settings.simulated:
        rows.append(("Phones", f"{settings.carrier_url}/phones"))
    rows += [("Results", f"{settings.url}/"), ("Token", f"{settings.env['API_TOKEN']}  (for scripts)")]
    block = "".join(f"  {name:<12}{value}\n" for name, value in rows)
    data = os.path.relpath(settings.data)
    if health(settings.url) != 200:
        block += f"  Not healthy yet: {settings.url}/health says why\n"
    return f"\n{block}  Stop with Ctrl-C; data in {data}/; start afresh: make clean-local"


def end(number: int, frame: FrameType | None) -> None:
    raise Ended


if __name__ == "__main__":
    sys.exit(main())
