"""The callback desk: who is owed a call, who rings, what became of it, and what the caller is told."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib import callbacks, log
from chalicelib.callbacks import Callback, State
from chalicelib.dataclass import dataclass
from chalicelib.effects import Tell
from chalicelib.errors import BadRequest, CarrierError, Conflict, NotFound
from chalicelib.events import CallEnded
from chalicelib.ports import Office
from chalicelib.prompts import load
from chalicelib.survey import Survey
from chalicelib.wording import text

HELPED = timedelta(seconds=60)  # a newer call shorter than this did not help the caller
VERBS = ("claim", "release", "attempt", "reach", "resolve", "escalate", "do-not-call")
ESCALATED = timedelta(hours=72)
NEXT_TRY = timedelta(hours=4)  # at least so long after one in vain


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Rows of the list, changed one conditional write at a time."""

    office: Office

    def open(self, survey: Survey) -> None:
        """Owe the caller of this survey a call. Repeating it changes nothing."""
        if survey.sealed is None or survey.caller is None:
            return
        office, policy, now = self.office, self.office.policy(), self.office.now()
        zone = office.settings.zone
        number = office.vault.open(survey.sealed, survey.id)
        due_at = policy.office_hours_after(
            now, timedelta(hours=policy.callback_due_hours), survey.queue, zone
        )
        limit = timedelta(hours=policy.callback_expiry_hours)
        consent_at = survey.consent_at or now
        row = Callback(
            id=survey.id,
            call_id=survey.call_id,
            state=State.OPEN,
            due_at=due_at,
            expires_at=policy.office_hours_after(now, limit, survey.queue, zone),
            ended_at=survey.ended_at,
            team=survey.team,
            queue=survey.queue,
            language=survey.language,
            sealed=office.vault.seal(number, survey.id),
            caller=survey.caller,
            answers={question: value.value for question, value in survey.answers.items()},
            consent_at=consent_at,
            consent_wording=survey.wording,
        )
        existing = None if office.store.add_callback(row) else office.store.callback(survey.id)
        if existing and callbacks.wanted_again(existing, consent_at):
            office.store.save_callback(replace(row, version=existing.version + 1), existing.version)

    def cancel(self, callback_id: str) -> bool:
        """Consent was withdrawn, or the number opted out. Whether the call is not to be made."""
        _, after = self._change(callback_id, lambda row: callbacks.withdraw(row, self.office.now()))
        return after is not None and after.state in (State.CANCELLED, State.DO_NOT_CALL)

    def change_number(self, callback_id: str, number: str) -> Callback | None:
        """The row with the other number; None where no call is owed any more."""
        sealed = self.office.vault.seal(number, callback_id)
        _, after = self._change(callback_id, lambda row: row if row.finished else replace(row, sealed=sealed))
        return None if after is None or after.finished else after

    def rang_again(self, callback_id: str, call: CallEnded) -> None:
        """A newer call closes the row only if it was answered, in the same queue, and long enough; else it moves up.

        The desk's own ring does neither, and no call that ended before the one the row is about.
        """

        def change(row: Callback) -> Callback:
            if call.ended_at < row.ended_at:
                return row
            helped = call.answered and call.queue == row.queue and (call.talk is None or call.talk >= HELPED)
            return (
                callbacks.cancel(row, self.office.now())
                if helped
                else callbacks.moved_up(row, self.office.now())
            )

        if call.direction == "inbound" and not call.test:
            self._change(callback_id, change)

    def look(self, callback_id: str) -> None:
        """The clock's turn: leases, expiry, and the number of a row that ended a week ago."""
        now, policy = self.office.now(), self.office.policy()
        until = policy.office_hours_after(now, ESCALATED, "", self.office.settings.zone)
        before, after = self._change(callback_id, lambda row: callbacks.swept(row, now, until))
        if before is None or after is None or before.state is State.ESCALATED:  # they were reached once
            return
        if before.state is not after.state is State.EXPIRED:
            self._tell(after, "expired")

    def act(self, callback_id: str, verb: str, who: str, body: Mapping[str, Any]) -> Callback:
        """A verb of the API. Raises NotFound, BadRequest, Conflict (with the owner)."""
        if verb not in VERBS:
            raise NotFound(f"there is no action {verb!r}: {', '.join(VERBS)}")
        before, after = self._change(callback_id, lambda row: self._moved(row, verb, who, body))
        if after is None:
            raise NotFound("there is no such callback")
        log.info("callback", survey=after.id, verb=verb, state=after.state.value, by=who)
        if verb == "attempt" and before is not after and body.get("outcome") != callbacks.WRONG_NUMBER:
            self._tell(after, "missed" if after.state is State.ATTEMPTED else "expired")
        return after

    def number(self, row: Callback, who: str) -> str | None:
        """The number to ring, for whoever holds the row; None for everybody else."""
        held = row.state in (State.CLAIMED, State.REACHED) and row.owner == who
        return self.office.vault.open(row.sealed, row.id) if held and row.sealed else None

    def _moved(self, row: Callback, verb: str, who: str, body: Mapping[str, Any]) -> Callback:
        office, now = self.office, self.office.now()
        policy, zone = office.policy(), office.settings.zone
        match verb:
            case "claim":
                return callbacks.claim(row, who, now)
            case "release":
                return callbacks.release(row, who, now)
            case "attempt":
                outcome = body.get("outcome", "no_answer")
                if not isinstance(outcome, str):
                    raise BadRequest("outcome", "must be text")
                next_due = policy.open_from(now + NEXT_TRY, row.queue, zone)
                return callbacks.attempt(row, who, now, outcome, next_due, policy.callback_attempts)
            case "reach":
                return callbacks.reach(row, who, now)
            case "resolve":
                return callbacks.resolve(row, who, now)
            case "escalate":
                return callbacks.escalate(
                    row, who, now, policy.office_hours_after(now, ESCALATED, row.queue, zone)
                )
        return callbacks.do_not_call(row, who, now)

    def _change(
        self, callback_id: str, change: Callable[[Callback], Callback]
    ) -> tuple[Callback | None, Callback | None]:
        for _ in range(6):
            row = self.office.store.callback(callback_id)
            if row is None:
                return None, None
            after = change(row)
            if after == row:
                return row, row
            after = replace(after, version=row.version + 1)
            if self.office.store.save_callback(after, row.version):
                return row, after
        raise Conflict("the callback keeps changing: reload and try again")

    def _tell(self, row: Callback, key: str) -> None:
        """A text about the call that did not happen: recorded first, so at most once; a lost one is not repeated."""
        name = f"{key}-{row.attempts}"
        if name in row.texts or row.sealed is None:
            return
        number = self.office.vault.open(row.sealed, row.id)
        if not self.office.may_text(number, row.queue, row.language):
            return
        told = replace(row, texts=(*row.texts, name), version=row.version + 1)
        if not self.office.store.save_callback(told, row.version):
            return
        try:
            self.office.carrier.send(number, self._text(row, key), None)
        except CarrierError as error:
            log.info("callback text failed", survey=row.id, text=key, outcome=error.outcome)

    def _text(self, row: Callback, key: str) -> str:
        next_day = row.due_at.astimezone(self.office.settings.zone).date()
        facts = replace(self.office.facts(row.queue), today=next_day)
        return text(Tell(key), None, load(row.language), facts)
