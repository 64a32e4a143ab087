"""Where calls come from: every contact-centre system speaks through one small adapter.

An adapter translates its system's own message and decides nothing. It returns a `CallEnded`, or `NotACall`
when the message is genuine and ends no call (a ringing phone, an agent's leg, somebody's chat), or raises
`BadRequest` when the message is malformed. Adapters never import each other.
"""

from datetime import tzinfo
from importlib import import_module

from chalicelib.dataclass import dataclass
from chalicelib.errors import NotFound
from chalicelib.events import CallEnded

POSTED = {
    "freeswitch": "freeswitch",
    "asterisk": "asterisk",
    "zoom_phone": "zoom_phone",
    "3cx": "three_cx",
}


@dataclass(frozen=True, slots=True)
class NotACall:
    """A genuine message that ends no call: answered politely, logged with `reason`, otherwise ignored."""

    reason: str


def posted(source: str, body: bytes, zone: tzinfo) -> CallEnded | NotACall:
    """What `POST /webhooks/{source}` brought, already authenticated. `zone` is the exchange's, for wall clock times.

    Only the adapter asked for is imported: a cold start pays for one.
    """
    if source not in POSTED:
        raise NotFound(f"no such source; known: {', '.join(sorted(POSTED))}")
    parse = import_module(f"chalicelib.sources.{POSTED[source]}").parse
    ended: CallEnded | NotACall = parse(body, zone)
    return ended
