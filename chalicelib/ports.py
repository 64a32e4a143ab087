"""What the service needs of the outside, and everything a survey's next step may need to know."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.config import Settings
from chalicelib.dataclass import dataclass
from chalicelib.events import Desk, Gate, Outcome
from chalicelib.numbers import Vault, parse
from chalicelib.policy import DAY, Policy
from chalicelib.prompts import Prompts, load
from chalicelib.rates import Ending
from chalicelib.recordings import speakable
from chalicelib.store import Caller, Store
from chalicelib.survey import Survey
from chalicelib.wording import Facts

FRESH = timedelta(seconds=30)  # how long a looked-up policy, backlog or day's count is believed


class Carrier(Protocol):
    """The port a second carrier would implement. Methods raise CarrierError or Unknown.

    `records` names what the carrier keeps of a number and us; `delete` takes one of these away, and says whether it
    is gone: what is still under way is not.
    """

    def send(self, to: str, body: str, status_path: str | None) -> str: ...
    def call(self, to: str, path: str, status_path: str) -> str: ...
    def look_up_text(self, to: str, body: str, since: datetime) -> tuple[Outcome, str | None]: ...
    def look_up_call(self, to: str, since: datetime) -> tuple[Outcome, str | None]: ...
    def records(self, number: str) -> list[str]: ...
    def delete(self, record: str) -> bool: ...
    def reachable(self) -> bool: ...


class Queue(Protocol):
    def look(self, kind: str, record_id: str, delay: timedelta = timedelta()) -> None:
        """Have a survey or callback looked at, after `delay` (at most 15 minutes)."""


@dataclass(slots=True)
class Office:
    """Settings, live policy, clock and table: what every part of the service shares."""

    settings: Settings
    store: Store
    carrier: Carrier
    queue: Queue
    vault: Vault
    clock: Callable[[], datetime]
    base_policy: Policy
    _policy: tuple[datetime, Policy] | None = None
    _backlog: tuple[datetime, int] | None = None
    _invited: tuple[datetime, int] | None = None

    def now(self) -> datetime:
        """UTC, to the second: what the table keeps."""
        return self.clock().replace(microsecond=0)

    def policy(self) -> Policy:
        """The live rules, at most half a minute old."""
        now = self.now()
        if self._policy is None or not self._policy[0] <= now < self._policy[0] + FRESH:
            self._policy = now, self.base_policy.with_changes(self.store.rules.live())
        return self._policy[1]

    def forget(self) -> None:
        """Read policy and backlog anew: they were just changed here."""
        self._policy = self._backlog = None

    def invited_today(self) -> int:
        """As last counted: the ceiling may be overrun by what comes within one count, never by more."""
        now = self.now()
        if self._invited is None or not self._invited[0] <= now < self._invited[0] + FRESH:
            today = now.astimezone(self.settings.zone).date()
            tallies = [tally for _, tally, _ in self.store.counts.days(today, today)]
            invited = sum(n for tally in tallies for code, n in tally.items() if Ending.decode(code).invited)
            self._invited = now, invited
        return self._invited[1]

    def caller(self, e164: str) -> Caller:
        """What is known of a number under every PHONE_KEY ever used. One read a key."""
        return self.store.caller(*self.vault.hashes(e164))

    def caller_of(self, survey: Survey) -> Caller | None:
        """The same for a survey that still holds its number."""
        return self.caller(self.vault.open(survey.sealed, survey.id)) if survey.sealed else None

    def on_trial_list(self, keys: Iterable[str]) -> bool:
        """Whether a number, by its keys, is on the list of those reached in trial."""
        return not set(keys).isdisjoint(self.policy().allow_list)

    def prompts(self, survey: Survey) -> Prompts:
        return load(survey.language or self.policy().default_language)

    def facts(self, queue: str, number: str = "") -> Facts:
        policy = self.policy()
        opening = policy.for_queue("opening_hours", queue) or "08:00-16:00"
        hours = "-".join(part.strip().lstrip("0").removesuffix(":00") for part in opening.split("-"))
        return Facts(
            authority=self.settings.authority,
            phone=policy.for_queue("public_phone", queue) or "",
            hours=hours,
            from_number=policy.for_queue("public_phone", queue) or "",
            today=self.now().astimezone(self.settings.zone).date(),
            number=number,
        )

    def gate(self, survey: Survey, opted_out: bool = False) -> Gate:
        """May this survey's caller be texted or rung now?"""
        policy, now = self.policy(), self.now()
        refused = "killed" if policy.killed_for(survey.queue, survey.language) else None
        if policy.mode == "trial" and not self._in_trial(survey):
            refused = "trial"
        return Gate(
            open_at=policy.quiet_until(now, self.settings.zone),
            refused="opted_out" if opted_out else refused,
            voice=self.can_ring(survey),
            reminder=timedelta(hours=policy.reminder_hours) if policy.reminder_hours else None,
            expiry=timedelta(hours=policy.expiry_hours),
        )

    def _in_trial(self, survey: Survey) -> bool:
        if survey.sealed is None:
            return False
        return self.on_trial_list(self.vault.hashes(self.vault.open(survey.sealed, survey.id)))

    def may_text(self, e164: str, queue: str, language: str) -> bool:
        """May this number be texted about a call that did not happen? A landline never."""
        policy, number, caller = self.policy(), parse(e164), self.caller(e164)
        in_trial = policy.mode == "trial" and not self.on_trial_list(caller.keys)
        refused = in_trial or caller.opted_out or policy.killed_for(queue, language)
        return number is not None and number.channel == "sms" and not refused

    def can_ring(self, survey: Survey) -> bool:
        outbound = bool(self.policy().for_queue("outbound_voice", survey.queue))
        return outbound and speakable(self.prompts(survey), self.facts(""))

    def backlog(self) -> int:
        """How many callers are owed a call."""
        now = self.now()
        if self._backlog is None or not self._backlog[0] <= now < self._backlog[0] + FRESH:
            self._backlog = now, self.store.open_callbacks()
        return self._backlog[1]

    def desk(self, survey: Survey) -> Desk:
        """What may be promised now: beyond a day's capacity each full day of backlog puts it off by one."""
        policy, now = self.policy(), self.now()
        days_behind = self.backlog() // max(1, policy.callback_capacity)
        wait = timedelta(hours=policy.callback_due_hours) + DAY * days_behind
        latest = policy.office_hours_after(now, wait, survey.queue, self.settings.zone)
        return Desk(
            ask=policy.callback_consent == "ask",
            full=not policy.callback_capacity or wait > timedelta(hours=policy.callback_expiry_hours),
            latest_day=latest.astimezone(self.settings.zone).date(),
        )
