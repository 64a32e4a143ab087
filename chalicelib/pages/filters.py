"""What stands in the address of the results page: period and filters, read and written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.dataclass import dataclass
from chalicelib.rates import EARLIEST, LATEST

USUAL = timedelta(weeks=4)
LONGEST = timedelta(days=400)
BY_DAY = timedelta(days=35)  # longer periods are drawn by week
KEPT = ("team", "queue", "language", "channel")


@dataclass(frozen=True, slots=True)
class Filters:
    """Local days, half-open; an empty filter keeps everything."""

    start: date
    end: date  # the first day that is not in it
    team: str = ""
    queue: str = ""
    language: str = ""
    channel: str = ""

    @property
    def trend(self) -> str:
        """The breakdown the chart is drawn from."""
        return "day" if self.end - self.start <= BY_DAY else "week"

    @property
    def where(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: getattr(self, name) for name in KEPT if getattr(self, name)}

    @property
    def query(self) -> dict[str, str]:
        """As it stands in the address, of the page and of GET /api/rates alike."""
        return {"from": self.start.isoformat(), "to": self.end.isoformat(), **self.where}


def read_filters(query: Mapping[str, str], today: date) -> tuple[Filters, dict[str, str]]:
    """The filters asked for, and by field the code of what was wrong; a bad period gives the usual four weeks."""
    end = today + timedelta(days=1)
    usual = Filters(end - USUAL, end, **{name: query.get(name, "")[:200] for name in KEPT})
    problems: dict[str, str] = {}
    asked = replace(
        usual,
        start=_day(query, "from", usual.start, problems),
        end=_day(query, "to", usual.end, problems),
    )
    if not problems and asked.start >= asked.end:
        problems["to"] = "order"
    if not problems and asked.end - asked.start > LONGEST:
        problems["from"] = "long"
    return (usual if problems else asked), problems


def _day(query: Mapping[str, str], name: str, usual: date, problems: dict[str, str]) -> date:
    if not query.get(name):
        return usual
    try:
        day = date.fromisoformat(query[name])
    except ValueError:
        day = date.min
    if not EARLIEST <= day < LATEST:
        problems[name] = "date"
        return usual
    return day
