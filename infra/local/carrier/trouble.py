"""`/_carrier/faults`: saying what is to go wrong, seeing what has, and clearing it."""

from flask import Blueprint, abort, request

from .centre import Json
from .faults import LEGS, POSSIBLE, BadRule
from .here import carrier

api = Blueprint("trouble", __name__, url_prefix="/_carrier")


@api.get("/faults")
def listed() -> Json:
    possible = {leg: {"what": what, "do": sorted(POSSIBLE[leg])} for leg, what in LEGS.items()}
    return {"faults": carrier().faults.listed(), "possible": possible}


@api.post("/faults")
def add() -> tuple[Json, int]:
    """One rule, or a list of them: `{"on": "reply", "do": "drop", "one_in": 10, "seed": 1}`."""
    wanted = request.get_json()
    try:
        for rule in wanted if isinstance(wanted, list) else [wanted]:
            carrier().faults.add(rule)
    except BadRule as error:
        abort(422, str(error))
    return {"faults": carrier().faults.listed()}, 201


@api.delete("/faults")
def clear() -> tuple[str, int]:
    carrier().faults.clear()
    return "", 204
