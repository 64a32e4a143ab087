"""A caller's standing: opt-out, quarantine, the pointer to the open survey. Found by keyed hash, never by number.

A number has one record, under the key it first came with; it is never moved, so that one conditional write is all a
change takes. Where a rotation made two, what they say together holds, and the one claimed last is written to.
"""

from datetime import UTC, datetime
from typing import Any

from chalicelib.dataclass import dataclass
from chalicelib.store.records import expiry, instant, moment

KEEP = 28  # newest surveys remembered, for erasure and disclosure: as many as fit into one write unit
STARTS = 6  # newest texts remembered that opted in: more than a carrier has under way from one handset
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Caller:
    """What is kept of a phone number between calls."""

    key: str  # of the record that is written to
    open_survey: str | None = None
    quarantine_until: datetime | None = None
    opted_out_at: datetime | None = None
    surveys: tuple[
        str, ...
    ] = ()  # newest last: only that one can be owed a call, which expires long before the next
    told_late_at: datetime | None = None
    starts: tuple[str, ...] = ()  # ids of the texts that last opted in, newest last
    keys: tuple[str, ...] = ()  # the number's, under every PHONE_KEY ever used, newest first

    @property
    def opted_out(self) -> bool:
        return self.opted_out_at is not None

    @staticmethod
    def known(found: dict[str, dict[str, Any] | None]) -> "Caller":
        """What the records under a number's keys, newest first, say together."""
        keys = tuple(found)
        oldest_first = [_read(key, item) for key, item in reversed(found.items()) if item]
        records = sorted(oldest_first or [Caller(keys[0])], key=_claimed)
        last = records[-1]  # where none was claimed: the newest key's
        opt_outs = [record.opted_out_at for record in records if record.opted_out_at]
        late = [record.told_late_at for record in records if record.told_late_at]
        return Caller(
            last.key,
            last.open_survey,
            last.quarantine_until,
            min(opt_outs, default=None),
            tuple(dict.fromkeys(survey for record in records for survey in record.surveys)),
            max(late, default=None),
            tuple(dict.fromkeys(start for record in records for start in record.starts)),
            keys,
        )


def _read(key: str, item: dict[str, Any]) -> Caller:
    def at(name: str) -> datetime | None:
        return moment(item[name]) if name in item else None

    return Caller(
        key,
        item.get("open_survey"),
        at("quarantine_until"),
        at("opted_out"),
        tuple(item.get("surveys", ())),
        at("told_late_at"),
        tuple(item.get("starts", ())),
    )


def _claimed(record: Caller) -> tuple[datetime, bool]:
    """Sorts the record of the latest claim last."""
    return record.quarantine_until or NEVER, record.open_survey is not None


KEPT = "#expiry = :expiry"  # set anew with each change; only an opt-out is kept without end
CLAIM = f"SET open_survey = :id, quarantine_until = :until, surveys = :surveys, {KEPT}"
OPT_IN = f"SET starts = :starts, {KEPT} REMOVE opted_out"
MAY_OPT_IN = "NOT contains(starts, :id)"
MAY_CLAIM = "attribute_not_exists(opted_out) AND ({free} OR open_survey = :id OR open_survey = :over)".format(
    free="attribute_not_exists(quarantine_until) OR quarantine_until <= :now"
)


def claim_values(
    caller: Caller, survey_id: str, over: str | None, until: datetime, now: datetime
) -> dict[str, Any]:
    others = [known for known in caller.surveys if known != survey_id]
    return {
        "id": survey_id,
        "over": over or survey_id,
        "until": instant(until),
        "now": instant(now),
        "surveys": [*others, survey_id][-KEEP:],
        "expiry": expiry(now),
    }
