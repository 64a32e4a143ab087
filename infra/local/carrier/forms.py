"""The forms Twilio posts: which fields, in which shape, blank ones included (signatures cover them)."""

from email.utils import format_datetime

from .model import FINAL_CALL, Call, Message, Settings
from .network import country
from .segments import parts
from .webhooks import Form

VERSION = "2010-04-01"


def inbound_text(settings: Settings, message: Message) -> Form:
    return {
        "ToCountry": country(message.to),
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message.body,
        "FromCountry": country(message.sender),
        "To": message.to,
        "ToZip": "",
        "NumSegments": str(parts(message.body)),
        "MessageSid": message.sid,
        "AccountSid": settings.account_sid,
        "From": message.sender,
        "ApiVersion": VERSION,
    } | _service(settings)


def text_status(settings: Settings, message: Message, status: str) -> Form:
    """`ErrorCode` only where there is one; `MessagingServiceSid` only when sent through one."""
    return (
        {
            "ApiVersion": VERSION,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": message.to,
            "From": message.sender,
            "MessageSid": message.sid,
            "AccountSid": settings.account_sid,
        }
        | ({"ErrorCode": str(message.error_code)} if message.error_code else {})
        | (_service(settings) if message.service else {})
    )


def _service(settings: Settings) -> dict[str, str]:
    return {"MessagingServiceSid": settings.sender} if settings.sender.startswith("MG") else {}


def voice(settings: Settings, call: Call) -> dict[str, str]:
    """What every request about a call carries."""
    known = {
        "AccountSid": settings.account_sid,
        "ApiVersion": VERSION,
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": call.direction,
        "From": call.sender,
        "To": call.to,
    }
    for name, number in (
        ("From", call.sender),
        ("Caller", call.sender),
        ("To", call.to),
        ("Called", call.to),
    ):
        known |= {name: number, f"{name}Country": country(number)}
        known |= {f"{name}{part}": "" for part in ("City", "State", "Zip")}
    if call.answered_by:
        known["AnsweredBy"] = call.answered_by
    return known


def pressed(settings: Settings, call: Call, digits: str, finished_on: str) -> Form:
    """The result of a Gather; with no digits, that of a silence."""
    return voice(settings, call) | {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}


def spoken(settings: Settings, call: Call, words: str, language: str) -> Form:
    """The result of a Gather that heard words."""
    return voice(settings, call) | {"SpeechResult": words, "Confidence": "0.91", "Language": language}


def handed_over(settings: Settings, call: Call, agent_sid: str) -> Form:
    """What `<Dial action>` is told when the agent has hung up and the caller stays."""
    return voice(settings, call) | {
        "DialCallStatus": "completed",
        "DialCallDuration": str(call.talked_seconds),
        "DialCallSid": agent_sid,
        "DialBridged": "true",
    }


def call_status(settings: Settings, call: Call, status: str) -> Form:
    """A voice status callback. `CallDuration` is in seconds, `Duration` in minutes begun."""
    form = voice(settings, call) | {
        "CallStatus": status,
        "Timestamp": format_datetime(call.ended_at or call.answered_at or call.created_at),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.sequence),
    }
    if status in FINAL_CALL:
        form |= {"CallDuration": str(call.seconds), "Duration": str(-(-call.seconds // 60))}
    if status in SIP:
        form["SipResponseCode"] = SIP[status]
    return form


SIP = {"busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}
