"""A person's two wishes: to be told what is kept of their number, and to be forgotten.

The number is hashed, compared and passed to the carrier; it is neither stored, nor logged, nor part of an answer. Who
asked is noted, under a reference.
"""

import time
from collections.abc import Iterator
from datetime import UTC, timedelta
from secrets import choice
from string import ascii_lowercase

from chalicelib import shapes
from chalicelib.dataclass import dataclass
from chalicelib.errors import BadRequest, CarrierError, Conflict
from chalicelib.numbers import masked, parse
from chalicelib.ports import Office
from chalicelib.shapes import Shape
from chalicelib.store import Erased, KeepsChanging
from chalicelib.store.callers import KEEP
from chalicelib.store.records import KEEP_DAYS
from chalicelib.store.table import REMARK_DAYS
from chalicelib.survey import Survey

PITR_DAYS = 35  # of the table: infra/records.json
CARRIER_BACKUP_DAYS = 30  # Twilio, "Data Deletion": up to 30 days until a deletion has reached its backups
EVER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Privacy:
    """For whoever may: the API checks that."""

    office: Office

    def erase(self, number: str, who: str, within: timedelta = EVER) -> Shape:
        """Forget an E.164 number; the answer is the proof. `within` is the carrier's time, not the table's.

        Raises Conflict when the caller is answering right now. Repeating it is safe, and says that nothing was left.
        """
        office, now, reference = self.office, self.office.now(), _reference()
        keys, erasure = office.vault.hashes(number), office.store.erasure
        there, surveys = self.left_of(number), erasure.surveys_of(*keys)
        # before anything goes: a backup that is brought back must leave these out, should we die on the way
        erasure.note("erasures", reference, who, now, surveys=list(surveys))
        try:
            erased = sum((erasure.forget(key, now) for key in keys), Erased())
        except KeepsChanging as error:
            raise Conflict("this caller is answering right now: try again in a minute") from error
        counts = {"callbacks": erased.callbacks, "remarks": erased.remarks}
        erasure.note("erasures", reference, who, now, surveys=list(erased.surveys), **counts)
        deleted, kept = self._from_carrier(number, time.monotonic() + within.total_seconds())
        left = self.left_of(number) + [
            part for survey_id in erased.surveys for part in erasure.left_with(survey_id)
        ]
        return {
            "reference": reference,
            "erased_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "by": who,
            "nothing_was_kept": not (there or erased.surveys or deleted) and kept == 0,
            "surveys_unlinked": len(erased.surveys),
            "surveys_ended": erased.ended,
            "remarks_deleted": erased.remarks,
            "callbacks_deleted": erased.callbacks,
            "opt_out_kept": erased.opted_out,
            "carrier_records_deleted": deleted,
            "carrier_records_not_deleted": kept,
            "read_again_and_gone": not left and kept == 0,
            "lives_on": list(self._lives_on(erased, kept, office.on_trial_list(keys))),
        }

    def left_of(self, number: str) -> list[str]:
        """What is kept of a number besides an opt-out, by its names."""
        keys = self.office.vault.hashes(number)
        return sorted({part for key in keys for part in self.office.store.erasure.left_of(key)})

    def disclose(self, number: str, who: str) -> Shape:
        """Everything that is kept of an E.164 number, for the person it belongs to."""
        office, now, reference = self.office, self.office.now(), _reference()
        keys = office.vault.hashes(number)
        caller, ids = office.store.caller(*keys, strong=True), office.store.erasure.surveys_of(*keys)
        surveys = [survey for survey in (office.store.survey(each, strong=True) for each in ids) if survey]
        on_list = office.on_trial_list(keys)
        office.store.erasure.note("disclosures", reference, who, now, surveys=list(ids))
        return {
            "reference": reference,
            "read_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "by": who,
            "nothing_is_kept": not (
                surveys or on_list or caller.opted_out or caller.starts or caller.told_late_at
            ),
            "opted_out_at": shapes.instant(caller.opted_out_at),
            "opt_ins": len(caller.starts),
            "quarantine_until": shapes.instant(caller.quarantine_until),
            "told_late_at": shapes.instant(caller.told_late_at),
            "on_trial_list": on_list,
            "surveys": [self._survey(survey, number) for survey in surveys],
            "elsewhere": list(self._elsewhere()),
        }

    def _survey(self, survey: Survey, number: str) -> Shape:
        store, row = self.office.store, self.office.store.callback(survey.id)
        rings = self.office.vault.open(row.sealed, row.id) if row and row.sealed else None
        shown = None if rings is None else "this number" if rings == number else masked(rings)
        callback = shapes.callback_disclosed(row, shown) if row else None
        wrote = store.remarks_of(survey.id)
        remarks = [{"text": each.text, "at": each.at.isoformat(), "state": each.state} for each in wrote]
        return shapes.survey_disclosed(survey, remarks, callback)

    def _from_carrier(self, number: str, until: float) -> tuple[int, int | None]:
        """How many of its records are deleted and how many are not; None when it cannot be asked."""
        try:
            records = self.office.carrier.records(number)
        except CarrierError:
            return 0, None
        deleted = sum(time.monotonic() < until and self.office.carrier.delete(record) for record in records)
        return deleted, len(records) - deleted

    def _elsewhere(self) -> Iterator[Shape]:
        """Where there may be more, which cannot be told from here."""
        yield _place("the contact centre's own record of each call, under its call_id: ask there")
        yield _place("exports and mails that were made before: with whoever holds them")
        if not self.office.settings.local:
            yield _place("point-in-time copies of the table", PITR_DAYS)
        if self.office.settings.carrier_url is None:
            yield _place(
                "the carrier: texts and calls in clear, for as long as its account is set to keep them"
            )

    def _lives_on(self, erased: Erased, kept: int | None, on_list: bool) -> Iterator[Shape]:
        """What erasing here does not reach, and for how long."""
        if erased.surveys:
            yield _place(
                "the answers, counted without a person; their record keeps the contact centre's own call id:"
                " erase the call there, too",
                KEEP_DAYS,
            )
        yield _place("exports and mails made before today: whoever holds them must erase them")
        if not self.office.settings.local:
            yield _place(
                "point-in-time copies of the table; a restore leaves out what is noted as erased", PITR_DAYS
            )
        if self.office.settings.carrier_url is None:
            yield _place("the carrier's own backups, after its records were deleted", CARRIER_BACKUP_DAYS)
        if len(erased.surveys) >= KEEP:
            yield _place(f"remarks with surveys before the newest {KEEP}, which lead to nobody", REMARK_DAYS)
        if kept is None:
            yield _place("the carrier's records of our texts and calls: it could not be asked; erase again")
        elif kept:
            yield _place(f"{kept} of the carrier's records, under way or not reached in time: erase again")
        if erased.opted_out:
            yield _place("the opt-out, as a keyed hash: the number cannot be read from it")
        if on_list:
            yield _place("the trial's allow-list, as a keyed hash: take it off in the settings")


def number_in(query: object, body: object) -> str:
    """The E.164 number of a request. Raises BadRequest, which does not repeat what was sent."""
    if query:
        raise BadRequest("number", "belongs in the body, and in no address")
    written = body.get("number") if isinstance(body, dict) else None
    number = parse(written.strip()) if isinstance(written, str) else None
    if number is None:
        raise BadRequest("number", "must be a phone number with its country's code, such as +46701740605")
    return number.e164


def _reference() -> str:
    """Letters only: a log takes a row of digits for a telephone number."""
    return "".join(choice(ascii_lowercase) for _ in range(8))


def _place(what: str, days: int | None = None) -> Shape:
    return {"what": what, "days": days}
