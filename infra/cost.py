"""`python -m infra.cost --calls 300000 --languages sv:60,en:20,ar:20`: what calls cost, a month and a survey.

Text parts are counted from the texts themselves, table units from tests; prices and assumptions are in
infra/prices.toml, each with its source and whether it was read there. Exit code 1: over a ceiling.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from infra import bill, command
from infra.bill import MONTHS, Bill, Year, prices
from infra.command import DONE, FAILED, say


def report(year: Year, made: Bill, book: Mapping[str, Any]) -> str:
    """The page."""
    finished = max(year.finished, 1)
    head = f"{year.calls:,} calls a year, {year.surveys:,.0f} invited, {year.finished:,.0f} complete; US dollars, list"
    lines = [head, f"{'':28}{'a month':>12}{'a completed':>14}"]
    for title, costs in (("AWS", made.aws), ("The carrier", made.carrier)):
        lines.append(row(title, sum(costs.values()), finished))
        lines += [row(f"  {name}", cost, finished) for name, cost in costs.items()]
    lines.append(row("All", sum(made.aws.values()) + sum(made.carrier.values()), finished))
    monthly = [f"{much / MONTHS:,.0f} {what}" for what, much in made.used().items()]
    lines.append(f"A month: {', '.join(monthly)}; {made.parts / finished:.2f} parts a completed survey")
    prices = {name: price for kind in ("aws", "carrier") for name, price in book[kind].items()}
    quoted = [name for name, price in prices.items() if "by" in price]
    guessed = [name for name, price in prices.items() if price["read"] == "no"]
    lines.append(
        f"Prices of {book['written']} (infra/prices.toml). Read where others quote them: {', '.join(quoted)}."
    )
    lines.append(f"Read nowhere, but assumed: {', '.join(guessed)}.")
    return "\n".join(lines)


def row(name: str, dollars: float, finished: float) -> str:
    return f"{name:28}{dollars / MONTHS:12,.2f}{dollars / finished:14.5f}"


def mix(text: str) -> dict[str, float]:
    """`"sv:60,en:40"` as shares that make 1."""
    try:
        weights = {
            code: float(weight) for code, _, weight in (part.partition(":") for part in text.split(","))
        }
    except ValueError as error:
        raise argparse.ArgumentTypeError("must look like sv:60,en:20,ar:20") from error
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise argparse.ArgumentTypeError("must be weights, such as sv:60,en:20,ar:20")
    return {code: weight / whole for code, weight in weights.items()}


def part(text: str) -> float:
    try:
        found = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a share from 0 to 1") from error
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError("must be a share from 0 to 1")
    return found


def calls(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.cost", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=calls, required=True, metavar="N", help="answered calls a year")
    parser.add_argument(
        "--languages", type=mix, default=mix("sv:80,en:20"), metavar="MIX", help="sv:60,en:20,ar:20"
    )
    for name, what in (
        ("invited", "of the calls"),
        ("completed", "of those invited"),
        ("unresolved", "of the completed"),
        ("landlines", "of those invited"),
    ):
        usual = getattr(Year(0, {}), name)
        parser.add_argument(f"--{name}", type=part, default=usual, metavar="SHARE", help=f"{what}; {usual}")
    parser.add_argument("--at-once", action="store_true", help="all three questions in one text")
    given = vars(parser.parse_args(arguments))

    def counted() -> int:
        year, book = Year(**given), prices()
        made = bill.of(year, book)
        say(report(year, made, book))
        passed = bill.over(year, made, book)
        for line in passed:
            say(f"Over the ceiling: {line}")
        return FAILED if passed else DONE

    return command.run(counted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
