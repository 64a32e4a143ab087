"""Texts: from the service to a handset with reports on the way, and from a handset to the service and back."""

from dataclasses import replace
from functools import partial
from urllib.parse import urljoin

from . import forms, twiml
from .carrier import Carrier
from .faults import Fault
from .model import FINAL_TEXT, Message, fresh_sid
from .network import Refused, check_number
from .webhooks import Form

LONGEST = 1600  # characters
MOST_DOCUMENTS = 5  # redirects followed for one text


def accept(
    carrier: Carrier, to: str, body: str, callback: str | None, service: str | None, fault: Fault | None
) -> Message:
    """Take a text for delivery, or raise Refused. It is on disk when this returns."""
    check_number(to)
    if not body:
        raise Refused(21602, "Message body is required")
    if len(body) > LONGEST:
        raise Refused(21617, "The concatenated message body exceeds the 1600 character limit")
    if callback and not callback.startswith(("http://", "https://")):
        raise Refused(21609, "Invalid 'StatusCallback'")
    if carrier.network.handset(to).kind == "landline":
        raise Refused(21614, "'To' number is not a valid mobile number")
    if to in carrier.network.opted_out:
        raise Refused(21610, "Attempt to send to unsubscribed recipient")
    message = _outbound(carrier, to, body, callback)
    message = replace(message, service=service, fate=fault.do if fault else "")
    carrier.network.keep(message)
    carrier.network.flush()
    carry(carrier, message, fault.seconds if fault and fault.do == "delay" else 0.0)
    return message


def _outbound(carrier: Carrier, to: str, body: str, callback: str | None) -> Message:
    sender, now = carrier.settings.number, carrier.network.now()
    return Message(fresh_sid("SM"), "outbound-api", to, sender, body, "queued", now, callback=callback)


def carry(carrier: Carrier, message: Message, wait: float = 0.0) -> None:
    """Take the text to its handset step by step, reporting each."""
    _report(carrier, message)
    carrier.later.run(wait + carrier.settings.pace, partial(_step, carrier, message.sid))


def _step(carrier: Carrier, sid: str) -> None:
    message = carrier.network.messages.get(sid)
    if message is None or message.status in FINAL_TEXT:
        return
    changes = _next(carrier, message)
    if not changes:
        return
    message = carrier.network.update_message(sid, **changes)
    _report(carrier, message)
    if message.status not in FINAL_TEXT:
        carrier.later.run(carrier.settings.pace * 2, partial(_step, carrier, sid))


def _next(carrier: Carrier, message: Message) -> dict[str, object]:
    """What changes about the text now; nothing when it goes no further."""
    end, _, code = message.fate.partition(":")
    copies = 2 if message.fate == "duplicate" else 1
    if message.status == "queued" and end == "failed":
        return {"status": "failed", "error_code": int(code)}
    if message.status == "queued":
        heard_of_no_more = {"arrived": 1} if end == "no_receipt" else {}
        return {"status": "sent", "sent_at": carrier.network.now()} | heard_of_no_more
    if end in ("drop", "no_receipt"):
        return {}
    if end == "undelivered":
        return {"status": "undelivered", "error_code": int(code)}
    return {"status": "delivered", "arrived": max(message.arrived, copies)}


def _report(carrier: Carrier, message: Message) -> None:
    """Tell the service, on another thread: reports may overtake one another, as they do in life."""
    if message.callback and not message.deleted and message.fate not in ("drop", "no_receipt"):
        form = forms.text_status(carrier.settings, message, message.status)
        carrier.later.run(0, lambda: _tell(carrier, message, form))


def _tell(carrier: Carrier, message: Message, form: Form) -> None:
    carrier.post("text-status", message.callback or "", form)


def write(carrier: Carrier, number: str, body: str) -> list[Message]:
    """Somebody writes a text on a handset; the answers that came back, arrived already."""
    now = carrier.network.now()
    message = Message(
        fresh_sid("SM"), "inbound", carrier.settings.number, number, body, "receiving", now, sent_at=now
    )
    carrier.network.handset(number)
    carrier.network.keep(message)
    own = carrier.network.hear_keyword(number, body)
    carrier.network.flush()
    replies = [_arrive(carrier, message, twiml.Text(own, None), by_carrier=True)] if own else []
    return replies + hand_in(carrier, message)


def hand_in(carrier: Carrier, message: Message) -> list[Message]:
    """Pass an inbound text to the service and deliver its answers."""
    wanted = _answers(carrier, message)
    carrier.network.update_message(message.sid, status="received")
    return [_arrive(carrier, message, text) for text in wanted]


def _answers(carrier: Carrier, message: Message) -> list[twiml.Text]:
    url, form = carrier.settings.text_url, forms.inbound_text(carrier.settings, message)
    texts: list[twiml.Text] = []
    for _ in range(MOST_DOCUMENTS):
        answer = carrier.post("text", url, form)
        if answer is None or answer.status >= 300:
            break
        try:
            verbs = twiml.read(answer)
        except twiml.Rejected as error:
            carrier.note(error.code, url, str(error))
            break
        for strange in (verb for verb in verbs if not isinstance(verb, twiml.FOR_TEXTS)):
            carrier.note(12200, url, f"<{type(strange).__name__}> in the answer to a text")
        texts += [_complete(verb, url) for verb in verbs if isinstance(verb, twiml.Text) and verb.body]
        onward = next((verb for verb in verbs if isinstance(verb, twiml.Redirect)), None)
        if onward is None:
            break
        url = urljoin(url, onward.url)
    return texts


def _complete(text: twiml.Text, url: str) -> twiml.Text:
    return replace(text, callback=urljoin(url, text.callback)) if text.callback else text


def _arrive(carrier: Carrier, question: Message, text: twiml.Text, by_carrier: bool = False) -> Message:
    """An answer to an inbound text, on the handset at once; its reports follow. Opted-out numbers get none."""
    barred = question.sender in carrier.network.opted_out and not by_carrier
    reply = replace(
        _outbound(carrier, question.sender, text.body, text.callback),
        direction="outbound-reply",
        replies_to=question.sid,
        by_carrier=by_carrier,
        fate="failed:21610" if barred else "",
        arrived=0 if barred else 1,
    )
    carrier.network.keep(reply)
    carry(carrier, reply)
    return reply
