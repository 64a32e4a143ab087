"""What happened. Past tense, frozen; the clock and every look-up arrive on the event."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.dataclass import dataclass
from chalicelib.script import Reading


@dataclass(frozen=True, slots=True)
class CallEnded:
    """One phone conversation with the contact centre, over.

        {"call_id": "c-81f2", "caller": "+46701740612", "ended_at": "2026-11-21T10:02:41+01:00", "queue": "permits"}

    Sources translate their own message into this and decide nothing.
    """

    call_id: str  # 1-128 of A-Za-z0-9._:@-
    caller: str | None  # as the source wrote it; None when withheld
    ended_at: datetime  # aware, UTC
    started_at: datetime | None = None
    direction: str = "inbound"  # or "outbound", "internal"
    answered: bool = True  # by a person
    language: str | None = None
    queue: str = ""
    team: str = ""
    agent: str = ""
    wait: timedelta | None = None
    talk: timedelta | None = None  # None: nobody told us, which is long enough
    callback_consent: bool | None = None  # asked by the agent, during the call
    channel: str | None = None  # "sms" or "voice" when the source insists
    survey: str | None = None  # "never": do not survey this call
    test: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    on_the_line: bool = False  # still connected: handed over to be asked at once
    chain: tuple[str, ...] = ()  # queues the call went through, first to last, when it was transferred


class Outcome(StrEnum):
    """What became of one attempt to reach the caller: one table for texts and calls."""

    ACCEPTED = "accepted"  # the carrier took it
    DELIVERED = "delivered"  # it is on the handset
    LANDLINE = "landline"  # a text cannot get there, a voice can
    NEVER = "never"  # the number does not exist or is barred
    OPTED_OUT = "opted_out"  # the carrier keeps a STOP we did not have
    ONCE_MORE = "once_more"  # a passing fault: one more try
    WAIT = "wait"  # throttled: certainly not sent
    STOPPED = "stopped"  # our account or sender is refused: certainly not sent, ops must act
    UNKNOWN = "unknown"  # may have happened
    NOT_FOUND = "not_found"  # looked up: it did not happen
    UNREACHABLE = "unreachable"  # looked up: the carrier did not answer
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"  # never talked to
    ENDED = "ended"  # the line is down again, after it was up


@dataclass(frozen=True, slots=True)
class Gate:
    """May we reach out now? Looked up before a `Due` and carried on it."""

    open_at: datetime | None = None  # None: now; else the next moment inside allowed hours
    refused: str | None = None  # "killed", "opted_out", "ceiling", "trial": do not send at all
    voice: bool = True  # outbound voice is on for this queue, in a language with a voice
    reminder: timedelta | None = timedelta(hours=4)  # None: switched off
    expiry: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the callback desk can promise, looked up when a reply may lead there."""

    ask: bool = True  # policy: ask for consent (else only consent given in the call counts)
    full: bool = False  # more than can be rung within the hard limit
    latest_day: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """The clock reached `Survey.due_at` (or somebody asked for a look)."""

    at: datetime
    gate: Gate


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language a survey can go on in, with the version of its wording."""

    language: str
    wording: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller texted, pressed a key, or said nothing into a `<Gather>`."""

    id: str  # MessageSid, or CallSid and the question's path
    at: datetime
    reading: Reading
    desk: Desk
    voice: bool = False
    question: str = ""  # voice: the path's question, "time-2"; a text answers whatever is open
    tongues: tuple[Tongue, ...] = ()  # the languages offered, in their order
    other: Tongue | None = (
        None  # the text makes no sense in the survey's language, and clearly does in this one
    )
    number: str | None = None  # a valid phone number in the text, E.164
    text: bool = False  # there is a text worth keeping as a remark
    replied: bool = False  # the carrier has already answered (Advanced Opt-Out)
    voice_on: bool = True  # we can ring, in this language
    max_texts: int = 12  # in one survey: beyond that we read, and stay silent


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A line is open: the caller answered our call, rang us, or stayed on after the agent."""

    id: str  # CallSid
    at: datetime
    placed: bool  # we rang: ask first who answers


@dataclass(frozen=True, slots=True)
class Reported:
    """The carrier told us about attempt `attempt`, or we looked it up."""

    attempt: int
    at: datetime
    outcome: Outcome
    gate: Gate
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer call of the same caller took the invitation over."""

    at: datetime
    by: str  # the newer survey's id


Event = Due | Answered | PickedUp | Reported | Superseded
