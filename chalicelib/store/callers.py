"""A caller's standing: opt-out, quarantine, the pointer to the open survey. Found by keyed hash, never by number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.store.records import instant, moment

KEEP = 12  # newest surveys remembered, for erasure and disclosure


@dataclass(frozen=True, slots=True)
class Caller:
    """What is kept of a phone number between calls."""

    key: str
    open_survey: str | None = None
    quarantine_until: datetime | None = None
    opted_out: bool = False
    surveys: tuple[
        str, ...
    ] = ()  # newest last: only that one can be owed a call, which expires long before the next
    told_late_at: datetime | None = None

    @staticmethod
    def read(key: str, item: dict[str, Any] | None) -> "Caller":
        if item is None:
            return Caller(key)
        instants = {name: moment(item[name]) for name in ("quarantine_until", "told_late_at") if name in item}
        return Caller(
            key,
            open_survey=item.get("open_survey"),
            opted_out="opted_out" in item,
            surveys=tuple(item.get("surveys", ())),
            **instants,
        )


CLAIM = "SET open_survey = :id, quarantine_until = :until, surveys = :surveys"
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
    }
