"""What the leads make of a callback they owe."""

from datetime import timedelta
from random import Random

from infra.local.demo.moves import AT_ONCE, Move, Moves, drawn

LEADS = ("Anna", "Yusuf", "Maria")
NEXT_DAY, LATER = timedelta(hours=20), timedelta(hours=4)
NOT_YET = timedelta(days=7)  # when the story is over
ENDS = (
    ("resolved", 0.52), ("missed_first", 0.18), ("escalated", 0.07), ("wrong_number", 0.04), ("refused", 0.03),
    ("forgotten", 0.16),
)  # fmt: skip


def call_back(dice: Random, rung_back: bool) -> Moves:
    """From the next working day on. Without `rung_back` there was time for one attempt at the most."""
    lead, end = dice.choice(LEADS), drawn(dice, ENDS)
    if not rung_back:
        attempt = _acts(lead, NEXT_DAY, "claim", "attempt no_answer") if end == "missed_first" else ()
        return attempt + _acts(lead, NOT_YET, "claim", "reach", "resolve")
    match end:
        case "resolved":
            return _acts(lead, NEXT_DAY, "claim", "reach", "resolve")
        case "missed_first":
            missed = _acts(lead, NEXT_DAY, "claim", "attempt no_answer")
            return missed + _acts(lead, LATER, "claim", "reach", "resolve")
        case "escalated":
            return _acts(lead, NEXT_DAY, "claim", "reach", "escalate")
        case "wrong_number":
            return _acts(lead, NEXT_DAY, "claim", "attempt wrong_number")
        case "refused":
            return _acts(lead, NEXT_DAY, "claim", "do-not-call")
    return ()


def _acts(lead: str, after: timedelta, *verbs: str) -> Moves:
    return tuple(Move(AT_ONCE if n else after, "desk", f"{lead} {verb}") for n, verb in enumerate(verbs))
