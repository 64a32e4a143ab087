"""Counts to rates, the one definition behind page, API, export and digest. Pure: no I/O, no clock.

Every call leaves one `Ending`; a `Tally` counts equal endings of a stretch of time; `report` turns tallies
into groups with funnel, response rate and questions. A figure is recomputed from endings, never incremented.
"""

from chalicelib.rates.ending import DIMENSIONS, Ending
from chalicelib.rates.formulas import aapor, response_rate, wilson
from chalicelib.rates.funnel import Funnel, check_sums, funnel_of
from chalicelib.rates.questions import suppress
from chalicelib.rates.report import BREAKDOWNS, EARLIEST, LATEST, Group, report
from chalicelib.rates.tally import Tally, pack, unpack

__all__ = [
    "BREAKDOWNS",
    "DIMENSIONS",
    "EARLIEST",
    "LATEST",
    "Ending",
    "Funnel",
    "Group",
    "Tally",
    "aapor",
    "check_sums",
    "funnel_of",
    "pack",
    "report",
    "response_rate",
    "suppress",
    "unpack",
    "wilson",
]
