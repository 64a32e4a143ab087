"""What the simulated carrier keeps: texts, phone calls and handsets. Plain frozen records."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Behaviour = Literal["answers", "no_answer", "busy", "machine", "silent"]
Kind = Literal["mobile", "landline"]

FINAL_TEXT = frozenset({"delivered", "undelivered", "failed", "received"})
FINAL_CALL = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the carrier finds the service, and the account both sides know."""

    public_url: str  # of the service, without a slash at its end
    account_sid: str
    auth_token: str
    sender: str  # TWILIO_FROM: a number, or the sid of a messaging service (MG…)
    voice_number: str
    webhook_secret: str  # the contact centre's, whsec_…
    pace: float = 0.1  # seconds between two steps of a delivery; rings last 20 of them

    @property
    def number(self) -> str:
        """The survey number as handsets see it."""
        return self.sender if self.sender.startswith("+") else self.voice_number

    @property
    def text_url(self) -> str:
        return f"{self.public_url}/webhooks/twilio/sms#rc=3&rp=5xx,ct,rt"

    @property
    def voice_url(self) -> str:
        return f"{self.public_url}/webhooks/twilio/voice#rc=3&rp=5xx,ct,rt"

    @property
    def call_status_url(self) -> str:
        return f"{self.public_url}/webhooks/twilio/call-status#rc=3&rp=5xx,ct,rt"


@dataclass(frozen=True, slots=True)
class Message:
    """One text on its way to a handset or from one."""

    sid: str
    direction: Literal["inbound", "outbound-api", "outbound-reply"]
    to: str
    sender: str
    body: str
    status: str  # queued, sent, delivered, undelivered, failed; receiving, received when inbound
    created_at: datetime
    sent_at: datetime | None = None
    callback: str | None = None  # where its delivery is reported
    service: str | None = None  # the messaging service it was sent through
    error_code: int | None = None
    fate: str = ""  # what a fault has in store for it: "drop", "undelivered:30006" …
    arrived: int = 0  # how often the handset got it: 2 for a duplicate
    by_carrier: bool = False  # the carrier's own answer to STOP, HELP or START
    replies_to: str | None = None  # the inbound text it answers
    deleted: bool = False  # gone from the carrier's records; the handset still has it


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said, played, keyed or noted during a phone call."""

    kind: Literal["say", "play", "keys", "spoken", "note"]  # keys, spoken: the caller's
    text: str
    language: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One phone call and how far its instructions have been followed."""

    sid: str
    direction: Literal["inbound", "outbound-api"]
    to: str
    sender: str
    status: str  # queued, ringing, in-progress, completed, busy, no-answer, canceled, failed
    created_at: datetime
    url: str  # where its first instructions come from
    callback: str | None = None
    events: tuple[str, ...] = ("completed",)  # which changes are reported
    detection: str | None = None  # MachineDetection as asked for
    timeout: int = 60  # seconds it may ring
    answered_by: str | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talked_seconds: int = 0  # with an agent, before it was handed over to us
    sequence: int = 0  # of the next status report
    fate: str = ""
    lines: tuple[Line, ...] = ()
    document: str = ""  # the instructions being followed, …
    document_url: str = ""  # … where they came from …
    position: int = 0  # … and the next one of them
    waiting: bool = False  # the instruction at `position` is a Gather that waits for keys
    keyed: str = ""  # pressed so far into that Gather
    turn: int = 0  # how many Gathers were reached: names the one a silence is about
    deleted: bool = False

    @property
    def caller(self) -> str:
        """The handset's number, whoever rang."""
        return self.to if self.direction == "outbound-api" else self.sender

    @property
    def seconds(self) -> int:
        """How long the two sides were connected."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return self.talked_seconds + max(1, round((self.ended_at - self.answered_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Handset:
    """A phone that somebody holds, or that acts by itself."""

    number: str
    kind: Kind
    behaviour: Behaviour = "answers"
    label: str = ""
    language: str = "en"  # which language its owner would choose at the contact centre
    shown: bool = False  # on the page without being asked for


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the carrier would show in its debugger."""

    at: datetime
    code: (
        int  # Twilio's: 11200 no usable answer, 12100 not XML, 12200 no such instruction, 12300 content type
    )
    url: str
    text: str


def fresh_sid(prefix: str) -> str:
    """A new identifier in Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)
