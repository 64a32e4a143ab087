"""`python -m benchmarks [NAME …]`: what the design promises of speed and cost, measured beside something in one run."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from functools import partial
from io import StringIO

from benchmarks import cold, replies, stored, warm
from benchmarks.paired import Figure
from benchmarks.place import place

NAMES = ("replies", "cold", "warm", "stored")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something costs more than was promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all, if none is named"
    )
    names = parser.parse_args(arguments).names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    print(f"{'':20} {'measured':34} {'beside':32} {'ratio':>7} {'at most':>8}")
    kept = True
    for figures in measured(names):
        for each in figures:
            print(
                f"{each.name:20} {each.ours:34} {each.beside:32} {each.ratio:7.2f} {each.most:8.2f}",
                flush=True,
            )
            kept &= each.kept
    return 0 if kept else 1


def measured(names: Sequence[str]) -> Iterator[list[Figure]]:
    """Benchmark by benchmark; the service's own metrics, which go to standard output, are not shown."""
    with place() as here:
        for name, figures in (
            ("replies", replies.figures),
            ("cold", cold.figures),
            ("warm", partial(warm.figures, here)),
            ("stored", partial(stored.figures, here)),
        ):
            if name in names:
                with redirect_stdout(StringIO()):
                    found = list(figures())
                yield found


if __name__ == "__main__":
    sys.exit(main())
