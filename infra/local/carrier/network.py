"""The network itself: numbers, texts, calls and who opted out. Its rules are Twilio's; it speaks no HTTP.

Laws: a text is kept before it is acknowledged; an opted-out number is sent nothing; only an exact single keyword
opts out or in (other words are the service's to honour); a record never goes back to an earlier status.
"""

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import phonenumbers

from infra.local.clock import LocalClock

from .model import FINAL_CALL, Call, Handset, Message
from .store import Kept, Writer, load

# Twilio's default keywords for long codes: the whole message, in any case.
STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})

FIRST_HANDSETS = (
    Handset("+46701740605", "mobile", "answers", "Mobile, Swedish", "sv", shown=True),
    Handset("+447700900123", "mobile", "answers", "Mobile, English", "en", shown=True),
    Handset("+46313900600", "landline", "answers", "Landline, Swedish", "sv", shown=True),
)


class Refused(Exception):
    """What the carrier will not do: Twilio's code, its words, and the HTTP status that goes with it."""

    def __init__(self, code: int, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code, self.status = code, status


class Network:
    """Every record, behind one lock. Records are frozen: a change is a new one under the same key."""

    def __init__(self, clock: LocalClock, path: Path) -> None:
        kept = load(path)
        self.clock = clock
        self.messages = {message.sid: message for message in kept.messages}
        self.calls = {call.sid: call for call in kept.calls}
        self.handsets = {handset.number: handset for handset in kept.handsets or FIRST_HANDSETS}
        self.opted_out = set(kept.opted_out)
        self.lock = threading.RLock()
        self.version = 0
        self._writer = Writer(path, self.snapshot)

    def now(self) -> datetime:
        return self.clock.now()

    def snapshot(self) -> Kept:
        with self.lock:
            return Kept(
                tuple(self.messages.values()), tuple(self.calls.values()),
                tuple(self.handsets.values()), tuple(sorted(self.opted_out)),
            )  # fmt: skip

    def keep(self, record: Message | Call | Handset) -> None:
        """Remember a new or changed record."""
        with self.lock:
            if isinstance(record, Message):
                self.messages[record.sid] = record
            elif isinstance(record, Call):
                self.calls[record.sid] = record
            else:
                self.handsets[record.number] = record
            self.changed()

    def changed(self) -> None:
        self.version += 1
        self._writer.touch()

    def flush(self) -> None:
        """Return when everything so far would survive a crash."""
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """Forget everything but the first handsets."""
        with self.lock:
            for records in (self.messages, self.calls, self.handsets, self.opted_out):
                records.clear()
            self.handsets.update({handset.number: handset for handset in FIRST_HANDSETS})
            self.changed()

    def handset(self, number: str) -> Handset:
        """The phone with this number; one is switched on when nobody has asked for it before."""
        with self.lock:
            if number not in self.handsets:
                self.keep(Handset(number, "landline" if is_landline(number) else "mobile"))
            return self.handsets[number]

    def texts_of(self, number: str) -> list[Message]:
        """What this handset shows, in order: texts written on it and texts that arrived."""
        with self.lock:
            return [
                message
                for message in self.messages.values()
                if message.sender == number or (message.to == number and message.arrived)
            ]

    def call_of(self, number: str) -> Call | None:
        """The handset's call: the one going on, else the last one."""
        with self.lock:
            mine = [call for call in self.calls.values() if call.caller == number and call.status != "queued"]
        going_on = [call for call in mine if call.status not in FINAL_CALL]
        latest = going_on or mine
        return latest[-1] if latest else None

    def hear_keyword(self, number: str, body: str) -> str | None:
        """Opt the number out or in when the whole text is one carrier keyword; the carrier's own answer, if any."""
        word = body.strip().upper()
        with self.lock:
            if word in STOP:
                self.opted_out.add(number)
            elif word in START:
                self.opted_out.discard(number)
            self.changed()
        if word in STOP:
            return "You are unsubscribed and will get no more messages from this number. Reply START to get them again."
        if word in HELP:
            return "Reply STOP to unsubscribe. Your usual rates for messages may apply."
        if word in START and word != "YES":  # YES opts in silently: it may just be an answer
            return "You are subscribed to messages from this number again. Reply STOP to unsubscribe."
        return None

    def update_message(self, sid: str, **changes: Any) -> Message:
        with self.lock:
            self.keep(changed := replace(self.messages[sid], **changes))
            return changed

    def update_call(self, sid: str, **changes: Any) -> Call:
        with self.lock:
            self.keep(changed := replace(self.calls[sid], **changes))
            return changed


def check_number(number: str) -> None:
    """Refused with 21211 unless a phone could have this number. Numbers reserved for fiction are possible ones."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException as error:
        raise Refused(21211, "Invalid 'To' Phone Number") from error
    if not number.startswith("+") or not phonenumbers.is_possible_number(parsed):
        raise Refused(21211, "Invalid 'To' Phone Number")


def is_landline(number: str) -> bool:
    """Whether the numbering plan says so."""
    fixed = phonenumbers.PhoneNumberType.FIXED_LINE
    return bool(phonenumbers.number_type(phonenumbers.parse(number, None)) == fixed)


def country(number: str) -> str:
    """The two letters Twilio would put into `FromCountry`; empty when unknown."""
    return str(phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or "")
