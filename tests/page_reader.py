"""Reading a page as its readers do: what it says, where it leads; and a day of calls to make one of."""

from collections import Counter
from html.parser import HTMLParser

from chalicelib.rates import Ending, Tally

NASTY = '"><script>alert(1)</script>\u202e=1+1'
VOID = {"meta", "link", "input", "br", "line", "circle", "rect", "path"}


class Tree(HTMLParser):
    """Text, addresses and ids of a page; a tag closed out of turn is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"

    @property
    def said(self) -> str:
        return " ".join(self.words.split())


def said(page: str) -> str:
    return Tree(page).said


def tally(**counts: int) -> list[tuple[str, Tally]]:
    """One day: `yyy=12` are complete surveys with these answers, any other word an ending."""
    made: Tally = Counter()
    for name, n in counts.items():
        letters = set(name) <= set("yn")
        end, answers = ("complete", name) if letters else (name.replace("__", ":"), "---")
        sent = "__" not in name
        made[
            Ending("north", "permits", "sv", "sms" if sent else "", "", end, answers, sent, letters).encode()
        ] = n
    return [("2026-11-20", made)]
