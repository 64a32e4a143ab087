"""What is kept, and the conditions under which it may change.

    pk                     sk             what
    survey#<id>            survey         one record per ended call, invited or not
    survey#<id>            remark#<n>     a text of the caller's
    caller#<hash>          caller         standing of one phone number
    callback#<survey id>   callback       a call owed
    changed                <hour>         an old hour whose count must be taken again
    counts#<day>           <hour>         how the calls of one hour ended, packed
    counts                 <day> | until  the same for a day; when they were last taken
    policy                 policy | <at>  the live rules, and what they were
    erasures, disclosures  <at>           who was forgotten or told what is kept: no number, see `erasure`
    line#<CallSid>         line           a survey taken on a line we did not open

Every change is one conditional write of one record. Order where two are needed: the one that, left alone by a
crash, is repaired by the redelivered event or the sweep.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.callbacks import KEEP, Callback, swept
from chalicelib.dataclass import dataclass
from chalicelib.store.callers import CLAIM, KEPT, MAY_CLAIM, MAY_OPT_IN, OPT_IN, STARTS, Caller, claim_values
from chalicelib.store.counts import Counts
from chalicelib.store.dynamo import Item, Table
from chalicelib.store.erasure import Erasure
from chalicelib.store.records import (
    KEEP_DAYS,
    SHARDS,
    callback_from,
    callback_item,
    callback_key,
    caller_key,
    ending,
    expiry,
    id_of,
    instant,
    moment,
    survey_from,
    survey_item,
    survey_key,
)
from chalicelib.store.rules import Rules
from chalicelib.survey import Survey

UNCHANGED = "version = :seen"
REMARK_DAYS = 365
AT_LEAST = timedelta(days=30)  # however long after its end a call is reported


@dataclass(frozen=True, slots=True)
class Remark:
    """A text that was no answer, kept for a person to read."""

    text: str
    at: datetime
    language: str  # of the survey it came with
    queue: str
    state: str  # "new", until somebody has read it


class Store:
    """Typed access to the table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._teams: set[str] = set()  # already registered, as far as this process knows

    # surveys

    def survey(self, survey_id: str, strong: bool = False) -> Survey | None:
        item = self._table.get(survey_key(survey_id), strong)
        return survey_from(item) if item else None

    def add_survey(self, survey: Survey, now: datetime) -> bool:
        """False when the call has its record already."""
        self.counts.mark_changed(survey, now)
        return self._table.add(survey_item(survey) | _kept(survey, now))

    def save_survey(self, before: Survey, after: Survey, now: datetime) -> bool:
        """`after` in the place of `before`, a version on. False when someone else changed it since it was read."""
        if ending(after) != ending(before):
            self.counts.mark_changed(after, now)
        item = survey_item(replace(after, version=before.version + 1)) | _kept(after, now)
        return self._table.put(item, UNCHANGED, seen=before.version)

    def due(self, until: datetime) -> Iterator[str]:
        """The id of every survey to be looked at by `until`, from every shard."""
        for shard in range(SHARDS):
            found = self._table.query(
                "due_shard = :s AND due_at <= :t", "due", s=f"due#{shard}", t=instant(until)
            )
            yield from (id_of(item) for item in found)

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the oldest of what is due has been; None when nothing is."""
        firsts = (
            next(
                self._table.query("due_shard = :s AND due_at <= :t", "due", s=f"due#{shard}", t=instant(now)),
                None,
            )
            for shard in range(SHARDS)
        )
        return min((moment(item["due_at"]) for item in firsts if item), default=None)

    def add_remark(self, survey: Survey, n: int, text: str, at: datetime) -> None:
        """The survey's `n`th; one that is there already stays as it is."""
        ttl = int((at + timedelta(days=REMARK_DAYS)).timestamp())
        state = {
            "text": text,
            "lang": survey.language,
            "queue": survey.queue,
            "remark_state": "new",
            "ttl": ttl,
        }
        place = {"listed": "remarks", "listed_at": instant(at)}
        self._table.add({"pk": f"survey#{survey.id}", "sk": f"remark#{n}", **state, **place})

    def newest_remarks(self, limit: int) -> list[Remark]:
        """What callers wrote, newest first."""
        keys = self._table.last("listed = :l", "lists", limit, l="remarks")
        items = (self._table.get({"pk": key["pk"], "sk": key["sk"]}) for key in keys)
        return [_remark(item) for item in items if item]

    def remarks_of(self, survey_id: str) -> list[Remark]:
        """What its caller wrote, oldest first."""
        found = self._table.query(
            "pk = :p AND begins_with(sk, :r)", strong=True, p=f"survey#{survey_id}", r="remark#"
        )
        return [_remark(item) for item in found]

    # in modules of their own

    @property
    def counts(self) -> Counts:
        return Counts(self._table)

    @property
    def rules(self) -> Rules:
        return Rules(self._table)

    @property
    def erasure(self) -> Erasure:
        return Erasure(self._table)

    # callers

    def caller(self, *keys: str, strong: bool = False) -> Caller:
        """By every key of one number, newest first: one read each."""
        return Caller.known({key: self._table.get(caller_key(key), strong) for key in keys})

    def claim_caller(
        self, caller: Caller, survey_id: str, over: str | None, until: datetime, now: datetime
    ) -> bool:
        """Make `survey_id` the caller's open survey, in the place of `over` if given. False: something forbids it."""
        return self._table.update(
            caller_key(caller.key), CLAIM, MAY_CLAIM, **claim_values(caller, survey_id, over, until, now)
        )

    def end_quarantine(self, key: str, survey_id: str) -> None:
        self._table.update(caller_key(key), "REMOVE quarantine_until", "open_survey = :id", id=survey_id)

    def opt_out(self, key: str, at: datetime) -> None:
        """Also when the carrier repeats a STOP after a START: rather once too often than once less."""
        self._emptied_if_expired(key, at)
        change = "SET opted_out = if_not_exists(opted_out, :at) REMOVE #expiry"
        self._table.update(caller_key(key), change, at=instant(at))

    def opt_in(self, event_id: str, *keys: str, at: datetime) -> None:
        """Under every key of the number, whatever a read showed: one opt-out left standing would outlast the START.

        The texts that asked for it last are remembered: one that the carrier repeats undoes no STOP that came since.
        """
        for key in keys:
            self._emptied_if_expired(key, at)
            starts = [*self.caller(key, strong=True).starts, event_id][-STARTS:]
            values = {"id": event_id, "starts": starts, "expiry": expiry(at)}
            self._table.update(caller_key(key), OPT_IN, MAY_OPT_IN, **values)

    def told_late(self, key: str, at: datetime) -> None:
        self._emptied_if_expired(key, at)
        change, standing = f"SET told_late_at = :at, {KEPT}", "attribute_not_exists(opted_out)"
        self._table.update(caller_key(key), change, standing, at=instant(at), expiry=expiry(at))

    def _emptied_if_expired(self, key: str, now: datetime) -> None:
        """What DynamoDB has yet to delete must not come back with a new `ttl`."""
        self._table.put(caller_key(key), "#expiry <= :now", now=int(now.timestamp()))

    # lines we did not open

    def add_line(self, call_sid: str, survey_id: str, now: datetime) -> None:
        ttl = int(now.timestamp()) + 86_400
        self._table.put({"pk": f"line#{call_sid}", "sk": "line", "survey_id": survey_id, "ttl": ttl})

    def line(self, call_sid: str) -> str | None:
        """The survey taken on that line, "" when there was none to take; None for a line we never saw."""
        item = self._table.get({"pk": f"line#{call_sid}", "sk": "line"})
        return str(item.get("survey_id", "")) if item else None

    # callbacks

    def add_callback(self, row: Callback) -> bool:
        """False when the caller of this call is owed one already."""
        self._register(row.team)
        return self._table.add(callback_item(row))

    def callback(self, callback_id: str) -> Callback | None:
        item = self._table.get(callback_key(callback_id), strong=True)
        return callback_from(item) if item else None

    def save_callback(self, row: Callback, seen: int) -> bool:
        return self._table.put(callback_item(row), UNCHANGED, seen=seen)

    def callbacks(self, team: str, over: bool) -> list[Callback]:
        """A team's rows, due soonest first: those still owed, or those lately over. Without their numbers."""
        name = f"{'over' if over else 'open'}#{team}"
        return [callback_from(row) for row in self._table.query("listed = :l", "lists", l=name)]

    def past_callbacks(self, team: str, now: datetime) -> list[Callback]:
        """Those that were over for so long that their number is gone: thirteen months of them."""
        since = now - timedelta(days=KEEP_DAYS)  # the index does not know what has expired
        found = self._table.query(
            "listed = :l AND listed_at > :t", "lists", l=f"past#{team}", t=instant(since)
        )
        return [row for row in map(callback_from, found) if row.ended_at > since]

    def callbacks_due(self, now: datetime) -> Iterator[str]:
        """The id of every row the clock changes: expired, forgotten, or over for so long that its number must go."""
        for team in self.teams():
            for name, until in ((f"open#{team}", now), (f"over#{team}", now - KEEP)):
                found = self._table.query(
                    "listed = :l AND listed_at <= :t", "lists", l=name, t=instant(until)
                )
                yield from (id_of(item) for item in found if name != f"open#{team}" or _changes(item, now))

    def open_callbacks(self) -> int:
        return sum(self._table.count("listed = :l", "lists", l=f"open#{team}") for team in self.teams())

    def teams(self) -> list[str]:
        """Every team that ever was owed a call."""
        return sorted(item["sk"].partition("#")[2] for item in self._table.query("pk = :p", p="teams"))

    def _register(self, team: str) -> None:
        if team not in self._teams:
            self._table.put({"pk": "teams", "sk": f"team#{team}"})
            self._teams.add(team)

    def reachable(self) -> bool:
        return self._table.reachable()


def _kept(survey: Survey, now: datetime) -> Item:
    return {"ttl": max(expiry(survey.ended_at), int((now + AT_LEAST).timestamp()))}


def _remark(item: Item) -> Remark:
    at, queue = moment(item["listed_at"]), item.get("queue", "")
    return Remark(item["text"], at, item["lang"], queue, item["remark_state"])


def _changes(item: Item, now: datetime) -> bool:
    row = callback_from(item)
    return swept(row, now, now) is not row
