"""How a survey and a callback lie in the table: short names, no text that is known elsewhere, under a kilobyte.

    {"pk": "survey#k3v…", "sk": "survey", "call_id": "c-81f2", "stage": "asking", "asked": "service",
     "attempts": ["invite,s,2026-11-21T09:03:41Z,,"], "due_shard": "due#3", "due_at": "2026-11-21T13:03:41Z",
     "in_hour": "2026-11-21/261121T09", "outcome": "north␟permits␟sv␟sms␟9c1f…␟open␟---␟", "version": 2}

An attribute that is empty is left out. Every instant is UTC to the second.
"""

import zlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.callbacks import Callback, State
from chalicelib.events import Outcome
from chalicelib.rates import Ending
from chalicelib.script import QUESTIONS, Value
from chalicelib.survey import Attempt, Disposition, Stage, Survey

Item = dict[str, Any]
SHARDS = 8  # of the `due` index: one partition of it takes 1,000 index writes a second
KEEP_DAYS = 400  # thirteen months: answers, the ledger of calls, and the way to them from a number

_INSTANTS = {
    "ended_at",
    "planned_at",
    "asked_at",
    "consent_at",
    "closes_at",
    "due_at",
    "expires_at",
    "lease_until",
    "finished_at",
}
_SHORT = {
    "callback_consent": "agreed",
    "local_day": "on_day",
    "language": "lang",
    "language_from": "lang_from",
}
_ENUMS: Mapping[str, Any] = {"stage": Stage, "disposition": Disposition, "state": State}


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def expiry(since: datetime) -> int:
    """The `ttl` of what is kept for thirteen months."""
    return int(since.timestamp()) + KEEP_DAYS * 86_400


def survey_key(survey_id: str) -> Item:
    return {"pk": f"survey#{survey_id}", "sk": "survey"}


def callback_key(callback_id: str) -> Item:
    return {"pk": f"callback#{callback_id}", "sk": "callback"}


def caller_key(key: str) -> Item:
    return {"pk": f"caller#{key}", "sk": "caller"}


def id_of(item: Item) -> str:
    """What stands after the kind in its key."""
    return str(item["pk"]).partition("#")[2]


def hour_of(survey: Survey) -> str:
    """The bucket a call is counted in."""
    return bucket(survey.local_day, survey.ended_at)


def bucket(local_day: date, at: datetime) -> str:
    """A local day, and an hour of it in UTC, which no clock change repeats. Sorts as time passes."""
    return f"{local_day.isoformat()}/{at.astimezone(UTC):%y%m%dT%H}"


def ending(survey: Survey) -> Ending:
    """The call's line in the count. A survey under way is "open" and no more until its result is fixed."""
    dimensions = (survey.team, survey.queue, survey.language, survey.channel, survey.wording)
    if survey.stage is Stage.NOT_INVITED:
        return Ending(survey.team, survey.queue, survey.language, "", "", f"not_invited:{survey.reason}")
    if survey.reason:
        return Ending(*dimensions, f"not_sent:{survey.reason}")
    if survey.disposition is None:
        return Ending(*dimensions, "open")
    letters = "".join(
        survey.answers[question][0] if question in survey.answers else "-" for question in QUESTIONS
    )
    started = bool({"y", "n", "s"} & set(letters)) or survey.disposition in (
        Disposition.REFUSED,
        Disposition.BREAK_OFF,
    )
    return Ending(*dimensions, survey.disposition.value, letters, survey.delivered or started, started)


def survey_item(survey: Survey) -> Item:
    item = _plain(survey) | survey_key(survey.id)
    item["answers"] = ",".join(f"{question[0]}{value[0]}" for question, value in survey.answers.items())
    item["attempts"] = [_attempt(attempt) for attempt in survey.attempts]
    item["chain"] = list(survey.chain)
    item["seen"] = [f"{event} {codes}" for event, codes in survey.seen]
    item["in_hour"] = hour_of(survey)
    item["outcome"] = ending(survey).encode()
    item["ttl"] = expiry(survey.ended_at)
    return _listed_when_due(item, survey.id)


def survey_from(item: Item) -> Survey:
    values = _fields(Survey, item)
    given = [part for part in str(item.get("answers", "")).split(",") if part]
    values["answers"] = {_question(part[0]): _value(part[1]) for part in given}
    values["attempts"] = tuple(_attempt_from(n, text) for n, text in enumerate(item.get("attempts", []), 1))
    values["chain"] = tuple(item.get("chain", ()))
    values["seen"] = tuple(tuple(text.split(" ", 1)) for text in item.get("seen", []))
    return Survey(id=item["pk"].partition("#")[2], **values)


def callback_item(row: Callback) -> Item:
    item = _plain(row) | callback_key(row.id)
    item["given"] = ",".join(f"{question}:{value}" for question, value in row.answers.items())
    item["cb_state"], item["tries"], item["holder"] = row.state.value, row.attempts, row.owner
    item["texts"] = list(row.texts)
    for name in ("state", "attempts", "owner", "answers"):
        item.pop(name, None)
    if row.finished_at:
        item["listed"] = f"{'over' if row.sealed else 'past'}#{row.team}"
        item["listed_at"] = instant(row.finished_at)
        item["ttl"] = expiry(row.ended_at)  # before the caller's record goes, which alone leads here
    else:
        item["listed"], item["listed_at"] = f"open#{row.team}", instant(row.due_at)
    return {name: value for name, value in item.items() if value not in (None, "", [])}


def callback_from(item: Item) -> Callback:
    """From the record, or from the index's projection of it."""
    renamed = {"state": item["cb_state"], "attempts": item["tries"], "owner": item.get("holder")}
    values = _fields(Callback, {**item, **renamed, "due_at": item.get("due_at", item["listed_at"])})
    pairs = (pair.split(":") for pair in str(item.get("given", "")).split(",") if pair)
    values["answers"] = dict(pairs)
    values["texts"] = tuple(item.get("texts", ()))
    values.setdefault("expires_at", values["due_at"])
    return Callback(id=item["pk"].partition("#")[2], **values)


def _listed_when_due(item: Item, record_id: str) -> Item:
    if item.get("due_at"):
        item["due_shard"] = f"due#{zlib.crc32(record_id.encode()) % SHARDS}"
    return {name: value for name, value in item.items() if value not in (None, "", [])}


def _plain(record: Survey | Callback) -> Item:
    """Fields as the table takes them; empty ones left out, nested ones left to the caller."""
    item: Item = {}
    for entry in fields(record):
        value = getattr(record, entry.name)
        usual = value == entry.default and entry.name != "version"
        if entry.name == "id" or usual or value is None or isinstance(value, Mapping):
            continue
        if isinstance(value, datetime):
            value = instant(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = ",".join(value) if all(isinstance(part, str) for part in value) else None
        item[_SHORT.get(entry.name, entry.name)] = value
    return item


def _fields(kind: type[Survey] | type[Callback], item: Item) -> dict[str, Any]:
    """The arguments `kind` is made from; what is absent keeps its default."""
    values: dict[str, Any] = {}
    for entry in fields(kind):
        name = _SHORT.get(entry.name, entry.name)
        if entry.name == "id" or name not in item or item[name] is None:
            continue
        values[entry.name] = _read(entry.name, item[name])
    return values


def _read(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return moment(value)
    if name in ("local_day", "promised"):
        return date.fromisoformat(value)
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in ("asked", "undone", "offers"):
        return tuple(value.split(","))
    if name == "sealed":
        return bytes(value)
    return value if isinstance(value, str | bool | bytes | list) else int(value)


def _attempt(attempt: Attempt) -> str:
    """`"invite,s,2026-11-21T09:03:41Z,delivered,SM…,1"`; trailing empty parts are cut."""
    outcome = attempt.outcome.value if attempt.outcome else ""
    looks = str(attempt.looks) if attempt.looks else ""
    kind = "v" if attempt.voice else "s"
    return ",".join((attempt.kind, kind, instant(attempt.at), outcome, attempt.sid or "", looks)).rstrip(",")


def _attempt_from(n: int, text: str) -> Attempt:
    kind, channel, at, outcome, sid, looks = (text + ",,,").split(",")[:6]
    known = Outcome(outcome) if outcome else None
    return Attempt(n, kind, channel == "v", moment(at), known, sid or None, int(looks or 0))


def _question(letter: str) -> str:
    return next(question for question in QUESTIONS if question[0] == letter)


def _value(letter: str) -> Value:
    return next(value for value in Value if value.value[0] == letter)
