"""A survey: one record per ended call, invited or not, and what can be read off it.

The rules that change it stand in `advance`; nothing here decides.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.dataclass import dataclass
from chalicelib.effects import Effect, decode, encode
from chalicelib.events import Outcome
from chalicelib.script import QUESTIONS, Value

SEEN = 6  # how many event ids a record remembers: more than a carrier has under way from one handset


class Stage(StrEnum):
    """How far a survey has come. Drawn with all its moves in docs/machine.md."""

    NOT_INVITED = "not_invited"
    PLANNED = "planned"  # to be reached at `planned_at`; nothing is under way
    ASKING = "asking"  # one of the three questions is open
    CONSENT = "consent"  # "may we call you back?" is open
    DONE = "done"  # the result is fixed; remarks, corrections and receipts are taken until `closes_at`
    CLOSED = "closed"  # frozen, and holds no number


class Disposition(StrEnum):
    """How a survey ended. AAPOR Standard Definitions 2023, classes in brackets."""

    COMPLETE = "complete"  # (I) three answers
    PARTIAL = "partial"  # (P) two
    BREAK_OFF = "break_off"  # (R) one, or a reply and no answer
    REFUSED = "refused"  # (R) said or pressed no, hung up at the offer, skipped all three
    OPTED_OUT = "opted_out"  # (R)
    NON_CONTACT = "non_contact"  # (NC) delivered and silent, rang and nobody, or never deliverable
    UNKNOWN = "unknown"  # (UO) no receipt ever came
    OTHER = "other"  # (O) somebody else picked up
    NOT_ELIGIBLE = "not_eligible"  # (NE) "I never called"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach the caller, recorded before it is made."""

    n: int
    kind: str  # "invite", "reminder" or "ring"
    voice: bool
    at: datetime
    outcome: Outcome | None = None  # None: under way, no word from the carrier yet
    sid: str | None = None
    looks: int = 0  # how often we asked the carrier about it

    @property
    def unheard(self) -> bool:
        """It may have reached the caller, and nobody has said so."""
        return self.outcome in (None, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Survey:
    """One caller's pass through the script, and the ledger of the call that led to it."""

    id: str  # says nothing about the call; safe in a path
    call_id: str
    ended_at: datetime  # of the call, UTC
    local_day: date  # of `ended_at`, in the office's zone at the time
    stage: Stage
    queue: str = ""
    team: str = ""
    agent: str = ""
    chain: tuple[str, ...] = ()  # queues the call went through, first to last, when it was handed on
    reason: str | None = None  # why not invited; or, when closed unsent, why not sent
    channel: str = ""  # "sms" or "voice": how it was answered, else how we last tried
    language: str = ""
    language_from: str = ""  # "call", "last", "queue", "default", or "caller" who chose it
    offers: tuple[str, ...] = ()  # languages offered as 5 and 6, while ours is only assumed
    wording: str = ""  # version of the prompts
    style: str = "one_by_one"  # or "all_in_one"
    callback_consent: bool | None = None  # as the call itself told us
    caller: str | None = None  # keyed hash; None once closed
    sealed: bytes | None = None  # the number, encrypted; None once closed
    planned_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    asked: tuple[str, ...] = ()  # shown to the caller, not yet answered, in order
    asked_at: datetime | None = None
    turn: int = 1  # how often the open question has been put
    charged: int = 0  # of these, how often because the reply was not understood
    answers: Mapping[str, Value] = field(default_factory=dict)  # in the order given
    undone: tuple[str, ...] = ()  # a question is reopened once
    consent: str = ""  # "asked", "yes", "no", "given" (during the call), "full", "withdrawn"
    consent_at: datetime | None = None
    promised: date | None = None  # the latest day we said we would ring
    ring: bool = False  # the caller asked to be rung
    replied: bool = False  # a person answered: a text, or a key
    reminded: bool = False
    remarks: int = 0
    thanked: bool = False  # for a remark after the last question
    texts: int = 0  # how many we sent, paid attempts and replies alike
    disposition: Disposition | None = None
    closes_at: datetime | None = None
    superseded_by: str | None = None
    seen: tuple[tuple[str, str], ...] = ()  # last events applied -> their effects' codes
    due_at: datetime | None = None  # when the sweep must look again, at the latest
    version: int = 0

    @property
    def next_question(self) -> str | None:
        """The first of the three that has not ended yet."""
        return next((question for question in QUESTIONS if question not in self.answers), None)

    @property
    def answered(self) -> int:
        """How many of the three were answered yes or no."""
        return sum(value in (Value.YES, Value.NO) for value in self.answers.values())

    @property
    def delivered(self) -> bool:
        """A handset had it, or a person answered."""
        return self.replied or any(attempt.outcome is Outcome.DELIVERED for attempt in self.attempts)

    @property
    def by_voice(self) -> bool:
        """The survey lives on the phone line alone: it ends when the line goes down."""
        texted = (attempt for attempt in self.attempts if not attempt.voice)
        return self.channel == "voice" and all(attempt.outcome is Outcome.LANDLINE for attempt in texted)

    @property
    def owed(self) -> bool:
        """The caller agreed to be called back, and has not thought better of it."""
        return self.consent in ("yes", "given")

    def attempt(self, n: int) -> Attempt | None:
        return self.attempts[n - 1] if 0 < n <= len(self.attempts) else None

    def recorded(self, event_id: str) -> tuple[Effect, ...] | None:
        """What this event led to when it came first; None for a new one."""
        for seen, codes in self.seen:
            if seen == event_id:
                return tuple(map(decode, codes.split()))
        return None

    def remember(self, event_id: str, effects: tuple[Effect, ...]) -> tuple[tuple[str, str], ...]:
        """`seen` with this event added and the oldest dropped."""
        return (*self.seen, (event_id, " ".join(map(encode, effects))))[-SEEN:]


RECEIPTS = timedelta(hours=72)  # a receipt this late after closing still tells silence from not delivered
