"""Forgetting a person: what is kept of one number is unlinked or deleted; that it once said stop is not.

Order: a note of which records, the surveys (which ends them), what belongs to them, and last the caller's own record,
which is the only way to the others. Whoever is interrupted begins again and finds what is left.

    erasures     <instant>#<reference>    what was forgotten: counts and the records' ids, which tell nothing
    disclosures  <instant>#<reference>    what was told, and to whom, likewise
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.advance.ends import unsent
from chalicelib.dataclass import dataclass
from chalicelib.store.callers import Caller
from chalicelib.store.dynamo import Item, Table
from chalicelib.store.records import (
    callback_key,
    caller_key,
    ending,
    expiry,
    hour_of,
    instant,
    survey_from,
    survey_item,
    survey_key,
)
from chalicelib.survey import Stage, Survey

TRIES = 6
UNCHANGED = "version = :seen"
# no newer call came meanwhile
STILL = "(attribute_not_exists(open_survey) OR open_survey = :id OR #expiry <= :now)"


class KeepsChanging(Exception):
    """A record was changed each time it was about to go: the caller is answering right now. Try again."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was forgotten."""

    surveys: tuple[str, ...] = ()  # unlinked; their answers count on, and lead to nobody
    ended: int = 0  # of these, how many were under way
    callbacks: int = 0
    remarks: int = 0
    opted_out: bool = False  # and stays so

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(
            tuple(dict.fromkeys((*self.surveys, *other.surveys))),
            self.ended + other.ended,
            self.callbacks + other.callbacks,
            self.remarks + other.remarks,
            self.opted_out or other.opted_out,
        )


@dataclass(frozen=True, slots=True)
class Erasure:
    """The records of callers who ask to be forgotten, in one table."""

    table: Table

    def surveys_of(self, *keys: str) -> tuple[str, ...]:
        """The ids of all that a number's records lead to."""
        callers = (self._caller(key) for key in keys)
        return tuple(dict.fromkeys(survey for caller in callers for survey in _surveys(caller)))

    def forget(self, key: str, now: datetime) -> Erased:
        """Everything under one caller key. Raises KeepsChanging; repeating it finds what is left."""
        erased = Erased()
        for _ in range(TRIES):
            caller = self._caller(key)
            erased += Erased(opted_out=caller.opted_out)
            for survey_id in _surveys(caller):
                erased += self._forget_survey(survey_id, now)
            if self._let_go(caller, now):
                return erased
        raise KeepsChanging(key)

    def left_of(self, key: str) -> list[str]:
        """What of a caller key is still there besides an opt-out; nothing, after `forget`."""
        item = self.table.get(caller_key(key), strong=True) or {}
        return sorted(set(item) - {"pk", "sk", "opted_out"})

    def left_with(self, survey_id: str) -> list[str]:
        """What of a person still lies with a survey; nothing, after `forget`."""
        found = {str(item["sk"]): item for item in self._of(survey_id)}
        linked = sorted({"caller", "sealed", "agent", "seen"} & set(found.get("survey", {})))
        remarks = [name for name in found if name.startswith("remark#")]
        callback = self.table.get(callback_key(survey_id), strong=True)
        return [*linked, *remarks, *(["callback"] if callback else [])]

    def note(self, kind: str, reference: str, who: str, at: datetime, **told: Any) -> None:
        """For the auditor; and so that a restored backup can leave out what was forgotten since.

        `kind` is "erasures" or "disclosures". Written again under the same reference it is the newer that stays.
        """
        self.table.put(
            {"pk": kind, "sk": f"{instant(at)}#{reference}", "who": who, "ttl": expiry(at), **told}
        )

    def noted(self, kind: str = "erasures") -> list[Item]:
        return list(self.table.query("pk = :p", p=kind))

    def _caller(self, key: str) -> Caller:
        return Caller.known({key: self.table.get(caller_key(key), strong=True)})

    def _let_go(self, caller: Caller, now: datetime) -> bool:
        """False when a STOP or a newer call came since the record was read: it must be read again."""
        record = caller_key(caller.key)
        seen = {"id": caller.open_survey or "", "now": int(now.timestamp())}
        if caller.opted_out:
            return self.table.update(
                record, "REMOVE open_survey, quarantine_until, surveys, told_late_at, starts", STILL, **seen
            )
        return self.table.delete(record, f"attribute_not_exists(opted_out) AND {STILL}", **seen)

    def _forget_survey(self, survey_id: str, now: datetime) -> Erased:
        """Unlinked first: what is closed is asked and told nothing, so nothing new comes to it."""
        ended = self._unlink(survey_id, now)
        remarks = [item for item in self._of(survey_id) if str(item["sk"]).startswith("remark#")]
        for item in remarks:
            self.table.delete({"pk": item["pk"], "sk": item["sk"]})
        callback = self.table.get(callback_key(survey_id), strong=True)
        if callback:
            self.table.delete(callback_key(survey_id))
        return Erased((survey_id,), ended, int(callback is not None), len(remarks))

    def _of(self, survey_id: str) -> list[Item]:
        return list(self.table.query("pk = :p", strong=True, p=survey_key(survey_id)["pk"]))

    def _unlink(self, survey_id: str, now: datetime) -> bool:
        """Whether it was under way. One that is not there any more is left so."""
        for _ in range(TRIES):
            item = self.table.get(survey_key(survey_id), strong=True)
            if item is None:
                return False
            before = survey_from(item)
            after = unlinked(before, now)
            if after == before:
                return False
            if ending(after) != ending(before):
                self.table.put({"pk": "changed", "sk": hour_of(after), "marked_at": instant(now)})
            fresh = survey_item(replace(after, version=before.version + 1))
            if self.table.put(fresh, UNCHANGED, seen=before.version):
                return _under_way(before)
        raise KeepsChanging(survey_id)


def unlinked(survey: Survey, now: datetime) -> Survey:
    """The survey with no way back to the person: no number, no key, no agent, no carrier's name, nothing to come."""
    if _under_way(survey):
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


def _under_way(survey: Survey) -> bool:
    return survey.stage not in (Stage.CLOSED, Stage.NOT_INVITED)


def _surveys(caller: Caller) -> Sequence[str]:
    return list(dict.fromkeys((*caller.surveys, *filter(None, [caller.open_survey]))))
