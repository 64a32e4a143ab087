"""Where the calls went, and the groups side by side: every call accounted for, every share over a whole that stays."""

from collections.abc import Mapping

from chalicelib.dataclass import dataclass
from chalicelib.pages import figures
from chalicelib.pages.text import count, fill, language_name, percent, words
from chalicelib.pages.views import RatesAnswer
from chalicelib.rates import Group
from chalicelib.rates.ending import STAGES
from chalicelib.rates.questions import SHARE_FROM
from chalicelib.script import QUESTIONS


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the funnel: how many, and of what."""

    label: str
    count: int
    whole: int
    share: str


@dataclass(frozen=True, slots=True)
class Account:
    """Reasons or endings with their counts."""

    title: str
    rows: list[tuple[str, int]]

    @property
    def total(self) -> int:
        return sum(n for _, n in self.rows)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A line of a breakdown."""

    label: str
    calls: int
    rate: str  # response rate in percent, counts of too few, or "" when nobody was invited
    of: str  # what the rate was made from
    cells: dict[str, figures.Figure | None]


def funnel(group: Group) -> list[Step]:
    """From calls to complete surveys; each share over a whole that does not change on the way down."""
    counts, say = group["funnel"], words()["results"]["funnel"]
    left = {kind: sum(reasons_of(group, kind).values()) for kind in ("not_invited", "not_sent")}
    steps = [("calls", counts["calls"], ""), ("not_invited", left["not_invited"], "of_calls")]
    if left["not_sent"]:
        steps.append(("not_sent", left["not_sent"], "of_calls"))
    steps += [("invited", counts["invited"], "of_calls"), ("delivered", counts["delivered"], "of_invited")]
    steps += [("started", counts["started"], "of_invited"), ("complete", counts["complete"], "of_invited")]
    wholes = {"of_invited": counts["invited"]}
    return [_step(say[name], n, wholes.get(of, counts["calls"]), say.get(of, "")) for name, n, of in steps]


def _step(label: str, n: int, whole: int, share: str) -> Step:
    """A percentage only of enough; counts of fewer speak for themselves."""
    return Step(
        label, n, whole, str(fill(share, share=f"{percent(n / whole)} %")) if whole >= SHARE_FROM else ""
    )


def reasons_of(group: Group, kind: str) -> Mapping[str, int]:
    return group["funnel"]["not_invited"] if kind == "not_invited" else group["funnel"]["not_sent"]


def left_out(group: Group) -> list[Account]:
    """Why calls were not invited, and why invited callers were sent nothing; the commonest reason first."""
    say, known = words()["results"]["funnel"], words()["reasons"]
    accounts = []
    for kind in ("not_invited", "not_sent"):
        found = sorted(reasons_of(group, kind).items(), key=lambda pair: (-pair[1], pair[0]))
        accounts.append(Account(say[kind], [(known.get(name, name), n) for name, n in found]))
    return [account for account in accounts if account.rows]


def ends(group: Group) -> Account | None:
    """How the invitations ended: their sum is all invited."""
    names, counts = words()["ends"], group["funnel"]
    rows = [(str(names[stage]), counts[stage]) for stage in STAGES if counts[stage]]
    return Account(words()["results"]["funnel"]["ends"], rows) if rows else None


def group_rows(by: str, answer: RatesAnswer) -> list[GroupRow]:
    """The groups with most invitations first, then most calls."""
    groups = sorted(
        answer["groups"], key=lambda group: (-group["funnel"]["invited"], -group["funnel"]["calls"])
    )
    return [_group_row(by, group) for group in groups]


def _group_row(by: str, group: Group) -> GroupRow:
    rate, cases = group["response_rate"]["RR1"], figures.eligible(group)
    made_from = fill(
        words()["results"]["groups"]["of"], n=count(group["funnel"]["complete"]), of=count(cases)
    )
    shown = f"{percent(rate)} %" if rate is not None and cases >= SHARE_FROM else ""
    return GroupRow(
        label=label(by, group["by"][by]),
        calls=group["funnel"]["calls"],
        rate=shown or (str(made_from) if cases else ""),
        of=str(made_from) if shown else "",
        cells={name: figures.question(group["questions"][name]) for name in QUESTIONS},
    )


def label(by: str, value: str) -> str:
    """A team or queue by its own name; languages and channels by ours."""
    if by == "language":
        return language_name(value)
    if by == "channel":
        return str(words()["channels"].get(value, value))
    return value or str(words()["none_given"])
