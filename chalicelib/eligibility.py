"""May this call be surveyed, and if not, why: decided once, at call end. The first reason that holds is given."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.advance.clock import BEHIND
from chalicelib.dataclass import dataclass
from chalicelib.events import CallEnded
from chalicelib.numbers import Number
from chalicelib.policy import Policy

# What phone systems write when they show no number.
WITHHELD = {
    "",
    "+",
    "anonymous",
    "restricted",
    "unknown",
    "unavailable",
    "private",
    "withheld",
    "blocked",
    "null",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What we know of the caller, looked up before the decision."""

    key: str | None = None  # keyed hash; None without a number
    opted_out: bool = False
    survey_open: bool = False  # with an answer in it
    takes_over: bool = False  # one is open without an answer: this call inherits its invitation
    quarantine_until: datetime | None = None
    invited_today: int = 0  # of all callers


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the decision rests on."""

    call: CallEnded
    number: Number | None
    standing: Standing
    language: str | None  # None: neither the caller's nor the fallback is live
    policy: Policy
    zone: ZoneInfo
    now: datetime


def reason_not_to_invite(case: Case) -> str | None:
    """None: invite. Else the first of REASONS that holds."""
    return next((reason for reason, holds in REASONS.items() if holds(case)), None)


def channel(call: CallEnded, number: Number, language: str | None, policy: Policy) -> str:
    """By voice to fixed lines, which cannot be texted, where the call says so, and in voice-first languages."""
    if call.on_the_line or number.channel == "voice":
        return "voice"
    rung = language in policy.voice_first and policy.for_queue("outbound_voice", call.queue)
    return call.channel or ("voice" if rung else "sms")


def withheld(caller: str | None) -> bool:
    return (caller or "").strip().lower() in WITHHELD


def sampled(call: CallEnded, rate: float, zone: ZoneInfo) -> bool:
    """By hash of the call in its week, so that raising the rate keeps everyone already chosen."""
    year, week, _ = call.ended_at.astimezone(zone).isocalendar()
    digest = hashlib.sha256(f"{year}-W{week:02}:{call.call_id}".encode()).hexdigest()
    return bool(int(digest[:8], 16) / 2**32 < rate)


def language_for(call: CallEnded, last: str | None, policy: Policy) -> tuple[str | None, str]:
    """The survey's language and where it came from; None when not even the fallback is live."""
    chain = (
        (call.language, "call"),
        (last, "last"),
        (policy.queue_languages.get(call.queue), "queue"),
        (policy.default_language, "default"),
    )
    return next(((code, source) for code, source in chain if code in policy.languages), (None, "default"))


def _unsupported(case: Case) -> bool:
    """A premium number, a country we do not text, a fixed line where we do not ring."""
    number, call, policy = case.number, case.call, case.policy
    if number is None:
        return False
    if policy.countries and number.region not in policy.countries:
        return True
    if call.on_the_line:
        return False
    silent_line = channel(call, number, case.language, policy) == "voice" and not policy.for_queue(
        "outbound_voice", call.queue
    )
    return number.channel is None or silent_line


def _quarantined(case: Case) -> bool:
    until = case.standing.quarantine_until
    return not case.standing.takes_over and until is not None and case.now < until


def _too_short(case: Case) -> bool:
    """A talk time nobody told us is long enough."""
    return case.call.talk is not None and case.call.talk < timedelta(seconds=case.policy.min_talk_seconds)


def _in_trial(case: Case) -> bool:
    return case.policy.mode == "trial" and case.standing.key not in case.policy.allow_list


def _not_sampled(case: Case) -> bool:
    rate = case.policy.sampling_rate(case.call.queue, case.language or "")
    return not case.standing.takes_over and not sampled(case.call, rate, case.zone)


REASONS: Mapping[str, Callable[[Case], bool]] = {
    "test": lambda case: case.call.test,
    "outbound": lambda case: case.call.direction != "inbound",
    "unanswered": lambda case: not case.call.answered,
    "excluded": lambda case: case.call.survey == "never" or case.call.queue in case.policy.excluded_queues,
    "too_short": _too_short,
    "no_number": lambda case: withheld(case.call.caller),
    "invalid_number": lambda case: case.number is None,
    "unsupported_number": _unsupported,
    "opted_out": lambda case: case.standing.opted_out,
    "survey_open": lambda case: case.standing.survey_open,
    "quarantined": _quarantined,
    "language_not_live": lambda case: case.language is None,
    "too_late": lambda case: case.now - case.call.ended_at > BEHIND,
    "killed": lambda case: case.policy.killed_for(case.call.queue, case.language or ""),
    "trial": _in_trial,
    "not_sampled": _not_sampled,
    "ceiling": lambda case: (
        not case.standing.takes_over and case.standing.invited_today >= case.policy.max_per_day
    ),
}
