"""Figures in words: what is said about a share, how fine, and against which target."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from chalicelib.dataclass import dataclass
from chalicelib.pages.charts import interval_bar
from chalicelib.pages.text import count, fill, percent, words
from chalicelib.rates import Group
from chalicelib.rates.funnel import CLASSES
from chalicelib.rates.questions import SHARE_FROM

TARGET = 0.6


@dataclass(frozen=True, slots=True)
class Figure:
    """A share as it is shown: the big words, the small ones, and the picture."""

    head: str
    bar: Markup
    detail: str = ""
    brief: str = ""  # the detail, in a table
    verdict: str = ""
    tone: str = ""  # "good", "bad", "" : colour beside the words, never instead of them


def question(cell: Mapping[str, Any]) -> Figure | None:
    """One of the three shares; None when it is not to be shown."""
    if cell.get("suppressed"):
        return None
    say, yes, n = words()["results"]["questions"], cell["yes"], cell["n"]
    share, guide = cell["share"], yes / n
    low, high = percent(cell["low"], guide), percent(cell["high"], guide)
    known = {"yes": count(yes), "n": count(n), "low": low, "high": high, "target": percent(TARGET)}
    verdict, tone = _against_target(cell["low"], cell["high"])
    return Figure(
        head=f"{percent(share)} %" if share is not None else str(fill(say["counts"], **known)),
        detail=str(fill(say["detail" if share is not None else "detail_few"], **known)),
        brief=str(fill(say["brief" if share is not None else "brief_few"], **known)),
        verdict=str(fill(say[verdict], **known)),
        tone=tone,
        bar=interval_bar(
            guide, cell["low"], cell["high"], TARGET, fill(say["alt"], **known), share is not None
        ),
    )


def response_rate(group: Group) -> Figure | None:
    """RR1 with what it was made from; None when nobody was invited."""
    rate, low, high = (group["response_rate"][name] for name in ("RR1", "low", "high"))
    if rate is None or low is None or high is None:
        return None
    say = words()["results"]["rate"]
    known = {"complete": count(group["funnel"]["complete"]), "eligible": count(eligible(group))}
    known |= {"share": f"{percent(rate)} %", "low": percent(low, rate), "high": percent(high, rate)}
    enough = eligible(group) >= SHARE_FROM
    return Figure(
        head=str(fill(say["share" if enough else "few"], **known)),
        detail=str(fill(say["sentence"], **known)),
        bar=interval_bar(rate, low, high, None, fill(say["alt"], **known), enough),
    )


def eligible(group: Group) -> int:
    """The cases a response rate is over: all invited but those who never called."""
    funnel = group["funnel"]
    return funnel["invited"] - sum(funnel[s] for s, letter in CLASSES.items() if letter == "NE")


def _against_target(low: float, high: float) -> tuple[str, str]:
    if low >= TARGET:
        return "met", "good"
    return ("missed", "bad") if high < TARGET else ("unsure", "")
