"""The carrier's records in the shape of Twilio's REST API, and the lists made of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from .forms import VERSION
from .model import FINAL_CALL, Call, Message, Settings
from .segments import parts

Json = dict[str, object]
Record = Message | Call
MOST = 1000  # records a page
WORDS = {
    21610: "Attempt to send to unsubscribed recipient",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30008: "Unknown error",
}


def base(settings: Settings) -> str:
    return f"/{VERSION}/Accounts/{settings.account_sid}"


def record_json(settings: Settings, record: Record) -> Json:
    return message_json(settings, record) if isinstance(record, Message) else call_json(settings, record)


def message_json(settings: Settings, message: Message) -> Json:
    uri = f"{base(settings)}/Messages/{message.sid}"
    changed = message.sent_at or message.created_at
    return {
        "sid": message.sid,
        "account_sid": settings.account_sid,
        "api_version": VERSION,
        "to": message.to,
        "from": message.sender,
        "messaging_service_sid": message.service,
        "body": message.body,
        "status": message.status,
        "direction": message.direction,
        "num_segments": str(parts(message.body)),
        "num_media": "0",
        "date_created": _time(message.created_at),
        "date_sent": _time(message.sent_at),
        "date_updated": _time(changed),
        "price": None,
        "price_unit": "USD",
        "error_code": message.error_code,
        "error_message": WORDS.get(message.error_code) if message.error_code else None,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def call_json(settings: Settings, call: Call) -> Json:
    return {
        "sid": call.sid,
        "account_sid": settings.account_sid,
        "api_version": VERSION,
        "parent_call_sid": None,
        "to": call.to,
        "to_formatted": call.to,
        "from": call.sender,
        "from_formatted": call.sender,
        "status": call.status,
        "direction": call.direction,
        "answered_by": call.answered_by,
        "date_created": _time(call.created_at),
        "date_updated": _time(call.ended_at or call.answered_at or call.created_at),
        "start_time": _time(call.answered_at or call.ended_at),
        "end_time": _time(call.ended_at),
        "duration": str(call.seconds) if call.status in FINAL_CALL else None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{base(settings)}/Calls/{call.sid}.json",
        "subresource_uris": {},
    }


def account_json(settings: Settings) -> Json:
    return {
        "sid": settings.account_sid,
        "owner_account_sid": settings.account_sid,
        "friendly_name": "Simulated carrier",
        "status": "active",
        "type": "Full",
        "uri": f"{base(settings)}.json",
        "subresource_uris": {},
    }


def number_json(settings: Settings) -> Json:
    """The survey number and where the carrier sends what arrives on it."""
    sid = "PN" + "0" * 32
    return {
        "sid": sid,
        "account_sid": settings.account_sid,
        "api_version": VERSION,
        "phone_number": settings.number,
        "friendly_name": settings.number,
        "capabilities": {"sms": True, "voice": True, "mms": False, "fax": False},
        "sms_url": settings.text_url,
        "sms_method": "POST",
        "voice_url": settings.voice_url,
        "voice_method": "POST",
        "status_callback": settings.call_status_url,
        "status_callback_method": "POST",
        "status": "in-use",
        "uri": f"{base(settings)}/IncomingPhoneNumbers/{sid}.json",
    }


def page(settings: Settings, name: str, path: str, records: Sequence[Json], asked: Mapping[str, str]) -> Json:
    """One page of a list, newest records first, with the address of the next."""
    size = min(max(int(asked.get("PageSize", 50)), 1), MOST)
    number = int(asked.get("Page", 0))
    start = number * size
    shown = records[start : start + size]

    def address(of: int) -> str:
        return f"{base(settings)}/{path}?{urlencode({**asked, 'PageSize': size, 'Page': of})}"

    return {
        name: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": address(0),
        "previous_page_uri": address(number - 1) if number else None,
        "next_page_uri": address(number + 1) if start + size < len(records) else None,
        "uri": address(number),
    }


def within(asked: Mapping[str, str], name: str) -> Callable[[datetime], bool]:
    """A filter from `DateSent`, `DateSent<` and `DateSent>` (both ends included), given as days or times in UTC."""
    day, latest, earliest = asked.get(name), asked.get(f"{name}<"), asked.get(f"{name}>")

    def fits(at: datetime) -> bool:
        return (
            (day is None or at.date() == _read(day, at).date())
            and (latest is None or _whole_seconds(at) <= _read(latest, at))
            and (earliest is None or _whole_seconds(at) >= _read(earliest, at))
        )

    return fits


def _read(written: str, like: datetime) -> datetime:
    read = datetime.fromisoformat(written)
    return read if read.tzinfo else read.replace(tzinfo=like.tzinfo)


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _time(at: datetime | None) -> str | None:
    return format_datetime(at) if at else None
