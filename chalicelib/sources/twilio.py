"""Twilio's voice status callback.

    CallSid=CA…&CallStatus=completed&Direction=inbound&CallDuration=49&From=%2B46701740612&Timestamp=Sat%2C+21+Nov…

Source: Twilio's Call resource, "statusCallbackEvent". `CallDuration` is seconds, `Duration` is minutes. To Twilio
`completed` means that some TwiML answered, not that a person did: a `DialCallStatus` beside it knows better.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign

TERMINAL = ("completed", "busy", "no-answer", "canceled", "failed")
CALL_SID = re.compile(r"CA[0-9a-f]{32}", re.IGNORECASE)
DIGITS = re.compile(r"[0-9]{1,6}")


def call_status(form: Mapping[str, str], now: datetime) -> CallEnded | NotACall:
    """The inbound call this status ends. `now` stands in where Twilio tells no time."""
    status, direction = form.get("CallStatus", ""), form.get("Direction", "")
    if not CALL_SID.fullmatch(form.get("CallSid", "")):
        raise BadRequest("CallSid", "must be CA and 32 hexadecimal digits")
    if direction != "inbound":
        return NotACall(f"not an inbound call: {foreign.word(direction)}")
    if status not in TERMINAL:
        return NotACall(f"not over yet: {foreign.word(status)}")
    return CallEnded(
        call_id=form["CallSid"],
        caller=foreign.phone(form.get("From")),
        ended_at=_timestamp(form.get("Timestamp"), now),
        answered=status == "completed" and form.get("DialCallStatus", status) in ("completed", "answered"),
        talk=_seconds(form, "DialCallDuration" if form.get("DialCallDuration") else "CallDuration"),
    )


def _timestamp(written: str | None, now: datetime) -> datetime:
    """RFC 2822, `Sun, 25 Mar 2018 09:53:19 +0000`."""
    if not written:
        return now.astimezone(UTC)
    try:
        at = parsedate_to_datetime(written)
        if at.tzinfo is None:  # "-0000": a time that does not say where
            raise BadRequest("Timestamp", "must carry an offset")
        return fields.plausible(at.astimezone(UTC), "Timestamp")
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise BadRequest("Timestamp", "is not an RFC 2822 date") from error


def _seconds(form: Mapping[str, str], field: str) -> timedelta | None:
    written = form.get(field)
    if not written:
        return None
    if not DIGITS.fullmatch(written):
        raise BadRequest(field, "must be whole seconds")
    return fields.seconds(int(written), field)
