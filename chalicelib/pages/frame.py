"""What all pages share: the templates, the frame around a page, the style sheet, and the headers they are sent with."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.pages.text import (
    count,
    day_words,
    direction,
    fill,
    language_name,
    moment_words,
    percent,
    phone_words,
    plural,
    words,
)
from chalicelib.pages.views import Page

HERE = Path(__file__).parent
SHEET = "aftercall.css"  # at /static/, with ?v= so that browsers may keep it for ever
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'self'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
MENU = {
    "results": "/",
    "callbacks": "/callbacks",
    "remarks": "/remarks",
    "calls": "/calls",
    "settings": "/settings",
}


def render(template: str, page: Page, active: str, **more: Any) -> str:
    """A page for someone signed in. Times are told in the office's zone."""

    def when(at: str) -> str:
        return moment_words(datetime.fromisoformat(at), page.now, page.zone)

    def clock(at: str) -> str:
        return f"{datetime.fromisoformat(at).astimezone(page.zone):%H:%M}"

    menu = [(words()["menu"][name], path, name == active) for name, path in MENU.items()]
    return fragment(template, page.base, page=page, menu=menu, when=when, clock=clock, **more)


def fragment(template: str, base: str, **more: Any) -> str:
    """A page for anyone. `link` makes addresses under `base`, each part of a path escaped."""

    def link(*path: str, query: Mapping[str, str] | None = None) -> str:
        there = base + "/".join([path[0], *(quote(part, safe="") for part in path[1:])])
        return f"{there}?{urlencode(query)}" if query else there

    return (
        _templates()
        .get_template(template)
        .render(w=words(), link=link, style=f"{SHEET}?v={_sheet()[1][1:13]}", **more)
    )


def stylesheet() -> tuple[bytes, str]:
    """The style sheet and its entity tag."""
    return _sheet()


@cache
def _sheet() -> tuple[bytes, str]:
    body = (HERE / "static" / SHEET).read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"count": count, "percent": percent, "fill": fill, "plural": plural, "phone": phone_words}
    made.filters |= {
        "language": language_name,
        "dir": direction,
        "day": lambda day: day_words(date.fromisoformat(day)),
    }
    return made
