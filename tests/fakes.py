"""A survey under way and the phone at its other end, without carrier, table or network: for tests of the machine.

    phone = Phone.invited()          # by text; `Phone.invited("voice")` rings
    phone.writes("1")                # (Ask("time"),)
    phone.survey.answers             # {"service": "yes"}
    phone.waits(hours=24)            # the clock looks whenever something is due

The phone goes through the real reader, the real machine and the real wording, as the service does.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from chalicelib.advance import advance
from chalicelib.aloud import heard
from chalicelib.conversation import answering_in, worth_keeping
from chalicelib.effects import Ask, Effect, Send, Tell
from chalicelib.events import (
    Answered,
    Desk,
    Due,
    Event,
    Gate,
    Outcome,
    PickedUp,
    Reported,
    Superseded,
    Tongue,
)
from chalicelib.numbers import in_text
from chalicelib.prompts import Prompts, load, stops
from chalicelib.reading import key, read, speech
from chalicelib.script import QUESTIONS, Meaning
from chalicelib.survey import Stage, Survey
from chalicelib.wording import Facts, spoken, text

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # a Tuesday; in Stockholm it is twelve
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LANGUAGES = ("sv", "en")  # that the office offers
GATE, DESK = Gate(), Desk(latest_day=date(2026, 11, 25))
FACTS = Facts(
    "Exempelverket", "0770-000 000", "8-16", "0770-000 000", date(2026, 11, 24), number="+46701740613"
)


def planned(channel: str = "sms", **changes: Any) -> Survey:
    """A survey whose call ended at noon, to be sent at once."""
    usual = Survey(
        id="k3v7qd5ezn2m4t6y8w9x1c2b3a", call_id="c-81f2", ended_at=NOON, local_day=date(2026, 11, 24),
        stage=Stage.PLANNED, queue="permits", team="north", agent="a-17", channel=channel, language="sv",
        language_from="call", wording="9c1f0000", caller="c" * 32, sealed=b"s" * 40, planned_at=NOON, due_at=NOON,
    )  # fmt: skip
    return replace(usual, **changes)


@dataclass(slots=True)
class Phone:
    """What the caller does, what they get back, and the clock."""

    survey: Survey
    now: datetime = NOON
    gate: Gate = GATE
    desk: Desk = DESK
    receipts: bool = True  # texts are reported as delivered
    max_texts: int = 12
    voice_on: bool = True
    said: tuple[Effect, ...] = ()  # what the last step led to
    everything: list[Effect] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # in words, as texted or spoken
    path: str = ""  # where the next key goes
    _ids: Any = field(default_factory=count)

    @classmethod
    def invited(
        cls, channel: str = "sms", gate: Gate = GATE, receipts: bool = True, **changes: Any
    ) -> "Phone":
        """The first text is on the handset; or the caller has picked up, and has said it was they who called."""
        phone = cls(planned(channel, **changes), gate=gate, receipts=receipts)
        phone.looks()
        if channel == "voice":
            phone.picks_up()
            phone.presses("1")
        return phone

    @property
    def prompts(self) -> Prompts:
        return load(self.survey.language)

    def feeds(self, event: Event) -> tuple[Effect, ...]:
        """One event through the machine; its words are made, so that none is missing in any language."""
        before = self.survey
        self.survey, self.said = advance(before, event)
        self.everything += self.said
        for effect in self.said:
            self._words(effect, event)
        return self.said

    def _words(self, effect: Effect, event: Event) -> None:
        if isinstance(effect, Send):
            self.heard.append(text(self._sent(effect.attempt), self.survey, self.prompts, FACTS))
            if self.receipts:
                receipt = Reported(effect.attempt, self.now, Outcome.DELIVERED, self.gate)
                self.survey, _ = advance(self.survey, receipt)
        elif isinstance(effect, Ask | Tell) and (
            isinstance(event, PickedUp) or getattr(event, "voice", False)
        ):
            turn = spoken(effect, self.survey, self.prompts, FACTS)
            self.path = turn.answer_to or ""
            self.heard.append(" ".join(sentence for sentence, _ in turn.sentences))
        elif isinstance(effect, Ask | Tell):
            self.heard.append(text(effect, self.survey, self.prompts, FACTS))

    def _sent(self, n: int) -> Ask:
        attempt = self.survey.attempts[n - 1]
        everything = self.survey.style == "all_in_one" and attempt.kind == "invite"
        return Ask("all" if everything else self.survey.asked[0], attempt.kind)

    def writes(self, body: str) -> tuple[Effect, ...]:
        """A text to the survey's number, read as the service reads it."""
        survey = self.survey
        after = survey.stage in (Stage.CONSENT, Stage.DONE)
        shown = 1 if after else len(survey.asked)
        reading = read(body, self.prompts.words, shown, offers=len(survey.offers), stops=stops(LANGUAGES))
        owed = survey.consent in ("yes", "given") and survey.stage is Stage.DONE
        other = in_text(body, "SE") if owed else None
        return self.feeds(Answered(
            f"SM{next(self._ids):010}", self.now, reading, self.desk, number=other.e164 if other else None,
            tongues=self.tongues, other=self._other(body) if reading.meaning is Meaning.UNCLEAR else None,
            text=worth_keeping(body, other is not None), voice_on=self.voice_on, max_texts=self.max_texts,
        ))  # fmt: skip

    @property
    def tongues(self) -> tuple[Tongue, ...]:
        return tuple(Tongue(code, load(code).version) for code in self.survey.offers)

    def _other(self, body: str) -> Tongue | None:
        return answering_in(body, [code for code in LANGUAGES if code != self.survey.language])

    def presses(self, digit: str, path: str = "") -> tuple[Effect, ...]:
        """A key, or "" for silence, after what was said last (or after `path`)."""
        reading = key(digit, len(self.survey.offers))
        return self.feeds(Answered(
            f"CA{next(self._ids):06}", self.now, reading, self.desk, voice=True, question=path or self.path,
            tongues=self.tongues,
        ))  # fmt: skip

    def says(self, words: str) -> tuple[Effect, ...]:
        """Something spoken after what was said last, as the carrier wrote it down."""
        reading = heard(speech(words, self.prompts.words), self.path)
        return self.feeds(Answered(
            f"CA{next(self._ids):06}", self.now, reading, self.desk, voice=True, question=self.path,
            tongues=self.tongues,
        ))  # fmt: skip

    def picks_up(self) -> tuple[Effect, ...]:
        return self.feeds(PickedUp(f"CA{next(self._ids):010}", self.now, placed=True))

    def rings_us(self) -> tuple[Effect, ...]:
        """The caller rings the survey's number; also a call handed over after the agent."""
        return self.feeds(PickedUp(f"CA{next(self._ids):010}", self.now, placed=False))

    def hangs_up(self) -> tuple[Effect, ...]:
        attempts = [attempt.n for attempt in self.survey.attempts if attempt.voice]
        return self.report(Outcome.ENDED, attempts[-1] if attempts else 0)

    def report(self, outcome: Outcome, attempt: int | None = None) -> tuple[Effect, ...]:
        """The carrier's news of an attempt, the latest unless told."""
        n = len(self.survey.attempts) if attempt is None else attempt
        return self.feeds(Reported(n, self.now, outcome, self.gate))

    def calls_again(self) -> tuple[Effect, ...]:
        """The caller has had a newer call, which takes the invitation over."""
        return self.feeds(Superseded(self.now, by="newer"))

    def looks(self) -> tuple[Effect, ...]:
        """The clock's turn, now."""
        return self.feeds(Due(self.now, self.gate))

    def waits(self, steps: int = 200, **span: float) -> list[Effect]:
        """Time passes; whatever falls due on the way is looked at when it does. What that led to, in order."""
        until, done = self.now + timedelta(**span), len(self.everything)
        for _ in range(steps):
            due_at = self.survey.due_at
            if due_at is None or due_at > until:
                break
            self.now = max(self.now, due_at)
            self.looks()
        else:
            raise AssertionError(f"{steps} looks and no end: {self.survey}")
        self.now = until
        return self.everything[done:]

    @property
    def answers(self) -> list[str]:
        """In the order of the questions; "-" where there is none."""
        return [self.survey.answers.get(question, "-") for question in QUESTIONS]
