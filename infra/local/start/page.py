"""`/start`: a handset and the live results side by side, with buttons for what to try next. Local stage only."""

from html import escape
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
FIRST_NUMBER = "+46701740605"  # the handset that is there from the beginning
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def render(carrier_url: str | None, zone: str) -> str:
    """The page. `carrier_url` is the simulated carrier's, None when another one is configured; `zone` the office's."""
    page = Template((HERE / "start.html").read_text(encoding="utf-8"))
    return page.substitute(left=_left(carrier_url), carrier=escape(carrier_url or ""), zone=escape(zone))


def headers(carrier_url: str | None) -> dict[str, str]:
    """The one page with script: its own, talking to this service and the simulated carrier."""
    there = f" {carrier_url}" if carrier_url else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'{there}; "
        f"frame-src 'self'{there}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def static(name: str) -> tuple[str, str] | None:
    """The text and content type of `/start/{name}`; None for a name that is not there."""
    kind = TYPES.get(Path(name).suffix)
    files = {file.name: file for file in (HERE / "static").iterdir()}
    return (files[name].read_text(encoding="utf-8"), kind) if kind and name in files else None


def _left(carrier_url: str | None) -> str:
    if carrier_url is None:
        return "<p class='none'>A real carrier is configured, so there is no handset here: take your own phone.</p>"
    address = escape(f"{carrier_url}/phones?embed=1&number={FIRST_NUMBER.replace('+', '%2B')}")
    allowed = escape(f"autoplay {carrier_url}")
    return f'<iframe id="handset" title="A caller’s handset" src="{address}" allow="{allowed}"></iframe>'
