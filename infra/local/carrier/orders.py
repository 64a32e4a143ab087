"""Reading what the service asks for over REST: which sender, which records, which call."""

from flask import request

from . import phone, records, script
from .carrier import Carrier
from .forms import voice
from .model import FINAL_CALL, Call, Message
from .network import Refused


def check_sender(carrier: Carrier, sender: str | None, service: str | None) -> None:
    if not sender and not service:
        raise Refused(21603, "A 'From' or 'MessagingServiceSid' parameter is required to send a message")
    if (service or sender) not in (carrier.settings.sender, carrier.settings.number):
        raise Refused(
            21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number."
        )


def message(carrier: Carrier, sid: str) -> Message:
    found = carrier.network.messages.get(sid)
    if found is None or found.deleted:
        raise not_found()
    return found


def call(carrier: Carrier, sid: str) -> Call:
    found = carrier.network.calls.get(sid)
    if found is None or found.deleted:
        raise not_found()
    return found


def not_found() -> Refused:
    return Refused(20404, f"The requested resource {request.path} was not found", 404)


def messages_asked_for(carrier: Carrier) -> list[Message]:
    to, sender, fits = (
        request.args.get("To"),
        request.args.get("From"),
        records.within(request.args, "DateSent"),
    )
    return [
        each
        for each in reversed(carrier.network.snapshot().messages)
        if not each.deleted
        and (to is None or each.to == to)
        and (sender is None or each.sender == sender)
        and fits(each.sent_at or each.created_at)
    ]


def calls_asked_for(carrier: Carrier) -> list[Call]:
    asked, fits = request.args, records.within(request.args, "StartTime")
    return [
        each
        for each in reversed(carrier.network.snapshot().calls)
        if not each.deleted
        and asked.get("To") in (None, each.to)
        and asked.get("From") in (None, each.sender)
        and asked.get("Status") in (None, each.status)
        and fits(each.answered_at or each.created_at)
    ]


def call_ordered(carrier: Carrier) -> Call:
    """The call as the form orders it."""
    asked = request.form
    if asked.get("From") != carrier.settings.voice_number:
        raise Refused(21212, "Invalid From Number (caller ID)")
    return phone.ordered(
        carrier,
        to=asked.get("To", ""),
        url=asked.get("Url", ""),
        callback=asked.get("StatusCallback"),
        events=tuple(asked.getlist("StatusCallbackEvent")) or ("completed",),
        detection=asked.get("MachineDetection"),
        timeout=min(int(asked.get("Timeout", 60)), 600),
    )


def change_call(carrier: Carrier, now: Call) -> None:
    """Cancel or end a call, or give it other instructions."""
    if now.status in FINAL_CALL:
        raise Refused(21220, "Call is not in-progress. Cannot redirect.")
    if request.form.get("Status") in ("canceled", "completed"):
        phone.end(carrier, now.sid, "completed" if now.status == "in-progress" else "canceled")
    elif request.form.get("Url"):
        with carrier.turns[now.sid]:
            script.fetch(carrier, now, request.form["Url"], voice(carrier.settings, now))
        phone.after_script(carrier, now.sid)
