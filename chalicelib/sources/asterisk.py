"""Asterisk, by a small posted JSON: an ARI `ChannelDestroyed`, an AMI `Cdr` event, or a row of the CDR table.

    {"type": "ChannelDestroyed", "timestamp": "2026-07-10T15:03:00.000+0000",
     "channel": {"id": "1594380180.12", "state": "Up",
                 "caller": {"number": "+46701740612"}, "connected": {"number": "+46313900600"}}}
    {"uniqueid": "1594380180.12", "linkedid": "1594380180.12", "src": "+46701740612",
     "end": "2026-07-10 17:03:00", "billsec": "168", "disposition": "ANSWERED", "lastapp": "Queue"}

CDR times are local unless `usegmtime=yes`: the zone is a setting. Channels of one conversation share a `linkedid`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign, hints, strict
from chalicelib.sources.foreign import at

CLOCK = "%Y-%m-%d %H:%M:%S"


def parse(body: bytes, zone: tzinfo) -> CallEnded | NotACall:
    message = strict.document(body)
    kind = foreign.label(at(message, "type") or at(message, "Event"))
    if kind == "ChannelDestroyed":
        return _destroyed(message)
    if kind in ("", "Cdr"):
        return _cdr(message, zone)
    return NotACall(f"not the end of a call: {foreign.word(kind)}")


def _destroyed(message: Mapping[str, object]) -> CallEnded | NotACall:
    channel, variables = at(message, "channel"), at(message, "channel", "channelvars")
    own = fields.call_id(at(channel, "id"), "channel.id")
    if (at(variables, "CHANNEL(linkedid)") or own) != own:
        return NotACall("the dialled channel of another call")
    ended = CallEnded(
        call_id=own,
        caller=foreign.phone(at(channel, "caller", "number")),
        ended_at=fields.instant(at(message, "timestamp"), "timestamp"),
        started_at=foreign.instant(at(channel, "creationtime")),
        # "Up" alone may be a queue playing music; somebody connected is a person
        answered=at(channel, "state") == "Up" and bool(foreign.label(at(channel, "connected", "number"))),
    )
    return hints.apply(ended, variables)


def _cdr(row: Mapping[str, object], zone: tzinfo) -> CallEnded | NotACall:
    own = fields.call_id(at(row, "uniqueid"), "uniqueid")
    if (at(row, "linkedid") or own) != own:
        return NotACall("a later part of another call")
    ended = CallEnded(
        call_id=own,
        caller=foreign.phone(_either(row, "src", "Source")),
        ended_at=_clock(_either(row, "end", "EndTime"), "end", zone),
        answered=foreign.label(at(row, "disposition")).upper() == "ANSWERED",
        queue=_queue(row),
    )
    talk = foreign.length(_either(row, "billsec", "BillableSeconds"))
    return hints.apply(replace(ended, talk=talk), row)


def _queue(row: Mapping[str, object]) -> str:
    """`Queue(permits,t)` leaves lastapp "Queue" and lastdata "permits,t"."""
    if foreign.label(_either(row, "lastapp", "LastApplication")).lower() != "queue":
        return ""
    return foreign.label(_either(row, "lastdata", "LastData")).partition(",")[0]


def _clock(value: object, field: str, zone: tzinfo) -> datetime:
    """With an offset when the sender was careful, else on the exchange's wall."""
    if isinstance(value, str) and fields.INSTANT.fullmatch(value):
        return fields.instant(value, field)
    return foreign.local(value, field, CLOCK, zone)


def _either(row: Mapping[str, object], table: str, manager: str) -> object:
    found = at(row, table)
    return at(row, manager) if found is None else found
