"""`make clean-local`: stop what a killed run left behind, and forget its data."""

import os
import shutil
import sys
from pathlib import Path

from infra.local import lock, processes
from infra.local.stack import STOPS_WITHIN


def main() -> int:
    data = Path(os.environ.get("DATA") or ".local").absolute()
    if not data.exists():
        return 0
    if not (data / "lock").exists():
        print(f"{data} is not a folder of make run; it is left alone", file=sys.stderr)
        return 2
    try:
        with lock.held(data):
            for name, within in STOPS_WITHIN.items():
                if running := processes.left_over(name, data):
                    processes.stop(running, within=within)
            shutil.rmtree(data)
    except lock.AlreadyRunning as error:
        print(f"{error}; stop it first", file=sys.stderr)
        return 2
    print(f"Forgotten: {os.path.relpath(data)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
