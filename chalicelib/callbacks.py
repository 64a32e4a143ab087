"""A callback: the call owed to a caller whose query was not resolved. Its states, its moves, who holds it.

open -> claimed -> attempted -> (reached -> resolved | escalated) | unreachable | expired | do_not_call | cancelled
"""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.dataclass import dataclass
from chalicelib.errors import BadRequest, Conflict


class State(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"  # held by `owner` until `lease_until`
    ATTEMPTED = "attempted"  # rung, not reached; to be rung again at `due_at`
    SCHEDULED = "scheduled"  # to be rung at an agreed time
    REACHED = "reached"
    ESCALATED = "escalated"  # passed on; still due
    RESOLVED = "resolved"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    DO_NOT_CALL = "do_not_call"
    CANCELLED = "cancelled"  # consent withdrawn, or the caller rang again and was helped


ALLOWED: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.CLAIMED, State.EXPIRED, State.DO_NOT_CALL, State.CANCELLED}),
    State.CLAIMED: frozenset(
        {
            State.ATTEMPTED,
            State.REACHED,
            State.OPEN,
            State.DO_NOT_CALL,
            State.EXPIRED,
            State.CANCELLED,
            State.SCHEDULED,
        }
    ),
    State.ATTEMPTED: frozenset(
        {
            State.CLAIMED,
            State.OPEN,
            State.UNREACHABLE,
            State.EXPIRED,
            State.DO_NOT_CALL,
            State.CANCELLED,
            State.SCHEDULED,
        }
    ),
    State.REACHED: frozenset({State.RESOLVED, State.ESCALATED, State.DO_NOT_CALL, State.SCHEDULED}),
    State.ESCALATED: frozenset({State.RESOLVED, State.DO_NOT_CALL, State.EXPIRED}),
    State.SCHEDULED: frozenset(
        {State.CLAIMED, State.OPEN, State.EXPIRED, State.DO_NOT_CALL, State.CANCELLED}
    ),
    State.RESOLVED: frozenset(),
    State.UNREACHABLE: frozenset(),
    State.EXPIRED: frozenset(),
    State.DO_NOT_CALL: frozenset(),
    State.CANCELLED: frozenset(),
}
LEASE = timedelta(minutes=30)
WRONG_NUMBER = "wrong_number"  # somebody else's: not rung again, and told nothing
MISSES = ("no_answer", "busy", "voicemail", WRONG_NUMBER)
FORGOTTEN = timedelta(hours=72)  # reached, and never said how it went
KEEP = timedelta(days=7)  # after it ended, the number goes


@dataclass(frozen=True, slots=True)
class Callback:
    """One call owed. `id` is the survey's."""

    id: str
    call_id: str
    state: State
    due_at: datetime  # first contact, then each next attempt
    expires_at: datetime
    ended_at: datetime  # of the call that was not resolved
    team: str = ""
    queue: str = ""
    language: str = ""
    attempts: int = 0
    owner: str | None = None
    lease_until: datetime | None = None
    sealed: bytes | None = None  # the number to ring, encrypted; None once it is over
    caller: str | None = None  # keyed hash, to find the row again when the caller rings or stops us
    answers: Mapping[str, str] = field(default_factory=dict)
    consent_at: datetime | None = None
    consent_wording: str = ""  # version of the text that asked
    texts: tuple[str, ...] = ()  # sent about it: "missed-1", "expired"
    finished_at: datetime | None = None
    version: int = 0

    @property
    def finished(self) -> bool:
        return not ALLOWED[self.state]

    def held_by_other(self, who: str, at: datetime) -> bool:
        held = self.state in (State.CLAIMED, State.REACHED) and self.owner not in (None, who)
        return held and (self.lease_until is None or at < self.lease_until)


def claim(row: Callback, who: str, at: datetime) -> Callback:
    """Hold it for half an hour; claiming again extends. Raises Conflict with the owner."""
    _mine_or_free(row, who, at)
    if row.state is State.REACHED:
        return replace(row, owner=who, lease_until=at + LEASE)
    if row.state is not State.CLAIMED:
        row = _moved(row, State.CLAIMED, at)
    return replace(row, owner=who, lease_until=at + LEASE)


def release(row: Callback, who: str, at: datetime) -> Callback:
    _mine_or_free(row, who, at)
    return replace(_moved(row, State.OPEN, at), owner=None, lease_until=None)


def attempt(
    row: Callback, who: str, at: datetime, outcome: str, next_due: datetime, max_attempts: int
) -> Callback:
    """Rung and not reached. The last try that misses ends it."""
    if outcome not in MISSES:
        raise BadRequest("outcome", f"must be one of {', '.join(MISSES)}")
    _mine_or_free(row, who, at)
    row = replace(_moved(row, State.ATTEMPTED, at), attempts=row.attempts + 1, owner=None, lease_until=None)
    if row.attempts >= max_attempts or outcome == WRONG_NUMBER:
        return _moved(row, State.UNREACHABLE, at)
    return replace(row, due_at=next_due if next_due < row.expires_at else at)  # no other day is left


def reach(row: Callback, who: str, at: datetime) -> Callback:
    _mine_or_free(row, who, at)
    return replace(_moved(row, State.REACHED, at), owner=who, attempts=row.attempts + 1, lease_until=None)


def resolve(row: Callback, who: str, at: datetime) -> Callback:
    _mine_or_free(row, who, at)
    return _moved(row, State.RESOLVED, at)


def escalate(row: Callback, who: str, at: datetime, due_at: datetime) -> Callback:
    """Passed on to someone who can help: still owed, with a day of its own."""
    _mine_or_free(row, who, at)
    return replace(_moved(row, State.ESCALATED, at), due_at=due_at, expires_at=due_at, lease_until=None)


def do_not_call(row: Callback, who: str, at: datetime) -> Callback:
    _mine_or_free(row, who, at)
    return _moved(row, State.DO_NOT_CALL, at)


def cancel(row: Callback, at: datetime) -> Callback:
    """The caller withdrew, or was helped by a newer call. A row already reached or over is left alone."""
    return _moved(row, State.CANCELLED, at) if State.CANCELLED in ALLOWED[row.state] else row


def withdraw(row: Callback, at: datetime) -> Callback:
    """The caller wants no call any more, not even by those it was passed on to."""
    return _moved(row, State.DO_NOT_CALL, at) if row.state is State.ESCALATED else cancel(row, at)


def wanted_again(row: Callback, consent_at: datetime) -> bool:
    """Whether a yes makes a row that is over owed again: only one newer than its own."""
    return row.finished and row.consent_at is not None and consent_at > row.consent_at


def swept(row: Callback, at: datetime, escalated_until: datetime) -> Callback:
    """The clock: a lease that ran out frees the row, a promise not kept expires, a forgotten one moves on."""
    if row.finished_at:
        return replace(row, sealed=None) if row.finished_at + KEEP <= at else row
    if row.state is State.REACHED and row.due_at + FORGOTTEN <= at:
        return replace(_moved(row, State.ESCALATED, at), due_at=escalated_until, expires_at=escalated_until)
    if row.expires_at <= at and State.EXPIRED in ALLOWED[row.state]:
        return _moved(row, State.EXPIRED, at)
    if row.state is State.CLAIMED and row.lease_until and row.lease_until <= at:
        return replace(_moved(row, State.OPEN, at), owner=None, lease_until=None)
    return row


def moved_up(row: Callback, at: datetime) -> Callback:
    """The caller rang again and was not helped: first in the list."""
    waiting = row.state in (State.OPEN, State.ATTEMPTED, State.SCHEDULED)
    return replace(row, due_at=min(row.due_at, at)) if waiting else row


def _mine_or_free(row: Callback, who: str, at: datetime) -> None:
    if row.held_by_other(who, at):
        raise Conflict(f"held by {row.owner}", owner=row.owner)


def _moved(row: Callback, state: State, at: datetime) -> Callback:
    if state not in ALLOWED[row.state]:
        raise Conflict(f"a callback that is {row.state} cannot become {state}", owner=row.owner)
    if ALLOWED[state]:
        return replace(row, state=state)
    return replace(row, state=state, finished_at=at, lease_until=None)
