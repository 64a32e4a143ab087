"""Forgetting a person: what is kept of one number is unlinked or deleted; that it once said stop is not.

Order: surveys, what belongs to them, and last the caller's own record, which is the only way to the others. Whoever
is interrupted begins again and finds what is left.

    erasures   <instant>#<reference>    what was forgotten: counts and the records' ids, which tell nothing
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.advance.ends import unsent
from chalicelib.store.callers import Caller
from chalicelib.store.dynamo import Item, Table
from chalicelib.store.records import (
    KEEP_DAYS,
    callback_key,
    caller_key,
    ending,
    hour_of,
    instant,
    survey_from,
    survey_item,
    survey_key,
)
from chalicelib.survey import Stage, Survey

TRIES = 6
UNCHANGED = "version = :seen"


class KeepsChanging(Exception):
    """A survey was changed each time it was about to be unlinked: the caller is answering right now. Try again."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of one caller key was forgotten."""

    surveys: tuple[str, ...] = ()  # unlinked; their answers count on, and lead to nobody
    callbacks: int = 0
    remarks: int = 0
    sids: tuple[str, ...] = ()  # the carrier's names of our texts and calls
    opted_out: bool = False  # and stays so


@dataclass(frozen=True, slots=True)
class Erasure:
    """The records of callers who ask to be forgotten, in one table."""

    table: Table

    def forget(self, key: str, now: datetime) -> Erased:
        """Everything under one caller key. Raises KeepsChanging; repeating it finds what is left."""
        caller = Caller.read(key, self.table.get(caller_key(key), strong=True))
        ids = tuple(dict.fromkeys((*caller.surveys, *filter(None, [caller.open_survey]))))
        erased = Erased(opted_out=caller.opted_out)
        for survey_id in ids:
            erased = self._forget_survey(erased, survey_id, now)
        if caller.opted_out:
            self.table.update(caller_key(key), "REMOVE open_survey, quarantine_until, surveys, told_late_at")
        else:
            self.table.delete(caller_key(key))
        return erased

    def left_of(self, key: str) -> list[str]:
        """What of a caller key is still there besides an opt-out; nothing, after `forget`."""
        item = self.table.get(caller_key(key), strong=True) or {}
        return sorted(set(item) - {"pk", "sk", "opted_out"})

    def note(self, reference: str, who: str, at: datetime, erased: Sequence[Erased]) -> None:
        """For the auditor, and so that a restored backup can leave out what was forgotten since."""
        counts = {
            "callbacks": sum(each.callbacks for each in erased),
            "remarks": sum(each.remarks for each in erased),
            "surveys": [survey_id for each in erased for survey_id in each.surveys],
        }
        ttl = int(at.timestamp()) + KEEP_DAYS * 86_400
        self.table.put(
            {"pk": "erasures", "sk": f"{instant(at)}#{reference}", "who": who, "ttl": ttl, **counts}
        )

    def noted(self) -> list[Item]:
        return list(self.table.query("pk = :p", p="erasures"))

    def _forget_survey(self, erased: Erased, survey_id: str, now: datetime) -> Erased:
        remarks = [item for item in self._of(survey_id) if str(item["sk"]).startswith("remark#")]
        for item in remarks:
            self.table.delete({"pk": item["pk"], "sk": item["sk"]})
        callback = self.table.get(callback_key(survey_id), strong=True)
        if callback:
            self.table.delete(callback_key(survey_id))
        sids = self._unlink(survey_id, now)
        return replace(
            erased,
            surveys=(*erased.surveys, survey_id),
            callbacks=erased.callbacks + bool(callback),
            remarks=erased.remarks + len(remarks),
            sids=(*erased.sids, *sids),
        )

    def _of(self, survey_id: str) -> list[Item]:
        return list(self.table.query("pk = :p", p=survey_key(survey_id)["pk"]))

    def _unlink(self, survey_id: str, now: datetime) -> tuple[str, ...]:
        """The carrier's names of what was sent; a survey that is not there any more has none."""
        for _ in range(TRIES):
            item = self.table.get(survey_key(survey_id), strong=True)
            if item is None:
                return ()
            before = survey_from(item)
            after = unlinked(before, now)
            if ending(after) != ending(before):
                self.table.put({"pk": "changed", "sk": hour_of(after), "marked_at": instant(now)})
            fresh = survey_item(replace(after, version=before.version + 1))
            if self.table.put(fresh, UNCHANGED, seen=before.version):
                return tuple(attempt.sid for attempt in before.attempts if attempt.sid)
        raise KeepsChanging(survey_id)


def unlinked(survey: Survey, now: datetime) -> Survey:
    """The survey with no way back to the person: no number, no key, no agent, no carrier's name, nothing to come."""
    if survey.stage not in (Stage.CLOSED, Stage.NOT_INVITED):
        survey, _ = unsent(survey, now, "erased")
    return replace(
        survey,
        caller=None,
        sealed=None,
        agent="",
        seen=(),
        remarks=0,
        attempts=tuple(replace(attempt, sid=None) for attempt in survey.attempts),
    )
