"""docs/scale.md, reckoned again: its table is arithmetic, and this is the arithmetic."""

import re

import pytest

from infra import bill, cost
from infra.local.engine import ROOT

BOOK = bill.prices()
WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "k": 1e3, "M": 1e6}
DAYS, PEAK_HOUR, PEAK_SECOND = 250, 0.15, 3
SHOWN = 0.06  # figures are rounded to two digits


def amount(cell: str) -> float:
    """`$1,300`, `13 k`, `100 thousand`, `0.0045`."""
    found = re.fullmatch(r"\$?([\d.,]+) ?(\w*)", cell)
    assert found, cell
    return float(found[1].replace(",", "")) * WORDS.get(found[2], 1)


def rows() -> list[list[str]]:
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in page if line.startswith("|")]
    return [row for row in cells if len(row) == 8 and row[0][0].isdigit()]


def reckoned(calls: int) -> list[float]:
    year = bill.Year(calls, cost.mix("sv:60,en:20,ar:20"))
    made, use = bill.of(year, BOOK), bill.used(year, BOOK)
    second = calls / DAYS * PEAK_HOUR / 3600 * PEAK_SECOND
    peak = [second, *(second * each / calls for each in (use["write"], use["requests"], made.parts))]
    return [*peak, sum(made.aws.values()) / bill.MONTHS, sum(made.carrier.values()) / bill.MONTHS]


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: cells[0])
def test_a_row_of_the_page_is_what_the_units_and_prices_give(cells: list[str]) -> None:
    shown = [amount(cell) for cell in cells[1:7]]
    assert shown == pytest.approx(reckoned(int(amount(cells[0]))), rel=SHOWN)


def test_the_page_goes_from_a_thousand_to_a_billion() -> None:
    calls = [amount(row[0]) for row in rows()]
    assert (calls[0], calls[-1], calls) == (1e3, 1e9, sorted(calls))
