"""`make demo`, `python -m infra.local.demo`: fill a running local stage with invented callers."""

import argparse
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tqdm import tqdm

from infra.local.demo import progress
from infra.local.demo.calendar import Calendar, calendar
from infra.local.demo.numbers import UsedUp
from infra.local.demo.play import Play, Told
from infra.local.demo.progress import Busy, Progress
from infra.local.demo.stage import Cannot, Refused, Stage, find
from infra.local.demo.story import MOST, USUAL, tell
from infra.local.settings import DEFAULTS, BadSetting

REFUSED, BROKE, STOPPED = 2, 1, 130


def main() -> int:
    """The exit code: 2 when there is no stage to fill, 1 when something broke on the way."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})  # the server blocks them
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = arguments()
    try:
        stage = find(os.environ)
        with progress.alone(stage.data):
            return shown(stage, asked.calls, asked.seed)
    except (Cannot, BadSetting, Busy) as error:
        print(error, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("\nStopped. The clock is right again; what has happened so far stays.", file=sys.stderr)
        return STOPPED


def arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(
        prog="make demo",
        description="End calls of invented callers on the stage that `make run` has started, spread over the past "
        "three weeks, and let the callers answer. PORT and DATA as for make run.",
    )
    reader.add_argument("--calls", type=int, default=USUAL, help=f"how many ({USUAL})")
    reader.add_argument("--seed", type=int, default=1, help="the same seed, the same callers (1)")
    asked = reader.parse_args()
    if not 1 <= asked.calls <= MOST:
        reader.error(f"--calls: from 1 to {MOST}")
    return asked


def shown(stage: Stage, calls: int, seed: int) -> int:
    """Fill it, with a bar on the terminal and the progress file for everybody else."""
    began, far = time.monotonic(), Progress(calls)
    with tqdm(
        total=calls, unit=" calls", bar_format="{desc:<24} {bar:30} {n}/{total} calls, {elapsed}"
    ) as bar:

        def told(done: int, doing: str) -> None:
            nonlocal far
            far = Progress(calls, done, doing)
            progress.write(stage.data, far)
            bar.set_description_str(doing, refresh=False)
            bar.update(done - bar.n)
            bar.refresh()

        try:
            days = fill(stage, calls, seed, datetime.now(UTC), told)
        except (Refused, UsedUp, OSError) as error:
            progress.write(stage.data, replace(far, problem=str(error)))
            print(f"\n{error}", file=sys.stderr)
            return BROKE
        except KeyboardInterrupt:
            progress.write(stage.data, replace(far, problem="stopped"))
            raise
        told(calls, "")
    print(summary(stage, days, time.monotonic() - began))
    return 0


def fill(stage: Stage, calls: int, seed: int, now: datetime, told: Told) -> Calendar:
    """Play the story of this seed, as it looks from `now`."""
    days = calendar(now, ZoneInfo(os.environ.get("TIMEZONE") or DEFAULTS["TIMEZONE"]))
    story = tell(calls, seed, days, stage.used_numbers(), run=f"demo-{datetime.now(UTC):%y%m%d%H%M%S}")
    progress.mark(stage.data)
    Play(stage, days, story, told).run()
    return days


def summary(stage: Stage, days: Calendar, seconds: float) -> str:
    """What came of it, and where to look."""
    [total] = stage.service("GET", "/api/rates")["groups"]
    owed = len(stage.service("GET", "/api/callbacks")["callbacks"])
    funnel, tuesday = total["funnel"], days.bad_tuesday
    return f"""
{funnel["calls"]} calls in four weeks: {funnel["invited"]} callers invited, {funnel["started"]} answered.
{owed} are to be called back. That took {seconds:.0f} s.

  Results: {stage.url}/
  Look at  the waiting time on Tuesday {tuesday.day} {tuesday:%B},
           the queue “citizenship” beside the others,
           how many English speakers answer, and how many Swedish,
           the callbacks: {stage.url}/callbacks"""


if __name__ == "__main__":
    sys.exit(main())
