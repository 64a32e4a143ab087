"""Records as the JSON of the API: what a reader may see of them, and nothing else."""

import base64
import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.callbacks import Callback
from chalicelib.errors import BadRequest
from chalicelib.script import QUESTIONS, Value
from chalicelib.survey import Attempt, Stage, Survey

Shape = dict[str, Any]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what follows


def call(survey: Survey) -> Shape:
    """The ledger of one call: was it surveyed, why not, and how did it go."""
    invited = survey.stage is not Stage.NOT_INVITED
    return {
        "call_id": survey.call_id,
        "day": survey.local_day.isoformat(),
        "decision": "invited" if invited else "not_invited",
        "reason": None if invited else survey.reason,
        "survey_id": survey.id if invited else None,
        "team": survey.team,
        "queue": survey.queue,
        "chain": list(survey.chain),
        "channel": survey.channel or None,
        "language": survey.language or None,
        "language_from": survey.language_from or None,
        "wave": survey.wording or None,
        "disposition": _disposition(survey) if invited else None,
        "not_sent": survey.reason if invited else None,
        "delivered": survey.delivered,
        "answers": answers(survey.answers),
        "consent": survey.consent or None,
        "remarks": survey.remarks,
        "attempts": [attempt(each) for each in survey.attempts],
        "superseded_by": survey.superseded_by,
    }


def response(survey: Survey) -> Shape:
    """The answers of one survey, without anything that leads to the person or the agent."""
    kept = (
        "survey_id",
        "call_id",
        "day",
        "team",
        "queue",
        "channel",
        "language",
        "wave",
        "disposition",
        "answers",
    )
    shape = call(survey)
    return {name: shape[name] for name in kept}


def answers(given: Mapping[str, Value]) -> dict[str, str | None]:
    shown = (Value.YES, Value.NO, Value.SKIPPED)
    return {
        question: given[question].value if given.get(question) in shown else None for question in QUESTIONS
    }


def attempt(each: Attempt) -> Shape:
    return {
        "attempt": each.n,
        "kind": each.kind,
        "channel": "voice" if each.voice else "sms",
        "at": each.at.isoformat(),
        "status": each.outcome.value if each.outcome else "sent",
    }


def callback(row: Callback, number: str | None = None) -> Shape:
    """A call owed. The number is there for whoever holds the row, and for nobody else."""
    given = {question: Value(value) for question, value in row.answers.items()}
    return {
        "id": row.id,
        "call_id": row.call_id,
        "state": row.state.value,
        "due_at": row.due_at.isoformat(),
        "team": row.team,
        "queue": row.queue,
        "language": row.language,
        "attempts": row.attempts,
        "owner": row.owner,
        "held_until": row.lease_until.isoformat() if row.lease_until else None,
        "answers": answers(given),
        **({"number": number} if number else {}),
    }


def survey_disclosed(survey: Survey, remarks: Iterable[Shape], called_back: Shape | None) -> Shape:
    """A survey as its own caller may ask for it: all that is kept, but for the agent, who is somebody else."""
    sids = {each.n: each.sid for each in survey.attempts}
    told = {
        "ended_at": survey.ended_at.isoformat(),
        "state": survey.stage.value,
        "number_kept": survey.sealed is not None,
        "due_at": instant(survey.due_at),
        "closes_at": instant(survey.closes_at),
        "consent_at": instant(survey.consent_at),
        "promised": survey.promised.isoformat() if survey.promised else None,
        "callback_consent": survey.callback_consent,
        "replied": survey.replied,
        "texts": survey.texts,
        "remarks": list(remarks),
        "callback": called_back,
    }
    shown = call(survey) | told
    shown["attempts"] = [line | {"carrier_id": sids[line["attempt"]]} for line in shown["attempts"]]
    return {name: value for name, value in shown.items() if name not in ("decision", "reason")}


def callback_disclosed(row: Callback, number: str | None) -> Shape:
    """A call owed, as the person it is owed to may ask for it. No owner; `number` says which, and not what it is."""
    kept = ("state", "due_at", "team", "queue", "language", "attempts", "answers")
    shown = callback(row)
    told = {
        "number": number,
        "consent_at": instant(row.consent_at),
        "consent_wave": row.consent_wording or None,
        "expires_at": row.expires_at.isoformat(),
        "finished_at": instant(row.finished_at),
        "texts": list(row.texts),
    }
    return {name: shown[name] for name in kept} | told


def instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def cursor(*parts: str) -> str:
    """Where a list goes on. Opaque to the client."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def after(cursor_text: str | None, parts: int) -> list[str] | None:
    """The parts of a cursor we gave out. Raises BadRequest for anything else."""
    if cursor_text is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor_text + "=" * (-len(cursor_text) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadRequest("cursor", "is not one of ours") from error
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(part, str) for part in found):
        raise BadRequest("cursor", "is not one of ours")
    return found


def as_csv(rows: Iterable[Shape]) -> str:
    """One line a response, the answers in columns of their own; a cell that looks like a formula is defused."""
    flat = [{**row, **row["answers"]} for row in rows]
    columns = [
        "survey_id",
        "call_id",
        "day",
        "team",
        "queue",
        "channel",
        "language",
        "wave",
        "disposition",
        *QUESTIONS,
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_defused(row[column]) for column in columns] for row in flat)
    return text.getvalue()


def _defused(value: object) -> str:
    cell = "" if value is None else str(value)
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _disposition(survey: Survey) -> str:
    if survey.reason:
        return "not_sent"
    return survey.disposition.value if survey.disposition else "open"
