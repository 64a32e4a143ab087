"""Callers with a landline: rung up, they answer or not, and press keys."""

from random import Random

from infra.local.demo import desk
from infra.local.demo.moves import AT_ONCE, SOON, Move, Moves, drawn
from infra.local.demo.people import Caller, spoken

MANNERS = (
    ("plain", 0.42), ("hesitant", 0.06), ("hangs_up", 0.09), ("somebody_else", 0.05), ("enough", 0.03),
    ("machine", 0.22), ("busy", 0.13),
)  # fmt: skip


def on_a_landline(dice: Random, caller: Caller, unheard: bool) -> Moves:
    """`unheard`: a phone may also ring in an empty flat, which takes its time even here."""
    manner, keys = drawn(dice, MANNERS), spoken(caller.opinion)
    if manner == "busy" and not caller.rung_back:
        manner = "machine"  # to be rung again takes longer than what is left
    match manner:
        case "machine" | "busy":
            return (Move(AT_ONCE, "be", "no_answer" if manner == "busy" and unheard else manner),)
        case "somebody_else":
            return (Move(SOON, "pick_up", "2"),)
        case "enough":
            return (Move(SOON, "pick_up", "10"),)
        case "hangs_up":
            return (Move(SOON, "pick_up", keys[: dice.choice((0, 2, 3))]),)
        case "hesitant":
            keys = f"{keys[:1]}97{keys[1:]}"  # once more, please; then a key that means nothing
    return _through(dice, caller, keys)


def _through(dice: Random, caller: Caller, keys: str) -> Moves:
    """All three questions, and the callback where the call did not help."""
    if caller.opinion["resolved"] != "no" or caller.promised:
        owed = caller.opinion["resolved"] == "no"
        return (Move(SOON, "pick_up", keys), *(desk.call_back(dice, caller.rung_back) if owed else ()))
    if dice.random() >= caller.consents:
        return (Move(SOON, "pick_up", f"{keys}2"),)
    return (Move(SOON, "pick_up", f"{keys}1"), *desk.call_back(dice, caller.rung_back))
