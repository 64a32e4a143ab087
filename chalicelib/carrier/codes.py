"""Twilio's words for what happened, as ours. Codes: twilio.com/docs/api/errors, causes and solutions of each."""

from collections.abc import Mapping

from chalicelib.events import Outcome

_BY_CODE = {
    Outcome.OPTED_OUT: (21610,),
    Outcome.LANDLINE: (21614, 30006),
    Outcome.NEVER: (
        20404,
        21201,
        21211,
        21214,
        21216,
        21217,
        21265,
        21401,
        21421,
        21612,
        21635,
        30004,
        30005,
        30011,
    ),
    Outcome.ONCE_MORE: (30003, 30008, 30009, 30017),
    Outcome.WAIT: (14107, 20429, 21611, 30001, 30022, 30027),
    Outcome.STOPPED: (
        *(20003, 20005, 20008, 21212, 21215, 21219, 21408, 21606, 21608, 21659, 21660, 21661, 21703),
        *(30002, 30007, 30010, 30024, 30032, 30034, 30035, 63038),
    ),
}
OUTCOMES: Mapping[int, Outcome] = {code: outcome for outcome, codes in _BY_CODE.items() for code in codes}

_CALLS = {
    "completed": Outcome.ENDED,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "canceled": Outcome.NO_ANSWER,
    "failed": Outcome.ONCE_MORE,
}


def of_error(code: int | None, status: int) -> Outcome:
    """What a refused request means. A 5xx may have happened; a 4xx we do not know did not, and will not."""
    if (outcome := OUTCOMES.get(code or 0)) is not None:
        return outcome
    if status == 429:
        return Outcome.WAIT
    if status in (401, 403):
        return Outcome.STOPPED
    return Outcome.UNKNOWN if status >= 500 else Outcome.NEVER


def of_message(status: str, code: int | None) -> Outcome | None:
    """What a message's status says; None for one that is only on its way."""
    if status in ("delivered", "read", "partially_delivered"):
        return Outcome.DELIVERED
    if status in ("undelivered", "failed", "canceled"):
        return OUTCOMES.get(code or 0, Outcome.ONCE_MORE)
    return None


def of_call(form: Mapping[str, str]) -> Outcome | None:
    """What a call's status callback says; None while it is under way. A machine is one though "completed"."""
    if is_machine(form.get("AnsweredBy", "")):
        return Outcome.MACHINE
    return _CALLS.get(form.get("CallStatus", ""))


def is_machine(answered_by: str) -> bool:
    """ "unknown" counts as a person: talking to a machine is a pity, hanging up on a person a wrong."""
    return answered_by.startswith("machine") or answered_by == "fax"
